package web_test

import (
	"bytes"
	"context"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/web"
)

// upload sends a file as the page's form does.
func (p *person) upload(name, content string) answer {
	p.t.Helper()
	return p.uploadAs(ident.New[ident.Command]().String(), name, content)
}

// uploadAs sends a file with the identifier of a form, "" for none.
func (p *person) uploadAs(command, name, content string) answer {
	p.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	if command != "" {
		if err := w.WriteField("command", command); err != nil {
			p.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := part.Write([]byte(content)); err != nil {
		p.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		p.t.Fatal(err)
	}
	return p.send("/import", w.FormDataContentType(), body.String(), "same-origin")
}

const childrenFile = "prs_FirstName,prs_SecondName,DOB,Gender,Notes\n" +
	"Tamsin,Quillfeather,2012-03-14,F,likes drawing\n" +
	"Orrin,Blackwater,2013-05-02,M,\n" +
	",,2011-01-01,M,nobody is named here\n" +
	"Tamsin,Quillfeather,2012-03-14,F,likes drawing\n"

// TestImport takes a file from the first look to the children in the list, and
// brings it in again.
func TestImport(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "supervisor")
	first := p.upload(`C:\files\children.csv`, childrenFile)
	at := strings.TrimSuffix(first.header.Get("Location"), "/map")
	if first.status != http.StatusSeeOther || !strings.HasPrefix(at, "/import/") {
		t.Fatalf("the upload: got %d %q", first.status, first.header.Get("Location"))
	}
	noPlainText(t, "Quillfeather")
	if a := r.as(t, "case_worker").get(at); a.status != http.StatusNotFound {
		t.Errorf("somebody else's import: got %d, want 404", a.status)
	}
	report := mapAndCheck(t, p, at)
	for _, want := range []string{"What would happen", "Row 4", "There is no name in this row.", "Row 5"} {
		if !strings.Contains(report.body, want) {
			t.Errorf("the report does not say %q", want)
		}
	}
	if strings.Contains(report.body, "nobody is named here") {
		t.Error("the report shows what stands in a cell")
	}
	list := p.get(at + "/problems.csv")
	if list.status != http.StatusOK || !strings.Contains(list.body, "There is no name in this row.") || strings.Contains(list.body, "nobody is named") {
		t.Errorf("the report as a file: got %d %q", list.status, list.body)
	}
	start := report.form(t, at+"/run")
	for range 2 { // a replay is answered as the first was
		p.post(at+"/run", start).wants(t, http.StatusSeeOther, at)
	}
	done := untilDone(t, p, at)
	p.post(at+"/run", start).wants(t, http.StatusSeeOther, at)
	if a := p.get(at); !strings.Contains(a.body, "The children are in the list.") {
		t.Error("a start sent again after the end changes the page")
	}
	if !strings.Contains(done.body, "The children are in the list.") {
		t.Error("the end is not shown")
	}
	if a := p.get("/import"); !strings.Contains(a.body, "children.csv") || strings.Contains(a.body, "files") {
		t.Error("the earlier import is not listed by the name of its file")
	}
	again := p.upload("again.csv", childrenFile)
	second := strings.TrimSuffix(again.header.Get("Location"), "/map")
	if report := mapAndCheck(t, p, second); !strings.Contains(report.body, "An earlier import registered this row.") || strings.Contains(report.body, `button class="main"`) {
		t.Error("rows that are in would be registered again")
	}
	discard := p.get(second).form(t, second+"/discard")
	for range 2 {
		p.post(second+"/discard", discard).wants(t, http.StatusSeeOther, "/import?done=import-discarded")
	}
	if a := p.get(second); a.status != http.StatusNotFound {
		t.Errorf("a discarded import: got %d, want 404", a.status)
	}
}

var (
	selected     = regexp.MustCompile(`<select id="f-(column_[0-9]+(?:_order)?)"[^>]*>(?s:(.*?))</select>`)
	chosenOption = regexp.MustCompile(`<option value="([^"]*)" selected>`)
)

// mapAndCheck takes the columns as they were guessed and chooses what is asked.
func mapAndCheck(t *testing.T, p *person, at string) answer {
	t.Helper()
	page := p.get(at + "/map")
	if page.status != http.StatusOK {
		t.Fatalf("the columns: got %d", page.status)
	}
	_, post, _ := strings.Cut(page.body, `method="post" action="`+at+`/map"`)
	form := answer{body: `action="` + at + `/map"` + post}.form(t, at+"/map")
	for _, m := range selected.FindAllStringSubmatch(page.body, -1) {
		if o := chosenOption.FindStringSubmatch(m[2]); o != nil {
			form.Set(m[1], o[1])
		}
	}
	if form.Get("column_0") != "given_name" {
		t.Errorf("the first column is taken for %q", form.Get("column_0"))
	}
	if a := p.post(at+"/map", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `href="#f-default_risk"`) {
		t.Errorf("without a risk: got %d, want 422 at the field", a.status)
	}
	form = with(form, "default_risk", "medium", "default_basis", firstOption(t, page, "default_basis"))
	p.post(at+"/map", form).wants(t, http.StatusSeeOther, at)
	return untilDone(t, p, at)
}

// TestImportFormsAreCarriedOutOnce sends the forms of an import twice, and without
// their command.
func TestImportFormsAreCarriedOutOnce(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "supervisor")
	command := ident.New[ident.Command]().String()
	first := p.uploadAs(command, "twice.csv", childrenFile)
	p.uploadAs(command, "twice.csv", childrenFile).wants(t, http.StatusSeeOther, first.header.Get("Location"))
	if n := strings.Count(p.get("/import").body, "twice.csv"); n != 1 {
		t.Errorf("a file sent twice is %d imports, want 1", n)
	}
	for _, forged := range []string{"", "x", strings.Repeat("z", 4000)} {
		if a := p.uploadAs(forged, "forged.csv", childrenFile); a.status != http.StatusUnprocessableEntity {
			t.Errorf("a file with the command %.10q: got %d, want 422", forged, a.status)
		}
	}
	at := strings.TrimSuffix(first.header.Get("Location"), "/map")
	mapAndCheck(t, p, at)
	for _, form := range []string{"/map", "/try", "/run", "/pause", "/discard"} {
		if a := p.post(at+form, nil); a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s without a command: got %d, want 422", form, a.status)
		}
	}
	if a := p.get("/import"); strings.Contains(a.body, "forged.csv") {
		t.Error("a file without a command was taken in")
	}
	p.post(at+"/discard", p.get(at).form(t, at+"/discard")).wants(t, http.StatusSeeOther, "/import?done=import-discarded")
}

// slowDesk answers for imports as if each took its time.
type slowDesk struct {
	web.ImportDesk
	as func(*web.Imported)
}

func (d *slowDesk) Get(ctx context.Context, c *access.Caller, id ident.Import) (web.Imported, error) {
	im, err := d.ImportDesk.Get(ctx, c, id)
	d.as(&im)
	return im, err
}

// TestDryRunShowsItsProgress: while a file is tried its page says how far that is,
// asks again by itself without JavaScript, and offers to stop; a trial that broke
// off offers to try again.
func TestDryRunShowsItsProgress(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "supervisor")
	at := strings.TrimSuffix(p.upload("slow.csv", childrenFile).header.Get("Location"), "/map")
	mapAndCheck(t, p, at)
	desk := &slowDesk{ImportDesk: r.deps.Import, as: func(im *web.Imported) { im.State, im.Tried, im.Rows = "checking", 1200, 4000 }}
	deps := r.deps
	deps.Import = desk
	h, err := web.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	see := func() answer {
		t.Helper()
		req := httptest.NewRequest(http.MethodGet, at, nil)
		base, err := url.Parse(r.srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.client.Jar.Cookies(base) {
			req.AddCookie(c)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return answer{w.Code, w.Header(), w.Body.String()}
	}
	a := see()
	for _, want := range []string{`http-equiv="refresh"`, `max="4000" value="1200"`, `action="` + at + `/pause"`, "1,200 of about 4,000 rows"} {
		if a.status != http.StatusOK || !strings.Contains(plainWords.Replace(a.body), want) {
			t.Errorf("while it is tried: got %d without %s", a.status, want)
		}
	}
	if strings.Contains(a.body, `button class="main"`) || strings.Contains(a.body, at+"/discard") {
		t.Error("while it is tried the page offers what must wait")
	}
	desk.as = func(im *web.Imported) { im.State, im.Failure = "mapped", "import-broken-off" }
	a = see()
	if a.status != http.StatusOK || !strings.Contains(a.body, "broken off") || strings.Contains(a.body, `http-equiv="refresh"`) {
		t.Errorf("broken off: got %d, want a page that says so and stands", a.status)
	}
	again := a.form(t, at+"/try")
	p.post(at+"/try", again).wants(t, http.StatusSeeOther, at)
	if done := untilDone(t, p, at); !strings.Contains(done.body, "What would happen") {
		t.Error("tried again, there is no report")
	}
	p.post(at+"/try", again).wants(t, http.StatusSeeOther, at)
	p.post(at+"/discard", p.get(at).form(t, at+"/discard")).wants(t, http.StatusSeeOther, "/import?done=import-discarded")
}

// plainWords takes the marks out that isolate numbers and names.
var plainWords = strings.NewReplacer("\u2068", "", "\u2069", "")

func untilDone(t *testing.T, p *person, at string) answer {
	t.Helper()
	for range 200 {
		a := p.get(at)
		if !strings.Contains(a.body, `http-equiv="refresh"`) {
			return a
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the import does not end")
	return answer{}
}

// noPlainText looks for a word in every file of the node.
func noPlainText(t *testing.T, word string) {
	t.Helper()
	err := filepath.WalkDir(rigDir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		if err == nil && bytes.Contains(b, []byte(word)) {
			t.Errorf("%s holds a name of the file", filepath.Base(path))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestFilesThatAreNone(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "supervisor")
	if a := p.send("/import", "application/x-www-form-urlencoded", "file=x", "same-origin"); a.status != http.StatusUnprocessableEntity {
		t.Errorf("a form without a file: got %d, want 422", a.status)
	}
	if a := p.upload("", ""); a.status != http.StatusUnprocessableEntity {
		t.Errorf("no file chosen: got %d, want 422", a.status)
	}
	for name, content := range map[string]string{"empty.csv": "", "broken.xlsx": "PK\x03\x04 nothing", "picture.png": "\x89PNG\r\n\x1a\n\x00\x00\x00"} {
		a := p.upload(name, content)
		if a.status == http.StatusSeeOther {
			a = p.get(a.header.Get("Location"))
		}
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s: got %d, want 422", name, a.status)
		}
	}
	missing := p.get("/there/is/no/such/page")
	for _, id := range []string{"x", ident.New[ident.Import]().String()} {
		for _, page := range []string{"", "/map", "/problems.csv"} {
			if a := p.get("/import/" + id + page); a.status != http.StatusNotFound || a.plain() != missing.plain() {
				t.Errorf("/import/%s%s: got %d, want what does not exist", id, page, a.status)
			}
		}
	}
	if a := r.as(t, "auditor").upload("x.csv", childrenFile); a.status != http.StatusNotFound {
		t.Errorf("an upload by an auditor: got %d, want 404", a.status)
	}
}
