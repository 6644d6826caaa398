package web_test

import (
	"reflect"
	"regexp"
	"strings"
	"testing"

	"causeway/internal/locale"
	"causeway/internal/web"

	"github.com/jba/templatecheck"
)

func TestTemplatesFitTheirViews(t *testing.T) {
	r, _ := newRenderer(t)
	for _, p := range web.Pages() {
		tmpl := r.Template(locale.Get("en"), p.Name)
		if tmpl == nil {
			t.Errorf("page %s has no template", p.Name)
			continue
		}
		if err := templatecheck.CheckHTML(tmpl, p.View); err != nil {
			t.Errorf("page %s: %v", p.Name, err)
		}
	}
}

func TestEveryPageHasAPreview(t *testing.T) {
	for _, p := range web.Pages() {
		found := false
		for _, v := range all(newScene(t, "en")) {
			found = found || sameType(v.view, p.View)
		}
		if !found {
			t.Errorf("page %s has no preview", p.Name)
		}
	}
}

var (
	posts    = regexp.MustCompile(`(?s)<form[^>]*method="post"[^>]*>.*?</form>`)
	forms    = regexp.MustCompile(`<form[^>]*>`)
	controls = regexp.MustCompile(`<(?:input|select|textarea)\b[^>]*>`)
	missing  = regexp.MustCompile(`‹[^›]*›`)
	inline   = regexp.MustCompile(`(?i)<script(?:>| [^>]*>[^<])|<style|\sstyle=|\son[a-z]+=`)
	titles   = regexp.MustCompile(`<title>([^<]*)</title>`)
	autoOff  = `autocomplete="off"`
)

func titleOf(html string) string {
	if m := titles.FindStringSubmatch(html); m != nil {
		return m[1]
	}
	return ""
}

// TestPagesKeepTheirPromises checks in the markup of every page and language
// what must hold on all of them.
func TestPagesKeepTheirPromises(t *testing.T) {
	r, _ := newRenderer(t)
	for _, l := range locale.Languages() {
		s := newScene(t, l.Code())
		for _, p := range all(s) {
			t.Run(l.Code()+"/"+p.name, func(t *testing.T) {
				page, release, err := r.HTML(l, p.view)
				if err != nil {
					t.Fatal(err)
				}
				defer release()
				html := string(page)
				if m := missing.FindString(html); m != "" {
					t.Errorf("message %s is missing", m)
				}
				if m := inline.FindString(html); m != "" {
					t.Errorf("inline script or style: %q", m)
				}
				for _, f := range forms.FindAllString(html, -1) {
					if !strings.Contains(f, autoOff) {
						t.Errorf("form without %s: %s", autoOff, f)
					}
				}
				for _, c := range controls.FindAllString(html, -1) {
					if !strings.Contains(c, autoOff) {
						t.Errorf("control without %s: %s", autoOff, c)
					}
				}
				for _, f := range posts.FindAllString(html, -1) {
					if !strings.Contains(f, `name="command" value="`) {
						t.Errorf("form without a command id: %.120s", f)
					}
				}
				title := titleOf(html)
				for _, name := range []string{"Selam", "نور", "Hana"} {
					if strings.Contains(title, name) {
						t.Errorf("title %q names somebody; browsers keep titles", title)
					}
				}
				if strings.Contains(html, "ZgotmplZ") {
					t.Error("a value was refused by the escaper")
				}
			})
		}
	}
}

// runTogether finds tags that a screen reader would read as one word.
var runTogether = regexp.MustCompile(`</span><span class="tag[^>]*>[^<]*`)

func TestTagsAreReadApart(t *testing.T) {
	r, _ := newRenderer(t)
	for _, p := range all(newScene(t, "en")) {
		page, release, err := r.HTML(locale.Get("en"), p.view)
		if err != nil {
			t.Fatal(err)
		}
		if m := runTogether.FindString(string(page)); m != "" {
			t.Errorf("%s: nothing stands between two tags: %s", p.name, m)
		}
		release()
	}
	page, release, err := r.HTML(locale.Get("en"), newScene(t, "en").childPage())
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	_, head, _ := strings.Cut(string(page), `<header class="childhead">`)
	head, _, _ = strings.Cut(head, "</header>")
	if n := strings.Count(head, "<li>"); n != strings.Count(head, `<span class="tag`) || n < 2 {
		t.Errorf("the head of a child's page has %d items of a list for %d tags", n, strings.Count(head, `<span class="tag`))
	}
}

func TestSecretsAreNotSentBack(t *testing.T) {
	r, _ := newRenderer(t)
	page, release, err := r.HTML(locale.Get("en"), web.SignIn{Form: form("/signin", map[string][]string{"account": {"hana.t"}, "password": {"marsh-kettle-ninety"}})})
	if err != nil {
		t.Fatal(err)
	}
	defer release()
	if strings.Contains(string(page), "marsh-kettle") {
		t.Error("the password came back in the page")
	}
	if !strings.Contains(string(page), "hana.t") {
		t.Error("the typed name was lost")
	}
}

func TestTypedTextCannotBecomeMarkup(t *testing.T) {
	r, _ := newRenderer(t)
	evil := `"><script>alert(1)</script><img src=x onerror=alert(1)>`
	s := newScene(t, "en")
	page := s.childPage()
	page.Child.Name, page.Words.Text, page.People[0].Name = evil, evil, evil
	for _, view := range []any{
		page,
		web.Note{Frame: s.frame("children"), Child: web.Child{Name: evil}, Form: form("/x", map[string][]string{"words": {evil}, "question": {evil}})},
		web.Problem{Kind: "conflict", Kept: []web.Kept{{Name: "words", Value: evil}}},
	} {
		html, release, err := r.HTML(locale.Get("en"), view)
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(html), "<script>alert") || strings.Contains(string(html), "<img src=x") {
			t.Errorf("%T lets markup through", view)
		}
		release()
	}
}

func sameType(a, b any) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) }
