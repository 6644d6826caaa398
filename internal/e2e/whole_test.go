package e2e_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

var passphraseOnPage = regexp.MustCompile(`<p class="secret"><bdi[^>]*>([a-z0-9-]+)</bdi>`)

// TestWholeCases brings a file of whole cases in on the page, and takes whole cases
// out again: encrypted, marked, and every cell as it was.
func TestWholeCases(t *testing.T) {
	content, err := os.ReadFile("../intake/testdata/htcds_all.csv")
	if err != nil {
		t.Fatal(err)
	}
	want, err := csv.NewReader(bytes.NewReader(content)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	boss := enter(t, supervisor(t)) // a fresh check counts for a few minutes
	at := boss.upload("whole.csv", string(content))
	r := boss.post(at+"/map", boss.columns(at+"/map", url.Values{"default_risk": {"medium"}, "default_basis": {"vital_interest"}}))
	if r.status != http.StatusSeeOther {
		t.Fatalf("map: status %d\n%s", r.status, parsePage(t, r.body).Words)
	}
	boss.until(at, `action="`+at+`/run"`)
	if r := boss.submit(at, at+"/run", nil); r.status != http.StatusSeeOther {
		t.Fatalf("run: status %d", r.status)
	}
	boss.until(at, "Done")

	for _, format := range []string{"htcds", "htcds_xlsx"} {
		t.Run(format, func(t *testing.T) { boss.takenOut(t, format, want) })
	}
}

// TestPrimeroCases brings in cases with their sub-forms and takes them out as they
// were, by the same pages.
func TestPrimeroCases(t *testing.T) {
	content, err := os.ReadFile("../intake/testdata/primero_cases.json")
	if err != nil {
		t.Fatal(err)
	}
	boss := enter(t, supervisor(t))
	at := boss.upload("cases.json", string(content))
	r := boss.post(at+"/map", boss.columns(at+"/map", url.Values{"default_risk": {"medium"}, "default_basis": {"vital_interest"}}))
	if r.status != http.StatusSeeOther {
		t.Fatalf("map: status %d\n%s", r.status, parsePage(t, r.body).Words)
	}
	boss.until(at, `action="`+at+`/run"`)
	if r := boss.submit(at, at+"/run", nil); r.status != http.StatusSeeOther {
		t.Fatalf("run: status %d", r.status)
	}
	boss.until(at, "Done")
	var in []struct{ Data map[string]any }
	var out []map[string]any
	if err := errors.Join(json.Unmarshal(content, &in), json.Unmarshal(boss.fetched(t, "primero"), &out)); err != nil {
		t.Fatal(err)
	}
	by := map[any]map[string]any{}
	for _, one := range out {
		by[one["case_id"]] = one
	}
	for _, one := range in {
		for name, want := range one.Data {
			if list, ok := want.([]any); ok && len(list) == 0 {
				continue // says nothing
			}
			if got := by[one.Data["case_id"]][name]; !cmp.Equal(got, want) {
				t.Errorf("%v: %s did not come back as it was: %v", one.Data["case_id"], name, got)
			}
		}
	}
}

// takenOut orders an export, fetches it, and looks for every cell in it.
func (c *client) takenOut(t *testing.T, format string, want [][]string) {
	t.Helper()
	got := table(t, format, c.fetched(t, format))
	header, mark := got[0], len(got[0])-1
	if header[mark] != "causeway_mark" || !strings.Contains(got[1][mark], "the file goes back") {
		t.Errorf("the file does not say why it was made: %q", got[1][mark])
	}
	number := slices.Index(header, "prs_IdentityNumber")
	back := map[string][]string{}
	for _, line := range got[1:] {
		back[line[number]] = line
	}
	for _, line := range want[1:] {
		out := back[line[number]]
		for i, name := range want[0] {
			if j := slices.Index(header, name); out == nil || j < 0 || strings.TrimPrefix(out[j], "'") != line[i] {
				t.Errorf("%s of %s did not come back as it was", name, line[number])
			}
		}
	}
}

// fetched orders an export and returns what is in its file.
func (c *client) fetched(t *testing.T, format string) []byte {
	t.Helper()
	order := url.Values{"export_format": {format}, "export_protect": {"passphrase"}, "export_reason": {"the file goes back"}}
	r := c.submit("/children/export", "/children/export", order)
	if r.status != http.StatusSeeOther {
		t.Fatalf("order: status %d", r.status)
	}
	page := c.get(r.location())
	pass := passphraseOnPage.FindStringSubmatch(string(page.body))
	if pass == nil {
		t.Fatalf("no passphrase on the page of the export (%d)", page.status)
	}
	file := c.submit(r.location(), r.location(), nil)
	if file.status != http.StatusOK {
		t.Fatalf("fetch: status %d", file.status)
	}
	return decrypted(t, string(file.body), pass[1])
}

func decrypted(t *testing.T, body, pass string) []byte {
	t.Helper()
	id, err := age.NewScryptIdentity(pass)
	if err != nil {
		t.Fatal(err)
	}
	plain, err := age.Decrypt(strings.NewReader(body), id)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(plain)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// table reads a file back with the programs of others.
func table(t *testing.T, format string, b []byte) [][]string {
	t.Helper()
	if format == "htcds_xlsx" {
		book, err := excelize.OpenReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := book.GetRows("HTCDS 2.0")
		if err != nil {
			t.Fatal(err)
		}
		return rows
	}
	all, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(b, []byte("\ufeff")))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// columns is the form that says what each column is, as the page proposes it.
func (c *client) columns(path string, typed url.Values) url.Values {
	c.t.Helper()
	for _, f := range c.page(path).Forms {
		if url.Values(f.fields).Has("columns") {
			maps.Copy(f.fields, typed)
			return url.Values(f.fields)
		}
	}
	c.t.Fatalf("%s has no form about columns", path)
	return nil
}

// until asks for a page again until it says something.
func (c *client) until(path, text string) {
	c.t.Helper()
	for range 200 {
		if r := c.get(path); strings.Contains(string(r.body), text) {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	c.t.Fatalf("%s never says what it should", path)
}
