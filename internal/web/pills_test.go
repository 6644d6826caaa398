package web_test

import (
	"strings"
	"testing"

	"causeway/internal/locale"
	"causeway/internal/web"
)

// TestAnswersToChooseFromAreEscaped puts markup wherever an answer to choose from
// has a text.
func TestAnswersToChooseFromAreEscaped(t *testing.T) {
	r, _ := newRenderer(t)
	const bad = `"><script>x</script>'&`
	s := newScene(t, "en")
	in := web.Input{Name: "a." + bad, ID: "f-" + bad, Label: "x", Type: "radio", Options: []web.Choice{{Value: bad, Label: bad, Hint: bad, On: true}, {Value: bad, Label: bad}}}
	long := in
	long.Type, long.Size = "", "long"
	page := web.FormFill{Frame: s.frame("children"), Child: s.child(0), Parts: []web.FormPart{{ID: "p", Fields: []web.FormField{
		{Kind: "choice", At: "a.x", Input: in}, {Kind: "choice", At: "a.y", Input: long},
	}}}}
	html, release, err := r.HTML(locale.Get("en"), page)
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if got := string(html); strings.Contains(got, "<script>x") || strings.Count(got, "&lt;script&gt;x&lt;/script&gt;") < 11 || !strings.Contains(got, " checked") || !strings.Contains(got, " selected") {
		t.Error("an answer to choose from writes markup, or is not written")
	}
}
