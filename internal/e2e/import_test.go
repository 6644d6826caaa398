package e2e_test

import (
	"bytes"
	"fmt"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
)

// upload sends a file as the page's form does, and returns the import's address.
func (c *client) upload(name, content string) string {
	c.t.Helper()
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, values := range c.page("/import").form(c.t, "/import").fields {
		if err := w.WriteField(field, strings.Join(values, "")); err != nil {
			c.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		c.t.Fatal(err)
	}
	if _, err := part.Write([]byte(content)); err != nil {
		c.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		c.t.Fatal(err)
	}
	req := c.request(http.MethodPost, "/import", &body)
	req.Header.Set("Content-Type", w.FormDataContentType())
	r := c.do(req)
	at, ok := strings.CutSuffix(r.location(), "/map")
	if r.status != http.StatusSeeOther || !ok {
		c.t.Fatalf("upload: status %d to %q", r.status, r.location())
	}
	return at
}

// TestImport takes a file of many rows from the first look to the register, with
// the pages of progress on the way: they ask again by themselves.
func TestImport(t *testing.T) {
	inBothModes(t, func(t *testing.T, script bool) {
		var rows strings.Builder
		rows.WriteString("prs_FirstName,prs_SecondName,DOB,Gender,Notes\n")
		kind := strings.ReplaceAll(strings.ToLower(t.Name()), " ", "")
		for i := range 120 {
			fmt.Fprintf(&rows, "Marlow%d,Reedbank%s,2012-%02d-%02d,F,\n", i, kind[len(kind)-14:len(kind)-10], i%12+1, i%28+1)
		}
		marked("Reedbank")
		at := as(t, supervisor(t)).upload("children.csv", rows.String()+",,2011-01-01,M,nobody is named here\n")
		b := newTab(t, "en", script)
		b.enter(supervisor(t)) // imports belong to the person, not to the session
		b.open(at + "/map")
		b.look("import-map")
		b.click(`main form[method=post] button.main`)
		if got := b.text("#errors"); !strings.Contains(got, "Why may we keep these records?") {
			t.Errorf("without a basis the page says %q", got)
		}
		b.look("import-map-wrong")
		b.choose("default_risk", "medium")
		b.choose("default_basis", "vital_interest")
		b.click(`main form[method=post] button.main`)
		b.waitFor(`!document.querySelector("meta[http-equiv=refresh]")`)
		b.says("h1", "What would happen")
		b.look("import-report")
		b.click(`main form[action$="/run"] button.main`)
		b.waitFor(`!document.querySelector("meta[http-equiv=refresh]")`)
		b.says("h1", "Done")
		b.look("import-done")
	})
}
