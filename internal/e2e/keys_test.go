package e2e_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// chromedpSend types into whatever a selector finds.
func chromedpSend(selector, text string) []chromedp.Action[chromedp.Void] {
	return []chromedp.Action[chromedp.Void]{chromedp.SendKeys(chromedp.CSS(selector), text)}
}

// waitFor waits until an expression is true.
func (b *tab) waitFor(expression string) {
	b.t.Helper()
	for range 100 {
		ctx, cancel := context.WithTimeout(b.ctx, patience)
		ok, err := chromedp.Run(ctx, chromedp.Evaluate[bool]("("+expression+") && document.readyState === 'complete'"))
		cancel()
		if err == nil && ok {
			return
		}
		b.try("wait", chromedp.Sleep(50_000_000))
	}
	b.t.Fatalf("at %s, waited for %s", b.path(), expression)
}

// reached presses Tab and returns what had the focus, in order.
func (b *tab) reached(most int) []string {
	b.t.Helper()
	var out []string
	for range most {
		b.try("tab", chromedp.KeyEvent("\t"))
		at := b.ask(`(e => e === document.body ? "" : e.className === "skip" ? "skip" : e.getAttribute("href") || e.name || e.id || e.textContent.trim())(document.activeElement)`)
		if at == "" || len(out) > 0 && at == out[0] {
			break
		}
		out = append(out, at)
	}
	return out
}

// TestKeyboardAlone signs in and writes a note without a mouse.
func TestKeyboardAlone(t *testing.T) {
	child := as(t, worker(t)).registered("Keyed Harbour")
	b := newTab(t, "en", true)
	who := worker(t)
	b.open("/signin")
	b.until("account", 20)
	b.press(who.Name)
	b.press("\t" + who.Password + "\r")
	b.waitFor(`location.pathname !== "/signin"`)
	b.open(child)
	got := b.reached(40)
	want := []string{"skip", "/", "query", "/account", "/children/new", child + "/note", child + "/contact", child + "/person"}
	at := 0
	for _, g := range got {
		if at < len(want) && g == want[at] {
			at++
		}
	}
	if at < len(want) {
		t.Errorf("Tab did not reach %q in order; it reached %q", want[at:], got)
	}
	b.open(child)
	b.until("skip", 3)
	b.press("\r")
	if focus := b.ask("document.activeElement.id"); focus != "main" {
		t.Errorf("the skip link leads to %q, want main", focus)
	}
	b.until(child+"/note", 5)
	b.press("\r")
	b.waitFor(`location.pathname.endsWith("/note")`)
	b.until("kind", 40)
	b.press(" ")
	b.until("interpreter", 30)
	b.press(kb.ArrowDown)
	b.until("words", 10)
	b.press("Written with keys alone")
	b.until(b.text("main button.main"), 20)
	b.press("\r")
	b.waitFor(`location.pathname.split("/").length === 3`)
	b.says(".words blockquote", "Written with keys alone")
}

// until presses Tab until something has the focus.
func (b *tab) until(want string, most int) {
	b.t.Helper()
	var seen []string
	for range most {
		b.try("tab", chromedp.KeyEvent("\t"))
		at := b.ask(`(e => e.className === "skip" ? "skip" : e.getAttribute("href") || e.name || e.id || e.textContent.replace(/\s+/g, " ").trim().slice(0, 60))(document.activeElement)`)
		seen = append(seen, at)
		if at == want {
			return
		}
	}
	b.t.Fatalf("Tab does not reach %q at %s; it reached %q", want, b.path(), seen)
}

func (b *tab) press(keys string) {
	b.t.Helper()
	b.try("type", chromedp.KeyEvent(keys))
}

// TestFocusIsSeen tabs through a page and expects every stop to be marked and
// on the screen, not under the bar.
func TestFocusIsSeen(t *testing.T) {
	b := newTab(t, "en", true)
	b.enter(worker(t))
	for _, width := range widths {
		b.try("resize", chromedp.EmulateViewport(width, 800))
		b.open("/children/new/form")
		for i := range 30 {
			b.press("\t")
			said := b.ask(`(e => { const s = getComputedStyle(e), r = e.getBoundingClientRect(), l = e.closest("label");
				const marked = [s, l ? getComputedStyle(l) : s, e.nextElementSibling ? getComputedStyle(e.nextElementSibling) : s].some(x => x.outlineStyle !== "none" && parseFloat(x.outlineWidth) > 0 || x.boxShadow !== "none");
				const inside = r.bottom > 0 && r.top < innerHeight;
				return e === document.body ? "end" : (marked ? "" : "not marked ") + (inside ? "" : "off the screen ") + (marked && inside ? "" : e.tagName + " " + (e.name || e.className || e.textContent.trim()));
			})(document.activeElement)`)
			if said == "end" {
				break
			}
			if said != "" {
				t.Errorf("stop %d at %d px: %s", i+1, width, said)
			}
		}
	}
}

func TestSlashReachesTheSearch(t *testing.T) {
	b := newTab(t, "en", true)
	b.enter(worker(t))
	b.open("/children")
	b.press("/")
	if got := b.ask("document.activeElement.id"); got != "q" {
		t.Errorf("after / the focus is on %q, want the search", got)
	}
	b.press("/b") // where somebody is typing it is a letter
	if got := b.ask("document.activeElement.value"); !strings.HasSuffix(got, "/b") {
		t.Errorf("in the search, /b reads %q", got)
	}
}

// TestPrint prints a child: it makes a PDF, the stamp stands on it, and menus
// and buttons do not.
func TestPrint(t *testing.T) {
	child := as(t, worker(t)).registered("Paper Lantern")
	for _, script := range []bool{true, false} {
		b := newTab(t, "en", script)
		b.enter(worker(t))
		b.open(child)
		b.click(`main a[href="` + child + `/print"]`)
		b.look("print")
		b.medium("print")
		seen := b.ask(`[".stamp", ".childhead", ".side", ".bar", "button", ".actions", ".skip"].filter(s => [...document.querySelectorAll(s)].some(e => e.checkVisibility())).join(" ")`)
		if want := ".stamp .childhead"; seen != want {
			t.Errorf("on paper: %s, want %s", seen, want)
		}
		stamp := b.text(".stamp")
		if !slices.ContainsFunc(staffNames(), func(name string) bool { return strings.Contains(stamp, name) }) {
			t.Errorf("the stamp %q names nobody", stamp)
		}
		pdf, err := chromedp.Run(b.ctx, chromedp.PrintToPDF())
		b.must("print", err)
		if len(pdf) < 2_000 || !strings.HasPrefix(string(pdf[:5]), "%PDF-") {
			t.Errorf("the PDF has %d bytes and begins %q", len(pdf), pdf[:min(5, len(pdf))])
		}
		t.Logf("a child's page as PDF: %d bytes", len(pdf))
	}
}
