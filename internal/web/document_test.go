package web_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"image"
	"image/jpeg"
	"io"
	"math/rand/v2"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// place is what the position in a test's photo reads like.
const place = "91.55N 181.77E Nowhere Shore"

// photo is a JPEG with EXIF that holds a position, and something behind its end.
func photo(t *testing.T) []byte {
	t.Helper()
	var b bytes.Buffer
	grey := image.NewGray(image.Rect(0, 0, 64, 48)) // noise: the end lies behind what decides the kind
	copy(grey.Pix, tape(len(grey.Pix)))
	if err := jpeg.Encode(&b, grey, nil); err != nil {
		t.Fatal(err)
	}
	tiff := []byte("Exif\x00\x00MM\x00\x2a\x00\x00\x00\x08\x00\x01\x88\x25\x00\x04\x00\x00\x00\x01\x00\x00\x00\x1a\x00\x00\x00\x00" + place)
	head := binary.BigEndian.AppendUint16([]byte{0xff, 0xd8, 0xff, 0xe1}, uint16(len(tiff)+2))
	return append(append(append(head, tiff...), b.Bytes()[2:]...), "<script>alert(1)</script>"...)
}

// tape is a recording of a size.
func tape(size int) []byte {
	b := make([]byte, size)
	r := rand.New(rand.NewPCG(7, uint64(size)))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	copy(b, "#!AMR\n")
	return b
}

// attach sends the plain form with a file: in the field that is named.
func (p *person) attach(child, field, file string, body []byte, pairs ...string) answer {
	p.t.Helper()
	at := child + "/documents/new"
	form := with(p.get(at).form(p.t, at), pairs...)
	var b bytes.Buffer
	w := multipart.NewWriter(&b)
	for name := range form {
		if err := w.WriteField(name, form.Get(name)); err != nil {
			p.t.Fatal(err)
		}
	}
	if field != "photo" { // the button that was not used comes along empty
		if _, err := w.CreateFormFile("photo", ""); err != nil {
			p.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile(field, file)
	if err != nil {
		p.t.Fatal(err)
	}
	_, _ = part.Write(body)
	w.Close()
	a := p.send(at, w.FormDataContentType(), b.String(), "same-origin")
	if to := a.header.Get("Location"); a.status == http.StatusSeeOther && strings.Contains(to, "again=") {
		return p.get(to)
	}
	return a
}

var documentLink = regexp.MustCompile(`href="(/child/[0-9a-z]+/documents/[0-9a-z]{26})"`)

// newest returns the address of a child's newest document.
func (p *person) newest(child string) string {
	p.t.Helper()
	m := documentLink.FindStringSubmatch(p.get(child + "/documents").body)
	if m == nil {
		p.t.Fatal("there is no document")
	}
	return m[1]
}

func hashOf(b []byte) string { s := sha256.Sum256(b); return hex.EncodeToString(s[:]) }

// TestADocumentWithoutScript adds a photo by the plain form, and fetches it: its
// position is gone, it comes as a file under a name of ours, and the chain of
// custody shows both hashes and who fetched it.
func TestADocumentWithoutScript(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Wren Holloway")
	if page := worker.get(child); !strings.Contains(page.body, `href="`+child+`/documents"`) {
		t.Error("the child's page does not lead to the documents")
	}
	came := photo(t)
	worker.attach(child, "photo", "IMG 2026 <Wren>.jpg", came, "document_what", "drawing", "document_text", "A blue door.", "document_maker", "Wren",
		"document_taken", "2026-01-05").wants(t, http.StatusSeeOther, child+"/documents?done=document")
	at := worker.newest(child)
	page := worker.get(at)
	for _, want := range []string{hashOf(came), words("documentremoved.exif"), words("documentremoved.trailing"), words("documentscan.not-scanned"), "A blue door.", "5 January 2026", words("document.looks.none")} {
		if !page.says(want) {
			t.Errorf("the page of the document lacks %q", want)
		}
	}
	for _, how := range []string{"file", "image"} {
		a := worker.get(at + "/" + how)
		disposition := map[string]string{"file": "attachment", "image": "inline"}[how]
		if a.status != http.StatusOK || a.header.Get("Content-Type") != "image/jpeg" || a.header.Get("X-Content-Type-Options") != "nosniff" ||
			!regexp.MustCompile(`^`+disposition+`; filename=document-[0-9a-z]+\.jpg$`).MatchString(a.header.Get("Content-Disposition")) ||
			!strings.HasSuffix(a.header.Get("Content-Security-Policy"), "; sandbox") {
			t.Errorf("%s: got %d %q %q", how, a.status, a.header.Get("Content-Type"), a.header.Get("Content-Disposition"))
		}
		if strings.Contains(a.body, place) || strings.Contains(a.body, "Exif") || strings.Contains(a.body, "<script>") {
			t.Errorf("%s: what the photo tells besides its picture is still in it", how)
		}
		if _, err := jpeg.Decode(strings.NewReader(a.body)); err != nil {
			t.Errorf("%s: %v", how, err)
		}
		if !page.says(hashOf([]byte(a.body))) {
			t.Error("the page shows another hash than what is handed out has")
		}
	}
	page = worker.get(at + "?show=1")
	if !strings.Contains(page.body, `<img src="`+at+`/image"`) || page.says(words("document.looks.none")) || strings.Count(page.body, `<bdi class="num">`) < 3 {
		t.Error("the picture is not shown, or the chain of custody lacks who fetched it")
	}
	if got := page.header.Get("Content-Security-Policy"); strings.Contains(got, "sandbox") || got != worker.get("/").header.Get("Content-Security-Policy") {
		t.Error("the policy of an ordinary page has changed")
	}
	// The whole of it can be found nowhere as it came.
	if a := r.as(t, "auditor").get(at); a.status != http.StatusNotFound {
		t.Errorf("an auditor sees the document: %d", a.status)
	}
}

// TestForgedFilesAreRefused sends what is not what it says, or not taken in.
func TestForgedFilesAreRefused(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Teal Harrow")
	var plain bytes.Buffer
	if err := jpeg.Encode(&plain, image.NewGray(image.Rect(0, 0, 8, 8)), nil); err != nil {
		t.Fatal(err)
	}
	page := []byte("<!doctype html><script>alert(1)</script>")
	for _, c := range []struct {
		name, file string
		body       []byte
		code       string
	}{
		{"a page", "a.html", page, "document-kind"},
		{"a page that calls itself a photo", "a.jpg", page, "document-kind"},
		{"a drawing with a script", "a.svg", []byte(`<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`), "document-kind"},
		{"a drawing that calls itself a picture", "a.png", []byte(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), "document-kind"},
		{"a photo that is a page as well", "a.jpg", append([]byte("\xff\xd8\xff\xe0\x00\x10<html><script>alert(1)</script>"), plain.Bytes()[2:]...), "document-kind"},
		{"a picture that is a script as well", "a.gif", []byte("GIF89a/*\x00*/=1;alert(1)"), "document-kind"},
		{"a program", "a.exe", []byte("MZ\x90\x00\x03"), "document-kind"},
		{"a photo that calls itself a paper", "a.pdf", plain.Bytes(), "document-name"},
		{"a photo cut off", "a.jpg", plain.Bytes()[:plain.Len()/2], "document-damaged"},
		{"a paper cut off", "a.pdf", []byte("%PDF-1.7\n1 0 obj"), "document-damaged"},
		{"nothing", "a.jpg", nil, "document-empty"},
	} {
		a := worker.attach(child, "file", c.file, c.body, "document_what", "other", "document_text", "Kept words.")
		if a.status != http.StatusUnprocessableEntity || !a.says(words("error."+c.code)) || !a.says("Kept words.") {
			t.Errorf("%s: got %d, want 422, %q and what was typed", c.name, a.status, words("error."+c.code))
		}
	}
	if a := worker.attach(child, "file", "a.jpg", plain.Bytes()); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `href="#f-document_what"`) {
		t.Errorf("without saying what it is: got %d, want 422", a.status)
	}
	if a := worker.get(child + "/documents"); documentLink.MatchString(a.body) {
		t.Error("something of it was kept")
	}
	big := worker.attach(child, "file", "a.amr", tape(33<<20), "document_what", "recording")
	if big.status != http.StatusUnprocessableEntity || !big.says(words("error.document-too-big")) {
		t.Errorf("too large: got %d, want 422 and why", big.status)
	}
	if a := worker.send("/signin", "application/x-www-form-urlencoded", "account="+strings.Repeat("x", 2<<20), "same-origin"); a.status != http.StatusRequestEntityTooLarge {
		t.Errorf("another form of that size: got %d, want 413", a.status)
	}
}

// said is the answer to a script.
type said struct {
	Upload, Next, Code, Says string
	Have                     []int64
}

// script asks as document.js does.
func (p *person) script(method, path, kind string, body io.Reader) (int, said) {
	p.t.Helper()
	req, err := http.NewRequest(method, p.r.srv.URL+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	if kind != "" {
		req.Header.Set("Content-Type", kind)
	}
	a := p.do(req)
	var out said
	if strings.HasPrefix(a.header.Get("Content-Type"), "application/json") {
		if err := json.Unmarshal([]byte(a.body), &out); err != nil {
			p.t.Fatal(err)
		}
	}
	return a.status, out
}

const urlencoded = "application/x-www-form-urlencoded"

// beginPieces announces a document.
func (p *person) beginPieces(child string, form url.Values, name string, size int) string {
	p.t.Helper()
	fields := with(form, "document_what", "recording", "name", name, "size", strconv.Itoa(size))
	status, out := p.script("POST", child+"/uploads", urlencoded, strings.NewReader(fields.Encode()))
	if status != http.StatusOK || out.Upload == "" {
		p.t.Fatalf("begin: got %d %+v", status, out)
	}
	return child + "/uploads/" + out.Upload
}

// TestADocumentPieceByPiece sends pieces, loses the browser, goes on from another
// page, and finishes: what is handed out is what was sent.
func TestADocumentPieceByPiece(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Moss Calder")
	other := newChild(t, worker, "Fern Calder")
	const piece = 256 << 10
	body := tape(3*piece + 1000)
	put := func(p *person, at string, n int, b []byte) (int, said) {
		return p.script("PUT", at+"/"+strconv.Itoa(n), "application/octet-stream", bytes.NewReader(b))
	}
	part := func(n int) []byte { return body[n*piece : min((n+1)*piece, len(body))] }
	form := worker.get(child+"/documents/new").form(t, child+"/documents/new")
	at := worker.beginPieces(child, form, "talk.amr", len(body))
	if again := worker.beginPieces(child, form, "talk.amr", len(body)); again != at {
		t.Error("the same form twice began two uploads")
	}
	for _, n := range []int{0, 2} {
		if status, out := put(worker, at, n, part(n)); status != http.StatusOK {
			t.Fatalf("piece %d: got %d %+v", n, status, out)
		}
	}
	finish := url.Values{"command": form["command"], "sum": {hashOf(body)}}
	if status, out := worker.script("POST", at+"/finish", urlencoded, strings.NewReader(finish.Encode())); status != http.StatusConflict || out.Code != "document-incomplete" {
		t.Errorf("finished with a hole: got %d %+v", status, out)
	}

	// The browser is gone. The page of another one shows what is not finished.
	page := worker.get(child + "/documents/new")
	if !strings.Contains(page.body, `data-upload="`+at[strings.LastIndex(at, "/")+1:]+`" data-size="`+strconv.Itoa(len(body))+`"`) || !page.says("talk.amr") {
		t.Error("the page does not show what can go on")
	}
	form = page.form(t, child+"/documents/new")
	if status, out := worker.script("GET", at, "", nil); status != http.StatusOK || len(out.Have) != 2 || out.Have[1] != 2 {
		t.Errorf("what is here: got %d %+v, want pieces 0 and 2", status, out)
	}
	if status, out := put(worker, at, 0, part(1)); status != http.StatusConflict || out.Code != "document-piece-differs" || out.Says != words("error.document-piece-differs") {
		t.Errorf("another file: got %d %+v", status, out)
	}
	if status, _ := put(worker, at, 0, part(0)); status != http.StatusOK {
		t.Errorf("the same piece again: got %d", status)
	}

	// The upload belongs to its case and to who began it.
	wrong := strings.Replace(at, child, other, 1)
	boss := r.as(t, "supervisor")
	for name, try := range map[string]func() (int, said){
		"another case, a piece":      func() (int, said) { return put(worker, wrong, 1, part(1)) },
		"another case, what is here": func() (int, said) { return worker.script("GET", wrong, "", nil) },
		"another case, the end": func() (int, said) {
			return worker.script("POST", wrong+"/finish", urlencoded, strings.NewReader(finish.Encode()))
		},
		"another person, a piece": func() (int, said) { return put(boss, at, 1, part(1)) },
		"another person, the end": func() (int, said) {
			return boss.script("POST", at+"/finish", urlencoded, strings.NewReader(finish.Encode()))
		},
		"an upload that is not there": func() (int, said) {
			return put(worker, child+"/uploads/00000000000000000000000000", 1, part(1))
		},
	} {
		if status, out := try(); status != http.StatusNotFound || out.Code != "" {
			t.Errorf("%s: got %d %+v, want 404", name, status, out)
		}
	}
	if status, _ := put(worker, at, 1, append(bytes.Clone(part(1)), 'x')); status != http.StatusUnprocessableEntity {
		t.Errorf("a piece that is too large: got %d, want 422", status)
	}
	for _, n := range []int{1, 3} {
		if status, out := put(worker, at, n, part(n)); status != http.StatusOK {
			t.Fatalf("piece %d: got %d %+v", n, status, out)
		}
	}
	finish.Set("command", form.Get("command"))
	for range 2 { // the second is a replay
		status, out := worker.script("POST", at+"/finish", urlencoded, strings.NewReader(finish.Encode()))
		if status != http.StatusOK || out.Next != child+"/documents?done=document" {
			t.Fatalf("finish: got %d %+v", status, out)
		}
	}
	doc := worker.newest(child)
	if a := worker.get(doc + "/file"); a.status != http.StatusOK || a.body != string(body) || a.header.Get("Content-Type") != "audio/amr" {
		t.Errorf("handed out: got %d, %d bytes, want what was sent", a.status, len(a.body))
	}
	if a := worker.get(doc + "/image"); a.status != http.StatusNotFound {
		t.Errorf("a recording shown in a page: got %d, want 404", a.status)
	}
	if a := worker.get(strings.Replace(doc, child, other, 1)); a.status != http.StatusNotFound {
		t.Errorf("the document below another child: got %d, want 404", a.status)
	}
	if a := worker.get(strings.Replace(doc, child, other, 1) + "/file"); a.status != http.StatusNotFound {
		t.Errorf("the file below another child: got %d, want 404", a.status)
	}
}

// TestPiecesOfTwoFilesAreNoDocument mixes two files that begin alike.
func TestPiecesOfTwoFilesAreNoDocument(t *testing.T) {
	r := newRig(t)
	worker := r.as(t, "case_worker")
	child := newChild(t, worker, "Reed Ashdown")
	const piece = 256 << 10
	one := tape(2 * piece)
	two := bytes.Clone(one)
	two[piece+7]++
	form := worker.get(child+"/documents/new").form(t, child+"/documents/new")
	at := worker.beginPieces(child, form, "a.amr", len(one))
	for n, b := range [][]byte{one[:piece], one[piece:]} {
		if status, _ := worker.script("PUT", at+"/"+strconv.Itoa(n), "", bytes.NewReader(b)); status != http.StatusOK {
			t.Fatalf("piece %d: got %d", n, status)
		}
	}
	finish := url.Values{"command": form["command"], "sum": {hashOf(two)}}
	if status, out := worker.script("POST", at+"/finish", urlencoded, strings.NewReader(finish.Encode())); status != http.StatusUnprocessableEntity || out.Code != "document-damaged" {
		t.Errorf("got %d %+v, want 422 and document-damaged", status, out)
	}
	if a := worker.get(child + "/documents"); documentLink.MatchString(a.body) {
		t.Error("a document was made of it")
	}
}

// TestWhatMayShowAbuse locks a document and lets two people destroy it. From the
// lock on nothing of it is shown to anybody.
func TestWhatMayShowAbuse(t *testing.T) {
	r := newRig(t)
	worker, boss := r.signedIn(t, "case_worker"), r.signedIn(t, "supervisor")
	child := newChild(t, worker, "Sorrel Vane")
	worker.attach(child, "file", "holiday.jpg", photo(t), "document_what", "evidence", "document_text", "From the telephone.").wants(t, http.StatusSeeOther, child+"/documents?done=document")
	at := worker.newest(child)
	lock := worker.get(at+"/lock").form(t, at+"/lock")
	worker.post(at+"/lock", lock).wants(t, http.StatusSeeOther, at+"?done=document-locked")
	for name, p := range map[string]*person{"worker": worker, "supervisor": boss} {
		for _, page := range []string{at, child + "/documents"} {
			a := p.get(page)
			if a.status != http.StatusOK || a.says("holiday") || a.says("From the telephone") || !a.says(words("document.hidden")) {
				t.Errorf("%s, %s: got %d; it shows something of what is locked", name, page, a.status)
			}
		}
		for _, way := range []string{"/file", "/image", "?show=1"} {
			if a := p.get(at + way); a.status == http.StatusOK && (way != "?show=1" || strings.Contains(a.body, "<img")) {
				t.Errorf("%s fetches what is locked by %s", name, way)
			}
		}
		if a := p.get(at); !a.says("The police unit for crimes against children") {
			t.Errorf("%s is not told whom to tell", name)
		}
		for _, act := range []string{"/lock", "/remove", "/confirm"} {
			if a := p.get(at + act); a.status != http.StatusNotFound && !(name == "supervisor" && act == "/confirm") {
				t.Errorf("%s is offered %s of what is locked: %d", name, act, a.status)
			}
		}
	}
	ask := with(worker.get(at+"/destroy").form(t, at+"/destroy"), "document_reference", "CAC-2026/118")
	if a := worker.post(at+"/destroy", with(fresh(ask), "document_reference", "")); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a reference: got %d, want 422", a.status)
	}
	worker.post(at+"/destroy", ask).wants(t, http.StatusSeeOther, at+"?done=document-asked")
	if a := worker.post(at+"/confirm", fresh(ask)); a.status != http.StatusNotFound {
		t.Errorf("who asked confirms: got %d, want 404", a.status)
	}
	if a := boss.get(at); !strings.Contains(a.body, `href="`+at+`/confirm"`) || !a.says("CAC-2026/118") {
		t.Fatal("the second person is not offered it, or does not see the number")
	}
	boss.post(at+"/confirm", boss.get(at+"/confirm").form(t, at+"/confirm")).wants(t, http.StatusSeeOther, at+"?done=document-destroyed")
	if a := boss.get(at); !a.says("CAC-2026/118") || !a.says(words("documentstate.destroyed")) || !a.says(words("event.document-destroyed")) {
		t.Error("after the destruction number, state or history are missing")
	}
}
