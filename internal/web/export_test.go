package web_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"filippo.io/age"
	"github.com/xuri/excelize/v2"
)

var shownPassphrase = regexp.MustCompile(`[0-9a-hjkmnp-tv-z]{5}(?:-[0-9a-hjkmnp-tv-z]{5}){4}`)

// exportOf orders an export at an address and fetches its file.
func exportOf(t *testing.T, p *person, at string, pairs ...string) (page, file answer) {
	t.Helper()
	action, _, _ := strings.Cut(at, "?")
	form := with(p.get(at).form(t, action), append([]string{"export_reason", "For the judge.", "export_format", "csv", "export_protect", "passphrase"}, pairs...)...)
	if form.Get("export_field") == "" {
		form["export_field"] = []string{"number", "name", "risk"}
	}
	a := p.post(action, form)
	to := a.header.Get("Location")
	if a.status != http.StatusSeeOther || !strings.HasPrefix(to, "/export/") {
		t.Fatalf("order: got %d %q\n%s", a.status, to, a.body)
	}
	page = p.get(to)
	return page, p.post(to, page.form(t, to))
}

// opened decrypts what was exported.
func opened(t *testing.T, file answer, with age.Identity) string {
	t.Helper()
	r, err := age.Decrypt(strings.NewReader(file.body), with)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func byPassphrase(t *testing.T, page answer) age.Identity {
	t.Helper()
	id, err := age.NewScryptIdentity(shownPassphrase.FindString(page.body))
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestExportOfOneCase(t *testing.T) {
	r := newRig(t)
	worker := r.signedIn(t, "case_worker")
	const marker = "Zephyrine Quillon"
	child := newChild(t, worker, "=2+5 "+marker)
	tmp := t.TempDir()
	t.Setenv("TMPDIR", tmp)
	at := child + "/export"
	if a := worker.get(child); !strings.Contains(a.body, `href="`+at+`"`) {
		t.Fatal("the child's page does not offer the export")
	}
	if a := worker.get(at); strings.Contains(a.body, `value="none"`) || strings.Contains(a.body, `value="paper"`) {
		t.Error("a worker is offered to export without encryption")
	}

	page, file := exportOf(t, worker, at)
	name := file.header.Get("Content-Disposition")
	if file.status != http.StatusOK || !strings.HasSuffix(name, `.csv.age"`) || strings.Contains(name, "illon") || strings.Contains(file.body, marker) {
		t.Fatalf("file: got %d %s", file.status, name)
	}
	text := opened(t, file, byPassphrase(t, page))
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff"))).ReadAll()
	if err == nil {
		t.Errorf("rows of different lengths were read: %v", rows)
	}
	for _, want := range []string{"'=2+5 " + marker, words("export.mark.secret"), "For the judge.", words("exportfield.name")} {
		if !strings.Contains(text, want) {
			t.Errorf("the file lacks %q", want)
		}
	}
	if strings.Contains(text, ",=2+5") {
		t.Error("the name is a formula")
	}
	if a := worker.get(child); !strings.Contains(a.body, words("event.exported")) || !strings.Contains(a.body, "For the judge.") {
		t.Error("the timeline does not say that the case was exported, or why")
	}

	_, file = exportOf(t, worker, at, "export_format", "xlsx", "export_field", "events", "export_field", "name", "export_protect", "passphrase")
	if file.status != http.StatusOK {
		t.Fatalf("workbook: got %d", file.status)
	}

	key, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	page, file = exportOf(t, worker, at, "export_format", "json", "export_protect", "key", "export_key", key.Recipient().String())
	if shownPassphrase.MatchString(page.body) {
		t.Error("a passphrase is shown although a key was given")
	}
	var doc struct {
		Export struct{ Marks []string }
		Cases  []map[string]any
	}
	if err := json.Unmarshal([]byte(opened(t, file, key)), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Cases) != 1 || doc.Cases[0]["name"] != "=2+5 "+marker || doc.Cases[0]["risk"] != "medium" || len(doc.Export.Marks) != 3 {
		t.Errorf("JSON = %+v", doc)
	}

	form := with(worker.get(at).form(t, at), "export_reason", "Kept words", "export_format", "csv", "export_field", "name")
	for _, wrong := range [][]string{
		{"export_protect", "none", "export_sure", "yes"}, // a worker's order without encryption finds no such page
		{"export_protect", "key", "export_key", "ssh-rsa x"}, {},
	} {
		a := worker.post(at, with(fresh(form), wrong...))
		if a.status == http.StatusSeeOther || len(wrong) != 4 && !strings.Contains(a.body, "Kept words") {
			t.Errorf("%v: got %d", wrong, a.status)
		}
	}

	// Nothing of what was exported lies anywhere in the clear.
	for _, dir := range []string{tmp, rigDir} {
		err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			b, err := os.ReadFile(path)
			if bytes.Contains(b, []byte(marker)) || bytes.Contains(b, []byte("Zephyrine")) {
				t.Errorf("%s holds the child's name", path)
			}
			if dir == tmp {
				t.Errorf("a file was left: %s", path)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestExportOfAList(t *testing.T) {
	r := newRig(t)
	worker, boss := r.signedIn(t, "case_worker"), r.signedIn(t, "supervisor")
	child := newChild(t, worker, "Orsolya Brandt")
	missing := worker.get("/there/is/no/such/page")
	if a := worker.get("/children/export"); a.status != http.StatusNotFound || a.plain() != missing.plain() {
		t.Errorf("the export of a list for a worker: got %d, want what does not exist", a.status)
	}
	at := "/children/export?risk=medium"
	if a := boss.get("/children?risk=medium"); !strings.Contains(a.body, `href="`+at+`"`) {
		t.Error("the list does not offer its export")
	}
	page, file := exportOf(t, boss, at, "export_format", "xlsx")
	f, err := excelize.OpenReader(strings.NewReader(opened(t, file, byPassphrase(t, page))))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := f.GetRows(words("nav.children"))
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for i, row := range rows {
		if i > 3 && len(row) > 2 && row[2] != words("code.medium") && row[2] != "Medium" {
			t.Errorf("row %d has risk %q", i, row[2])
		}
		found = found || len(row) > 1 && row[1] == "Orsolya Brandt"
	}
	if !found {
		t.Error("the child is not in the workbook")
	}

	// Without encryption: only with one more yes, and as an entry of its own.
	form := with(boss.get(at).form(t, "/children/export"), "export_reason", "r", "export_format", "csv", "export_protect", "none", "export_field", "name")
	if a := boss.post("/children/export", form); a.status != http.StatusUnprocessableEntity || !strings.Contains(a.body, `id="f-export_sure-error"`) {
		t.Errorf("not encrypted without the box: got %d, want 422 at the box", a.status)
	}
	_, file = exportOf(t, boss, at, "export_protect", "none", "export_sure", "yes")
	if !strings.Contains(file.body, "Orsolya Brandt") {
		t.Error("the plain file lacks the child")
	}
	_, file = exportOf(t, boss, at, "export_format", "paper", "export_protect", "none", "export_sure", "yes")
	if !strings.Contains(file.body, "Orsolya Brandt") || !strings.Contains(file.body, words("export.mark.secret")) {
		t.Error("the page to print lacks the child or the marks")
	}
	if a := boss.get(child + "/looked"); !strings.Contains(a.body, words("what.case.export")) {
		t.Error("the child's page of who looked does not say that the child was exported")
	}
	to := "/export/" + strings.Repeat("0", 26)
	if a := boss.post(to, url.Values{"command": fresh(form)["command"]}); a.status != http.StatusNotFound {
		t.Errorf("an export that there is not: got %d, want 404", a.status)
	}
}
