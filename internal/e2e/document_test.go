package e2e_test

import (
	"bytes"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/fetch"
	"github.com/chromedp/chromedp"
)

// recording writes a file of a size that is taken for a recording, and returns
// where.
func recording(t *testing.T, size int) (string, []byte) {
	t.Helper()
	b := make([]byte, size)
	r := rand.New(rand.NewPCG(3, uint64(size)))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	copy(b, "#!AMR\n")
	path := filepath.Join(t.TempDir(), "talk.amr")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, b
}

// attach fills in the form for a document.
func (b *tab) attach(child, path, text string) {
	b.t.Helper()
	b.open(child + "/documents/new")
	b.choose("document_what", "recording")
	b.write("document_text", marked(text))
	b.try("choose the file", chromedp.SetUploadFiles(chromedp.CSS(`main input[name="file"]`), []string{path}))
}

var documentAddress = regexp.MustCompile(`href="(/child/[0-9a-z]+/documents/[0-9a-z]{26})"`)

// handedOut fetches a child's only document.
func (c *client) handedOut(child string) []byte {
	c.t.Helper()
	all := documentAddress.FindAllSubmatch(c.get(child+"/documents").body, -1)
	if len(all) != 1 {
		c.t.Fatalf("%d documents, want one", len(all))
	}
	r := c.get(string(all[0][1]) + "/file")
	if r.status != http.StatusOK || !strings.HasPrefix(r.header.Get("Content-Disposition"), "attachment;") {
		c.t.Fatalf("fetch the file: %d %q", r.status, r.header.Get("Content-Disposition"))
	}
	return r.body
}

// TestADocumentByThePlainForm adds one without JavaScript.
func TestADocumentByThePlainForm(t *testing.T) {
	c := as(t, worker(t))
	child := c.registered("Perrin Plainform")
	path, body := recording(t, 700_000)
	b := newTab(t, "en", false)
	b.enter(worker(t))
	b.attach(child, path, "kestrelsong")
	b.look("document-new")
	b.send()
	b.look("documents")
	if got := b.path(); got != child+"/documents" || b.text(".notice") == "" {
		t.Errorf("after sending at %s, want the list and a notice", got)
	}
	if !bytes.Equal(c.handedOut(child), body) {
		t.Error("what is handed out is not what was sent")
	}
}

// TestADocumentGoesOnAfterTheBrowserWasKilled sends in pieces, loses the window in
// the middle, and goes on in another with the same file: only what is missing is sent.
func TestADocumentGoesOnAfterTheBrowserWasKilled(t *testing.T) {
	c := as(t, worker(t))
	child := c.registered("Quill Resumed")
	const pieces = 5
	path, body := recording(t, pieces*256<<10-100)

	first := newTab(t, "en", true)
	first.enter(worker(t))
	first.attach(child, path, "linnetcall")
	first.stopPieces("*/uploads/*/3")
	first.try("send", chromedp.Click(chromedp.CSS("main .form button.main")))
	first.waitFor(`(document.querySelector("progress") || {}).value >= 0.6`)
	first.must("kill the window", chromedp.Cancel(first.ctx))

	second := newTab(t, "en", true)
	second.enter(worker(t))
	second.attach(child, path, "linnetcall")
	second.look("document-unfinished")
	if got := second.text("[data-upload]"); !strings.Contains(got, "talk.amr") {
		t.Errorf("the page says of the unfinished one: %q", got)
	}
	sent := second.countPieces()
	second.try("send", chromedp.Click(chromedp.CSS("main .form button.main")))
	second.waitFor(`location.pathname.endsWith("/documents")`)
	if n := sent(); n > pieces-2 {
		t.Errorf("%d of %d pieces were sent again, want only the first and what was missing", n, pieces)
	}
	if !bytes.Equal(c.handedOut(child), body) {
		t.Error("what is handed out is not what was sent")
	}
}

// stopPieces lets no request to an address come through: the network is gone there.
func (b *tab) stopPieces(pattern string) {
	b.t.Helper()
	err := chromedp.Listen(b.ctx, func(ev any) {
		if _, ok := ev.(*fetch.EventRequestPaused); ok {
			return // it waits until the window is closed
		}
	})
	b.must("listen", err)
	_, err = chromedp.Call(b.ctx, fetch.Enable, fetch.EnableParams{Patterns: []*fetch.RequestPattern{{URLPattern: pattern}}})
	b.must("stop", err)
}

// countPieces counts from now on how many pieces the page sends.
func (b *tab) countPieces() func() int {
	b.t.Helper()
	b.ask(`(() => { const f = window.fetch; let n = 0; window.fetch = (a, o) => { if (o && o.method === "PUT") sessionStorage.setItem("pieces", String(++n)); return f(a, o); }; sessionStorage.setItem("pieces", "0"); return ""; })()`)
	return func() int {
		n := 0
		for _, d := range b.ask(`sessionStorage.getItem("pieces")`) {
			n = 10*n + int(d-'0')
		}
		return n
	}
}
