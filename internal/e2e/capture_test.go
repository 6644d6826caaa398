package e2e_test

import (
	"context"
	"io"
	"net"
	"os"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"causeway/internal/demo"
	"causeway/internal/store"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// road is the way from a phone to the node, which can be cut: for the page and for
// its worker, as where there is no network.
type road struct {
	base string

	mu    sync.Mutex // guards the rest
	cut   bool
	conns map[net.Conn]bool
}

func newRoad(t *testing.T) *road {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(ln.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	r := &road{base: "http://localhost:" + port, conns: map[net.Conn]bool{}}
	t.Cleanup(func() { r.set(true); _ = ln.Close() })
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			go r.carry(c)
		}
	}()
	return r
}

func (r *road) carry(from net.Conn) {
	defer from.Close()
	to, err := net.Dial("tcp", strings.TrimPrefix(site.base, "http://"))
	if err != nil {
		return
	}
	defer to.Close()
	r.mu.Lock()
	cut := r.cut
	r.conns[from], r.conns[to] = true, true
	r.mu.Unlock()
	if cut {
		return
	}
	go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
	_, _ = io.Copy(from, to)
}

func (r *road) set(cut bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cut = cut
	for c := range r.conns {
		if cut {
			_ = c.Close()
		}
		delete(r.conns, c)
	}
}

// handset is a browser with a profile that outlives it.
type handset struct {
	*tab
	road *road
	stop func()
}

func (r *road) phone(t *testing.T, path, profile string) *handset {
	t.Helper()
	ctx, stop, err := launch(path, profile)
	if err != nil {
		t.Fatal(err)
	}
	p := &handset{&tab{t: t, ctx: ctx, script: true, language: "en", width: 360}, r, stop}
	p.prepare()
	return p
}

// at opens a page over the road.
func (p *handset) at(path string) {
	p.t.Helper()
	p.try("open "+path, chromedp.Navigate(p.road.base+path))
}

// offline cuts the road, and the browser knows it.
func (p *handset) offline(yes bool) {
	p.t.Helper()
	p.road.set(yes)
	speed := network.OverrideNetworkStateParams{Offline: yes, DownloadThroughput: -1, UploadThroughput: -1}
	_, err := chromedp.Call(p.ctx, network.OverrideNetworkState, speed)
	p.must("cut the network", err)
}

func (p *handset) door(who demo.Login) {
	p.t.Helper()
	p.at("/signin")
	p.write("account", who.Name)
	p.write("password", who.Password)
	p.press("main button.main")
	p.until("signed in", "document.body?.classList.contains('in')")
}

func (p *handset) press(selector string) {
	p.t.Helper()
	p.try("press "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// do presses a button of the page for work without a network.
func (p *handset) do(name string) { p.t.Helper(); p.press(`#capture [data-do="` + name + `"]`) }

// until waits for something to be true on the page.
func (p *handset) until(what, expression string) {
	p.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if p.ask("String(!!("+expression+"))") == "true" {
			return
		}
	}
	p.lost()
	p.t.Fatalf("%s: it does not happen at %s: %s", what, p.path(), p.text("main"))
}

// reads waits until the page says something.
func (p *handset) reads(text string) {
	p.t.Helper()
	p.until("say "+text, "document.querySelector('main')?.textContent.includes("+quote(text)+")")
}

func quote(s string) string { return "`" + s + "`" }

// typePass writes a passphrase.
func (p *handset) typePass(id, pass string) {
	p.t.Helper()
	p.until("the field "+id, "document.getElementById("+quote(id)+")")
	p.try("write "+id, chromedp.SendKeys(chromedp.CSS("#"+id), pass))
}

// ready waits until the phone has what it needs to work alone.
func (p *handset) ready() {
	p.t.Helper()
	p.until("the worker", "navigator.serviceWorker.controller")
	p.ask(`(async () => { for (let i = 0; i < 100; i++) { if (await caches.match("/capture/shell")) return "kept"; await new Promise((r) => setTimeout(r, 50)); } return "missing"; })()`, chromedp.EvalAwaitPromise)
}

const passphrase = "copper meadow lantern thistle"

// counted are forms as the node has them.
func filedForms(t *testing.T) (n int) {
	t.Helper()
	err := site.node.DB.Read(context.Background(), func(tx *store.Tx) error {
		return tx.QueryRow(context.Background(), "SELECT COUNT(*) FROM intake_capture WHERE state = 'filed'").Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestWorkWithoutANetwork: a check, a registration, a note and a visit are filled
// in where there is no network; the browser is closed and opened again, somebody else signs
// in, and each arrives once, as its author's. Nothing that was typed is found in
// the closed profile.
func TestWorkWithoutANetwork(t *testing.T) {
	if testing.Short() {
		t.Skip("the browser takes a while")
	}
	path := chromiumPath()
	if path == "" {
		lacking(t, "Chromium is not installed (set CAUSEWAY_CHROMIUM): nothing is tried without a network")
	}
	profile, err := os.MkdirTemp("", "causeway-e2e-phone-")
	if err != nil {
		t.Fatal(err)
	}
	defer removeProfile(profile)
	who := worker(t)
	c := as(t, who)
	child := c.registered("Offline Known")
	found := regexp.MustCompile(`<bdi class="num">([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z])</bdi>`).FindSubmatch(c.get(child).body)
	if found == nil {
		t.Fatal("the page shows no number")
	}
	number := string(found[1])
	needles := []string{passphrase, "quillwort", "sphagnum", "yellowhammer", "bladderwort", "sundew", "pipewort"}
	for _, n := range needles {
		marked(n)
	}
	before, filed := rows(t), filedForms(t)

	r := newRoad(t)
	p := r.phone(t, path, profile)
	p.door(who)
	p.at("/capture")
	p.typePass("pass", "too short")
	p.typePass("again", "too short")
	p.do("make")
	p.reads("Take at least four words.")
	p.typePass("pass", passphrase)
	p.typePass("again", passphrase)
	p.do("make")
	p.until("the list of forms", `document.querySelector('[data-do="note"]')`)
	p.ready()
	for path := range strings.FieldsSeq(p.ask(`(async () => { const out = []; for (const n of await caches.keys()) for (const r of await (await caches.open(n)).keys()) out.push(new URL(r.url).pathname); return out.join(" "); })()`, chromedp.EvalAwaitPromise)) {
		if path != "/capture/shell" && path != "/capture/forms" && !strings.HasPrefix(path, "/static/") {
			t.Errorf("the phone keeps %s", path)
		}
	}
	p.offline(true)
	p.at("/capture") // from what the phone keeps
	if got := p.text("header"); strings.Contains(got, who.Name) {
		t.Errorf("the page that the phone keeps names somebody: %q", got)
	}
	p.typePass("pass", "copper meadow lantern thorn")
	p.do("unlock")
	p.reads("Nothing here opens with this passphrase.")
	p.typePass("pass", passphrase)
	p.do("unlock")

	p.do("registration")
	p.write("name", "quillwort Child")
	p.write("age", "12")
	p.choose("birth_certainty", "probable")
	p.pick("sex", "female")
	p.choose("language", "en")
	p.choose("region", "XA-01")
	p.write("place", "found near the yellowhammer inn")
	p.pick("risk", "high")
	p.do("finish")
	p.reads("Some answers are missing.")
	p.pick("basis", "vital_interest")
	p.do("finish")
	p.reads("Sealed. It is sent when there is a network")

	p.do("check")
	p.pick("age_about", "15-17")
	p.pick("place_met", "street")
	p.choose("language", "en")
	p.ask(`(() => { for (const el of document.querySelectorAll('#capture input[name^="q_"][value="no"]')) el.click(); return ""; })()`)
	p.do("finish")
	p.reads("Sealed. It is sent when there is a network")

	p.do("note")
	p.write("number", number[:len(number)-1]+"3")
	p.pick("kind", "home_visit")
	p.ask(`(() => { const d = document.querySelector('[name="contact_on"]'); d.value = new Date().toISOString().slice(0, 10); d.dispatchEvent(new Event("input", { bubbles: true })); return ""; })()`)
	p.choose("interpreter", "not_needed")
	p.write("words", "sphagnum said the child")
	if number[len(number)-1] != '3' {
		p.do("finish")
		p.reads("This number has a slip.")
	}
	p.write("number", number)
	p.do("finish")
	p.reads("Sealed. It is sent when there is a network")

	p.do("visit")
	p.write("number", number)
	p.ask(`(() => { const d = document.querySelector('[name="a.visit_on"]'); d.value = new Date().toISOString().slice(0, 10); d.dispatchEvent(new Event("input", { bubbles: true })); return ""; })()`)
	p.pick("a.visit_kind", "school")
	if p.ask(`String(!!document.querySelector('[name="a.not_seen_why"]'))`) == "true" {
		t.Error("a question is asked before the answer that it depends on")
	}
	p.pick("a.child_seen", "no")
	p.write("a.not_seen_why", "absent, said the teacher of pipewort class")
	p.pick("a.may_be_missing", "yes")
	p.do("finish")
	p.reads("Sealed. It is sent when there is a network")
	p.reads("In danger now") // what cannot wait is said at once

	p.do("note") // a draft, kept and opened again after a lock
	p.write("number", number)
	p.write("seen", "bladderwort and sundew")
	p.reads("Saved on this phone")
	p.do("keep")
	p.do("lock")
	p.typePass("pass", passphrase)
	p.do("unlock")
	p.do("open")
	p.until("the draft", `document.querySelector('[name="seen"]').value === "bladderwort and sundew"`)
	p.at("/capture")
	p.stop()
	searchProfile(t, profile, needles)
	if got := grown(before, rows(t)); got["casework_case"] != 0 || filedForms(t) != filed {
		t.Fatalf("something arrived without a network: %v", got)
	}

	p = r.phone(t, path, profile) // the network is back, the browser was closed
	p.offline(false)
	other := supervisor(t)
	p.door(other)
	p.until("everything sent", `!localStorage.getItem("unsent")`)
	got := grown(before, rows(t))
	if n := filedForms(t) - filed; n != 4 || got["casework_case"] != 2 {
		t.Errorf("%d forms filed, want 4; grown %v, want 2 cases", n, got)
	}
	page := string(c.get(child).body)
	if strings.Count(page, "sphagnum said the child") == 0 {
		t.Error("the note is not on the child's page")
	}
	if list := string(c.get(child + "/forms").body); !strings.Contains(list, "Visit and follow-up") {
		t.Error("the visit is not among the child's forms")
	}
	if list := string(c.get("/children?state=open").body); !strings.Contains(list, "quillwort Child") {
		t.Error("the registration is not among its author's children")
	}
	p.at("/capture") // sent once: nothing is left to send, the draft stays its author's
	p.reads("Choose four words")
	if left := p.ask(`(async () => { const s = await import(document.getElementById("capture").dataset.store); return [(await s.all("outbox")).length, (await s.all("draft")).length].join(" "); })()`, chromedp.EvalAwaitPromise); left != "0 1" {
		t.Errorf("left to send and drafts: %s, want 0 1", left)
	}
	p.at("/account")
	p.press(`form[action="/signout"] button`)
	p.until("signed out", "location.pathname === '/signin'")
	kept := p.ask(`(async () => { const db = await new Promise((done, no) => { const r = indexedDB.open("causeway", 1); r.onsuccess = () => done(r.result); r.onerror = no; });
		const n = await new Promise((done) => { const r = db.transaction("draft").objectStore("draft").count(); r.onsuccess = () => done(r.result); });
		return [n, !!(await caches.match("/capture/shell")), !!localStorage.getItem("draft")].join(" "); })()`, chromedp.EvalAwaitPromise)
	if kept != "1 true true" {
		t.Errorf("after signing out the phone has %s (drafts, shell, mark), want 1 true true", kept)
	}
	p.stop()
	searchProfile(t, profile, needles)
	if n := filedForms(t) - filed; n != 4 {
		t.Errorf("%d forms filed in the end, want 4", n)
	}
}

// TestTheCapturePageLooksRight judges the page in each of its states, in English
// and Arabic: the module builds it, so that no template's preview shows it.
func TestTheCapturePageLooksRight(t *testing.T) {
	for _, who := range []demo.Login{worker(t), arabicWorker(t)} {
		language := "en"
		if who == arabicWorker(t) {
			language = "ar"
		}
		t.Run(language, func(t *testing.T) {
			b := newTab(t, language, true)
			b.width = 360
			b.enter(who)
			p := &handset{tab: b, road: &road{base: site.base}}
			p.at("/capture")
			p.until("the passphrase", `document.getElementById("again")`)
			p.look("capture-new")
			p.typePass("pass", passphrase)
			p.typePass("again", passphrase)
			p.do("make")
			for _, form := range []string{"visit", "check", "registration", "note"} {
				p.until("the list of forms", `document.querySelector('[data-do="note"]')`)
				p.do(form)
				if form == "check" {
					p.pick("age_about", "15-17")
					p.pick("place_met", "street")
				}
				p.do("finish")
				p.until("what is missing", `document.querySelector(".wrong")`)
				p.look("capture-" + form)
				p.do("keep")
			}
			p.until("the list of forms", `document.querySelector('[data-do="lock"]')`)
			p.look("capture-home")
			p.do("lock")
			p.until("the passphrase", `document.getElementById("pass")`)
			p.look("capture-locked")
		})
	}
}
