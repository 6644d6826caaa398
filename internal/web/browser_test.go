package web_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"causeway/internal/locale"
	"causeway/internal/web"

	"github.com/chromedp/chromedp"
)

// browser starts headless Chromium, or says why it cannot.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		if os.Getenv("CI") == "true" {
			t.Fatal("Chromium is not installed; with CI=true that is a failure")
		}
		t.Skip("Chromium is not installed: pages are not tried in a browser")
	}
	profile, err := os.MkdirTemp("", "causeway-browser-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for range 20 { // the browser may still be writing while it goes
			if os.RemoveAll(profile) == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	})
	alloc, stop := chromedp.NewExecAllocator(context.Background(),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true))
	t.Cleanup(stop)
	ctx, close := chromedp.NewContext(alloc)
	t.Cleanup(close)
	if _, err := chromedp.Run(ctx, chromedp.Evaluate[int]("1")); err != nil {
		t.Fatalf("start Chromium: %v", err)
	}
	return ctx
}

// gallery serves every preview below /<language>/<name>.
func gallery(t *testing.T) *httptest.Server {
	t.Helper()
	r, assets := newRenderer(t)
	mux := http.NewServeMux()
	mux.Handle("/static/", assets)
	for _, l := range locale.Languages() {
		for _, p := range all(newScene(t, l.Code())) {
			mux.HandleFunc("GET /"+l.Code()+"/"+p.name, func(w http.ResponseWriter, req *http.Request) {
				if err := r.Write(w, req, l, http.StatusOK, p.view); err != nil {
					t.Errorf("write %s: %v", p.name, err)
				}
			})
		}
	}
	mux.HandleFunc("GET /favicon.ico", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) })
	srv := httptest.NewServer(web.SecurityHeaders(false, mux))
	t.Cleanup(srv.Close)
	return srv
}

// axe returns the source of axe-core, or "" when it is not installed.
func axe(t *testing.T) string {
	t.Helper()
	for _, p := range []string{os.Getenv("CAUSEWAY_AXE"), "../../.tools/node_modules/axe-core/axe.min.js"} {
		if p == "" {
			continue
		}
		if b, err := os.ReadFile(p); err == nil {
			return string(b)
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("axe-core is not installed; with CI=true that is a failure")
	}
	t.Log("axe-core is not installed: accessibility is not checked (npm install axe-core, or set CAUSEWAY_AXE)")
	return ""
}

// measures of a page, taken inside it.
const probe = `(() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const guilty = wide > 0 ? [...document.querySelectorAll("body *")].filter(e => { const r = e.getBoundingClientRect(); return r.width && (r.right > innerWidth + 1 || r.left < -1) && !e.closest(".views,.quiet,.skip,thead"); }).slice(0, 4).map(e => e.tagName + "." + e.className) : [];
  const small = [...document.querySelectorAll("a, button, summary, input:not([type=hidden]), select")].filter(e => { if (e.closest(".skip,.quiet,.hint,[hidden]") || e.matches(".skip,.quiet") || !e.checkVisibility()) return false; const r = e.getBoundingClientRect(); return r.height < 24 || r.width < 24; }).slice(0, 5).map(e => e.tagName + " " + e.textContent.trim().slice(0, 30) + " " + Math.round(e.getBoundingClientRect().height));
  return JSON.stringify({ wide, guilty, small });
})()`

type measures struct {
	Wide   int
	Guilty []string
	Small  []string
}

// TestPagesInABrowser opens every page in English and Arabic on a phone and a
// desk: nothing overflows, no target is tiny, and axe-core finds nothing.
// CAUSEWAY_SHOTS names a folder for pictures of all of them.
func TestPagesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("the browser takes a while")
	}
	srv, source := gallery(t), axe(t)
	ctx := browser(t)
	shots := os.Getenv("CAUSEWAY_SHOTS")
	only := os.Getenv("CAUSEWAY_SHOTS_ONLY")
	for _, lang := range []string{"en", "ar"} {
		for _, width := range []int64{360, 1280} {
			for _, p := range all(newScene(t, lang)) {
				if only != "" && !strings.Contains(","+only+",", ","+p.name+",") {
					continue
				}
				name := fmt.Sprintf("%s-%s-%d", p.name, lang, width)
				t.Run(name, func(t *testing.T) {
					visit(t, ctx, srv.URL+"/"+lang+"/"+p.name, width, source)
					if shots != "" {
						shoot(t, ctx, width, filepath.Join(shots, name+".png"))
					}
				})
			}
		}
	}
}

func visit(t *testing.T, ctx context.Context, url string, width int64, axeSource string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800), chromedp.Navigate(url)); err != nil {
		t.Fatalf("open: %v", err)
	}
	out, err := chromedp.Run(ctx, chromedp.Evaluate[string](probe))
	if err != nil {
		t.Fatalf("measure: %v", err)
	}
	var m measures
	if err := json.Unmarshal([]byte(out), &m); err != nil {
		t.Fatalf("measure: %v", err)
	}
	if m.Wide > 0 {
		t.Errorf("page is %d px too wide: %v", m.Wide, m.Guilty)
	}
	if len(m.Small) > 0 {
		t.Errorf("targets under 24 px: %v", m.Small)
	}
	if axeSource == "" {
		return
	}
	script := axeSource + `;axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]}).then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 140)).join(" | "))))`
	found, err := chromedp.Run(ctx, chromedp.Evaluate[string](script, chromedp.EvalAwaitPromise))
	if err != nil {
		t.Fatalf("axe: %v", err)
	}
	var violations []string
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatalf("axe: %v", err)
	}
	for _, v := range violations {
		t.Error(v)
	}
}

// shoot takes a picture of the whole page. The window is made as high as the
// page, because a full screenshot of a right-to-left page comes out cut.
func shoot(t *testing.T, ctx context.Context, width int64, path string) {
	t.Helper()
	high, err := chromedp.Run(ctx, chromedp.Evaluate[int64]("document.documentElement.scrollHeight"))
	if err != nil {
		t.Fatalf("measure: %v", err)
	}
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, min(max(high, 640), 6000))); err != nil {
		t.Fatalf("resize: %v", err)
	}
	png, err := chromedp.Run(ctx, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatalf("picture: %v", err)
	}
	if err := os.WriteFile(path, png, 0o600); err != nil {
		t.Fatal(err)
	}
}
