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
	"sync"
	"testing"
	"time"

	"causeway/internal/locale"
	"causeway/internal/web"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/chromedp"
)

// chrome is the one browser of all tests.
var chrome struct {
	once    sync.Once
	ctx     context.Context
	stop    func()
	err     error
	missing bool
}

// browser opens a window of the browser with cookies of its own, or says why it
// cannot. Nothing moves in it: a click in the middle of a fade goes nowhere.
func browser(t *testing.T) context.Context {
	t.Helper()
	chrome.once.Do(startChrome)
	switch {
	case chrome.missing && os.Getenv("CI") == "true":
		t.Fatal("Chromium is not installed; with CI=true that is a failure")
	case chrome.missing:
		t.Skip("Chromium is not installed: pages are not tried in a browser")
	case chrome.err != nil:
		t.Fatalf("start Chromium: %v", chrome.err)
	}
	ctx, shut := chromedp.NewContext(chrome.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(shut)
	emulate(t, ctx, "", "light")
	return ctx
}

func startChrome() {
	path := ""
	for _, name := range []string{os.Getenv("CAUSEWAY_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if p, err := exec.LookPath(name); name != "" && err == nil {
			path = p
			break
		}
	}
	if chrome.missing = path == ""; chrome.missing {
		return
	}
	profile, err := os.MkdirTemp("", "causeway-browser-")
	if err != nil {
		chrome.err = err
		return
	}
	alloc, kill := chromedp.NewExecAllocator(context.Background(),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true),
		chromedp.Flag("disable-features", "BackForwardCache,SpareRendererForSitePerProcess,Translate,OptimizationHints,MediaRouter"),
		chromedp.Flag("disable-extensions", true), chromedp.Flag("disable-component-extensions-with-background-pages", true),
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true))
	ctx, shut := chromedp.NewContext(alloc)
	_, chrome.err = chromedp.Run(ctx, chromedp.Evaluate[int]("1"))
	chrome.ctx = ctx
	chrome.stop = func() {
		shut()
		kill()
		for range 40 { // the browser may still be writing while it goes
			if os.RemoveAll(profile) == nil {
				return
			}
			time.Sleep(50 * time.Millisecond)
		}
	}
}

// stopChrome closes the browser, if there is one, after all tests.
func stopChrome() {
	if chrome.stop != nil {
		chrome.stop()
	}
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

// axe returns the source of axe-core, or "" where CAUSEWAY_AXE names none.
// scripts/test.sh fetches it and names it; the run between two changes goes without.
func axe(t *testing.T) string {
	t.Helper()
	if p := os.Getenv("CAUSEWAY_AXE"); p != "" {
		b, err := os.ReadFile(p)
		if err != nil {
			t.Fatalf("read axe-core: %v", err)
		}
		return string(b)
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("CAUSEWAY_AXE names no axe-core; with CI=true that is a failure")
	}
	t.Log("CAUSEWAY_AXE names no axe-core: accessibility is not checked (make test does)")
	return ""
}

// measures of a page, taken inside it.
const probe = `(() => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const guilty = wide > 0 ? [...document.querySelectorAll("body *")].filter(e => { const r = e.getBoundingClientRect(); return r.width && (r.right > innerWidth + 1 || r.left < -1) && !e.closest(".views,.quiet,.skip,thead"); }).slice(0, 4).map(e => e.tagName + "." + e.className) : [];
  const small = [...document.querySelectorAll("a, button, summary, input:not([type=hidden]), select")].filter(e => { if (e.closest(".skip,.quiet,.hint,[hidden]") || e.matches(".skip,.quiet") || !e.checkVisibility()) return false; const r = e.getBoundingClientRect(); return r.height < 24 || r.width < 24; }).slice(0, 5).map(e => e.tagName + " " + e.textContent.trim().slice(0, 30) + " " + Math.round(e.getBoundingClientRect().height));
  const pen = document.createElement("canvas").getContext("2d");
  const cut = [...document.querySelectorAll("select")].filter(e => e.checkVisibility()).flatMap(e => {
    const s = getComputedStyle(e), room = e.clientWidth - parseFloat(s.paddingInlineStart) - parseFloat(s.paddingInlineEnd);
    pen.font = s.font;
    return [...e.options].filter(o => innerWidth > 1000 || o.selected).map(o => [o.label, pen.measureText(o.label).width - room]).filter(x => x[1] > 0).map(x => e.name + ": " + x[0] + " by " + Math.round(x[1]));
  }).slice(0, 8);
  return JSON.stringify({ wide, guilty, small, cut });
})()`

type measures struct {
	Wide   int
	Guilty []string
	Small  []string
	Cut    []string
}

// TestPagesInABrowser opens every page in English and Arabic on a phone and a
// desk: nothing overflows, no target is tiny, and axe-core finds nothing.
// CAUSEWAY_SHOTS names a folder for pictures of all of them.
func TestPagesInABrowser(t *testing.T) {
	if testing.Short() {
		t.Skip("the browser takes a while")
	}
	srv, source := gallery(t), axe(t)
	shots := os.Getenv("CAUSEWAY_SHOTS")
	only := os.Getenv("CAUSEWAY_SHOTS_ONLY")
	for _, look := range []struct {
		lang   string
		widths []int64 // axe-core looks at the first of them
	}{{"en", []int64{360, 1280}}, {"ar", []int64{1280, 360}}} {
		t.Run(look.lang, func(t *testing.T) {
			t.Parallel() // each language has a window and a process of the browser
			ctx := browser(t)
			for _, p := range all(newScene(t, look.lang)) {
				if only != "" && !strings.Contains(","+only+",", ","+p.name+",") {
					continue
				}
				t.Run(p.name, func(t *testing.T) {
					visit(t, ctx, srv.URL+"/"+look.lang+"/"+p.name)
					picture := func(width int64, scheme string) {
						if shots != "" {
							shoot(t, ctx, width, filepath.Join(shots, fmt.Sprintf("%s-%s-%d-%s.png", p.name, look.lang, width, scheme)))
						}
					}
					judge(t, ctx, look.widths[0], source, allRules)
					picture(look.widths[0], "light")
					if look.lang == "en" && (source != "" || shots != "") { // in the dark only colours can be other
						emulate(t, ctx, "", "dark")
						judge(t, ctx, look.widths[0], source, colourRules)
						picture(look.widths[0], "dark")
						emulate(t, ctx, "", "light")
					}
					judge(t, ctx, look.widths[1], "", "")
					picture(look.widths[1], "light")
				})
			}
		})
	}
}

// emulate sets the medium ("" for a screen, "print") and the colour scheme.
func emulate(t *testing.T, ctx context.Context, medium, scheme string) {
	t.Helper()
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Media: medium, Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"},
	}})
	if err != nil {
		t.Fatalf("emulate: %v", err)
	}
}

// TestPaperSaysItIsConfidential prints the page of a child: navigation and
// buttons vanish, the stamp with name, time and journal code appears.
func TestPaperSaysItIsConfidential(t *testing.T) {
	if testing.Short() {
		t.Skip("the browser takes a while")
	}
	srv, ctx := gallery(t), browser(t)
	emulate(t, ctx, "print", "light")
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(800, 1100), chromedp.Navigate(srv.URL+"/en/child")); err != nil {
		t.Fatal(err)
	}
	seen, err := chromedp.Run(ctx, chromedp.Evaluate[string](`JSON.stringify([".stamp", ".words", ".side", ".bar", "button", ".actions"].map(s => s + " " + [...document.querySelectorAll(s)].some(e => e.checkVisibility())))`))
	if err != nil {
		t.Fatal(err)
	}
	if want := `[".stamp true",".words true",".side false",".bar false","button false",".actions false"]`; seen != want {
		t.Errorf("on paper: got %s, want %s", seen, want)
	}
	if shots := os.Getenv("CAUSEWAY_SHOTS"); shots != "" {
		shoot(t, ctx, 800, filepath.Join(shots, "print-child.png"))
	}
}

// TestKeysReachTheSearch presses "/" and expects the search field to have the
// focus; the first Tab of a page reaches the skip link.
func TestKeysReachTheSearch(t *testing.T) {
	if testing.Short() {
		t.Skip("the browser takes a while")
	}
	srv, ctx := gallery(t), browser(t)
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 800), chromedp.Navigate(srv.URL+"/en/today"), chromedp.KeyEvent("\t")); err != nil {
		t.Fatal(err)
	}
	focus := func(want string) {
		t.Helper()
		got, err := chromedp.Run(ctx, chromedp.Evaluate[string]("document.activeElement.className || document.activeElement.id"))
		if err != nil || got != want {
			t.Errorf("focus on %q (%v), want %q", got, err, want)
		}
	}
	focus("skip")
	if err := chromedp.Do(ctx, chromedp.KeyEvent("/")); err != nil {
		t.Fatal(err)
	}
	focus("q")
}

// TestUnsentWordsAreGuarded types into a note, loses the network and sends:
// the words stay, and the page says so.
func TestUnsentWordsAreGuarded(t *testing.T) {
	if testing.Short() {
		t.Skip("the browser takes a while")
	}
	srv, ctx := gallery(t), browser(t)
	script := `Object.defineProperty(navigator, "onLine", {get: () => false});
		const w = document.getElementById("f-words"); w.value = "I was cold"; w.dispatchEvent(new Event("input", {bubbles: true}));
		w.form.requestSubmit(w.form.querySelector("button.main"));
		JSON.stringify([location.pathname, document.getElementById("f-words").value, !!document.querySelector(".offline[role=alert]")])`
	if err := chromedp.Do(ctx, chromedp.Navigate(srv.URL+"/en/note")); err != nil {
		t.Fatal(err)
	}
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](script))
	if err != nil {
		t.Fatal(err)
	}
	if want := `["/en/note","I was cold",true]`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// visit opens a page.
func visit(t *testing.T, ctx context.Context, url string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(360, 800), chromedp.Navigate(url)); err != nil {
		t.Fatalf("open: %v", err)
	}
}

// The rules of axe-core: all, and those that see colours. In the dark a page has the
// same elements in the same places, so only the latter can find something else.
const (
	allRules    = `["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"]`
	colourRules = `{type: "rule", values: ["color-contrast","link-in-text-block"]}`
)

// axeRun runs rules of axe-core, where the page has it already.
const axeRun = `typeof axe === "undefined" ? "absent" : axe.run(document, {runOnly: RULES, resultTypes: ["violations"]})
	.then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 140)).join(" | "))))`

// judge measures the page that is open, in a window of some width, and runs
// axe-core in it.
func judge(t *testing.T, ctx context.Context, width int64, axeSource, rules string) {
	t.Helper()
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(width, 800)); err != nil {
		t.Fatalf("resize: %v", err)
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
		t.Errorf("at %d px the page is %d px too wide: %v", width, m.Wide, m.Guilty)
	}
	if len(m.Small) > 0 {
		t.Errorf("at %d px targets under 24 px: %v", width, m.Small)
	}
	if len(m.Cut) > 0 {
		t.Errorf("at %d px answers of a list that do not fit into it: %q", width, m.Cut)
	}
	if axeSource == "" {
		return
	}
	run := strings.Replace(axeRun, "RULES", rules, 1)
	found, err := chromedp.Run(ctx, chromedp.Evaluate[string](run, chromedp.EvalAwaitPromise))
	if err == nil && found == "absent" {
		if _, err = chromedp.Run(ctx, chromedp.Evaluate[string](axeSource+`; ""`)); err == nil {
			found, err = chromedp.Run(ctx, chromedp.Evaluate[string](run, chromedp.EvalAwaitPromise))
		}
	}
	if err != nil {
		t.Fatalf("axe: %v", err)
	}
	var violations []string
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		t.Fatalf("axe: %v", err)
	}
	for _, v := range violations {
		t.Errorf("at %d px: %s", width, v)
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
