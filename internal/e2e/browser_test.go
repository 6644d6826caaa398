package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"causeway/internal/demo"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// chrome is the one browser of all tests; each test has a tab of its own, with
// cookies of its own.
var chrome struct {
	once    sync.Once
	ctx     context.Context
	close   func()
	err     error
	missing string
}

// patience bounds one step in the browser.
const patience = 20 * time.Second

// chromiumPath returns where Chromium is, "" for nowhere.
func chromiumPath() string {
	for _, name := range []string{os.Getenv("CAUSEWAY_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"} {
		if name == "" {
			continue
		}
		if p, err := exec.LookPath(name); err == nil {
			return p
		}
	}
	return ""
}

// lacking skips the test for want of something, or fails it with CI=true.
func lacking(t testing.TB, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s; with CI=true that is a failure", what)
	}
	t.Skip(what)
}

// lean leaves out what only costs time where nobody watches: pages that are kept
// for the way back, and processes that are started in advance.
func lean() []chromedp.ExecAllocatorOption {
	return []chromedp.ExecAllocatorOption{
		chromedp.Flag("disable-features", "BackForwardCache,SpareRendererForSitePerProcess,Translate,OptimizationHints,MediaRouter"),
		chromedp.Flag("disable-extensions", true), chromedp.Flag("disable-component-extensions-with-background-pages", true),
		chromedp.Flag("disable-renderer-backgrounding", true), chromedp.Flag("disable-background-timer-throttling", true),
		chromedp.Flag("disable-backgrounding-occluded-windows", true),
	}
}

// launch starts Chromium with a profile.
func launch(path, profile string, more ...chromedp.ExecAllocatorOption) (context.Context, func(), error) {
	alloc, stop := chromedp.NewExecAllocator(context.Background(), append([]chromedp.ExecAllocatorOption{
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun, chromedp.ExecPath(path), chromedp.UserDataDir(profile),
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true), chromedp.Flag("disable-component-update", true),
		chromedp.Flag("disable-sync", true), chromedp.Flag("disable-dev-shm-usage", true), chromedp.Flag("hide-scrollbars", true),
	}, more...)...)
	ctx, cancel := chromedp.NewContext(alloc)
	if err := chromedp.Do(ctx, chromedp.Navigate("about:blank")); err != nil {
		cancel()
		stop()
		return nil, nil, fmt.Errorf("start Chromium: %w", err)
	}
	return ctx, func() { _ = chromedp.Cancel(ctx); stop() }, nil
}

// removeProfile removes a profile; the browser may still be writing while it goes.
func removeProfile(profile string) {
	for range 40 {
		if os.RemoveAll(profile) == nil {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func startChromium() {
	path := chromiumPath()
	if path == "" {
		chrome.missing = "Chromium is not installed (set CAUSEWAY_CHROMIUM): the node is not tried in a browser"
		return
	}
	profile, err := os.MkdirTemp("", "causeway-e2e-browser-")
	if err != nil {
		chrome.err = err
		return
	}
	ctx, stop, err := launch(path, profile, lean()...)
	chrome.ctx, chrome.err = ctx, err
	chrome.close = func() {
		if stop != nil {
			stop()
		}
		removeProfile(profile)
	}
}

func closeChromium() {
	if chrome.close != nil {
		chrome.close()
	}
}

// tab is one person at one browser window.
type tab struct {
	t        testing.TB
	ctx      context.Context
	script   bool // JavaScript runs
	language string
	width    int64
	home     string // where the node is, "" for that of all tests
}

// base is the address of the tab's node.
func (b *tab) base() string {
	if b.home != "" {
		return b.home
	}
	return site.base
}

// newTab opens a window for somebody whose browser asks for a language.
func newTab(t testing.TB, language string, script bool) *tab {
	t.Helper()
	if testing.Short() {
		t.Skip("the browser takes a while")
	}
	chrome.once.Do(startChromium)
	if chrome.missing != "" {
		lacking(t, chrome.missing)
	}
	if chrome.err != nil {
		t.Fatal(chrome.err)
	}
	ctx, cancel := chromedp.NewContext(chrome.ctx, chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	b := &tab{t: t, ctx: ctx, script: script, language: language, width: 1280}
	b.prepare()
	return b
}

// prepare sets up the window: language, JavaScript, and "leave" to every
// question whether to leave a page.
func (b *tab) prepare() {
	b.t.Helper()
	err := chromedp.Listen(b.ctx, func(ev any) {
		if _, ok := ev.(*page.EventJavascriptDialogOpening); ok {
			go func() {
				_, _ = chromedp.Call(b.ctx, page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true})
			}()
		}
	})
	b.must("listen", err)
	_, err = chromedp.Call(b.ctx, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": b.language}})
	b.must("headers", err)
	if !b.script {
		_, err := chromedp.Call(b.ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
		b.must("switch JavaScript off", err)
	}
	_, err = chromedp.Call(b.ctx, emulation.SetFocusEmulationEnabled, emulation.SetFocusEmulationEnabledParams{Enabled: true})
	b.must("focus", err)
	b.medium("")
	b.must("size", chromedp.Do(b.ctx, chromedp.EmulateViewport(b.width, 900)))
}

// medium sets the medium, "" for a screen. Nothing moves: a click in the middle
// of a fade between two pages goes nowhere.
func (b *tab) medium(name string) {
	b.t.Helper()
	_, err := chromedp.Call(b.ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Media: name, Features: []*emulation.MediaFeature{{Name: "prefers-reduced-motion", Value: "reduce"}},
	})
	b.must("medium", err)
}

func (b *tab) must(what string, err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatalf("%s: %v", what, err)
	}
}

// try runs one step within patience.
func (b *tab) try(what string, steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		b.t.Fatalf("%s at %s: %v", what, b.path(), err)
	}
}

// ask evaluates an expression that returns a string.
func (b *tab) ask(expression string, opts ...chromedp.EvaluateOption) string {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, chromedp.Evaluate[string](expression, opts...))
	if err != nil {
		b.t.Fatalf("evaluate %.80s: %v", expression, err)
	}
	return got
}

// path returns the path of the page.
func (b *tab) path() string {
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	at, err := chromedp.Run(ctx, chromedp.Location())
	if err != nil {
		return "?"
	}
	at, _, _ = strings.Cut(strings.TrimPrefix(at, b.base()), "?")
	return at
}

// leads runs a step that leads to another page, and returns that page's status.
func (b *tab) leads(what string, step chromedp.Action[chromedp.Void]) int {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, patience)
	defer cancel()
	r, err := chromedp.RunResponse(ctx, step)
	if err != nil {
		b.lost()
		b.t.Fatalf("%s at %s: %v", what, b.path(), err)
	}
	address, err := chromedp.Run(ctx, chromedp.Location())
	b.must("location", err)
	impersonal(b.t, what, address)
	if r == nil {
		return 0
	}
	return int(r.Status)
}

// lost takes a picture of where a flow ended, if pictures are wanted.
func (b *tab) lost() {
	dir := os.Getenv("CAUSEWAY_SHOTS")
	if dir == "" {
		return
	}
	if png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot()); err == nil {
		_ = os.WriteFile(filepath.Join(dir, "lost-"+strings.ReplaceAll(b.t.Name(), "/", "-")+".png"), png, 0o600)
	}
}

// open goes to an address of the site.
func (b *tab) open(path string) int {
	b.t.Helper()
	return b.leads("open "+path, chromedp.Navigate(b.base()+path))
}

// centre scrolls to something, as a thumb does: away from the tabs at the bottom. It
// waits until nothing moves any more, as an eye does.
func (b *tab) centre(selector string) {
	b.t.Helper()
	const scroll = "((e) => { if (!e) return ''; e.scrollIntoView({block: 'center'}); const r = e.getBoundingClientRect(); return [r.x, r.y, r.width, r.height].join(); })"
	at := ""
	for range 40 {
		now := b.ask(scroll + "(document.querySelector(`" + selector + "`))")
		if now == at {
			return
		}
		at = now
		time.Sleep(25 * time.Millisecond)
	}
}

// click clicks what leads to another page.
func (b *tab) click(selector string) int {
	b.t.Helper()
	b.centre(selector)
	return b.leads("click "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// write types into a field.
func (b *tab) write(name, text string) {
	b.t.Helper()
	selector := `main [name="` + name + `"]`
	field := chromedp.CSS(selector)
	b.try("find "+name, chromedp.ScrollIntoView(field), chromedp.Focus(field))
	b.ask("document.querySelector(`" + selector + "`).value = ''")
	// As a keyboard of a phone does it: in one piece. Keys are tried in keys_test.go.
	_, err := chromedp.Call(b.ctx, input.InsertText, input.InsertTextParams{Text: text})
	b.must("write "+name, err)
}

// pick chooses an answer among pills.
func (b *tab) pick(name, value string) {
	b.t.Helper()
	b.try("pick "+name, chromedp.Click(chromedp.CSS(`main label:has(> input[name="`+name+`"][value="`+value+`"])`)))
}

// choose chooses from a list.
func (b *tab) choose(name, value string) {
	b.t.Helper()
	b.try("choose "+name, chromedp.SetValue(chromedp.CSS(`main select[name="`+name+`"]`), value))
}

// send presses the filled button of the form.
func (b *tab) send() int {
	b.t.Helper()
	return b.click("main button.main")
}

// text returns what an element says, "" when there is none.
func (b *tab) text(selector string) string {
	b.t.Helper()
	quoted, err := json.Marshal(selector)
	b.must("selector", err)
	return b.ask(`((document.querySelector(` + string(quoted) + `) || {}).textContent || "").replace(/\s+/g, " ").trim()`)
}

// says fails unless an element holds a text.
func (b *tab) says(selector, want string) {
	b.t.Helper()
	if got := b.text(selector); !strings.Contains(got, want) {
		b.t.Errorf("%s at %s says %q, want %q", selector, b.path(), got, want)
	}
}

// enter gives the window a session that tests share: going through the door costs
// a password hash.
func (b *tab) enter(who demo.Login) {
	b.t.Helper()
	base, err := url.Parse(site.base)
	b.must("address", err)
	for _, c := range as(b.t, who).http.Jar.Cookies(base) {
		_, err := chromedp.Call(b.ctx, network.SetCookie, network.SetCookieParams{Name: c.Name, Value: c.Value, URL: site.base})
		b.must("cookie", err)
	}
}

// signIn goes through the door.
func (b *tab) signIn(who demo.Login) {
	b.t.Helper()
	b.open("/signin")
	b.look("signin")
	b.write("account", who.Name)
	b.write("password", who.Password)
	if status := b.send(); status != 200 {
		b.t.Fatalf("sign in as %s: status %d at %s: %s", who.Role, status, b.path(), b.text("#errors"))
	}
}

var noAxe sync.Once

// axeSource returns the source of axe-core, "" where CAUSEWAY_AXE names none.
// scripts/test.sh fetches it and names it; the run between two changes goes without.
func axeSource(t testing.TB) string {
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
	noAxe.Do(func() { t.Log("CAUSEWAY_AXE names no axe-core: accessibility is not checked (make test does)") })
	return ""
}
