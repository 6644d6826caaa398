package pack_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"causeway/internal/pack"
)

const conductHead = "code,en,fr,ar,source,confidence\n"

func TestConductInEveryLanguage(t *testing.T) {
	p := demo(t)
	for _, lang := range p.Languages() {
		c := p.Conduct(lang)
		if c.Version == "" || c.Title == "" || c.Language != lang || len(c.Rules) < 5 {
			t.Errorf("%s: %+v", lang, c)
		}
	}
	if got, want := p.Conduct("xx").Language, p.Languages()[0]; got != want {
		t.Errorf("an unknown language reads %q, want %q", got, want)
	}
}

// A file laid over the code of conduct replaces it; a wrong one stops the load.
func TestConductOfACountry(t *testing.T) {
	over := func(text string) (*pack.Pack, error) {
		return pack.Default(fstest.MapFS{
			"pack.csv":    {Data: []byte("key,value\nname,x\nversion,1\nlanguages,en fr ar\n")},
			"conduct.csv": {Data: []byte(conductHead + text)},
		})
	}
	const version, title, rule = "version,2,2,2,ours,house choice\n", "title,A,B,C,ours,house choice\n", "kind,A,B,C,ours,house choice\n"
	p, err := over(version + title + rule)
	if err != nil {
		t.Fatal(err)
	}
	if c := p.Conduct("fr"); c.Version != "2" || c.Title != "B" || len(c.Rules) != 1 || c.Rules[0] != "B" {
		t.Errorf("conduct = %+v", c)
	}
	for name, tt := range map[string]struct{ text, want string }{
		"no version":    {title + rule, "needs the rows version and title"},
		"no rule":       {version + title, "needs the rows version and title"},
		"two versions":  {"version,2,3,2,ours,house choice\n" + title + rule, "the same in every language"},
		"no words":      {version + title + "kind,A,,C,ours,house choice\n", "the words are missing"},
		"a rule twice":  {version + title + rule + rule, "a code stands here once"},
		"out of nobody": {version + title + "kind,A,B,C,,house choice\n", "must say where this comes from"},
	} {
		if _, err := over(tt.text); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
}
