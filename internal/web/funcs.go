package web

import (
	"fmt"
	"html/template"
	"time"
	"unicode/utf8"

	"causeway/internal/access"
	"causeway/internal/locale"
)

// funcs are the words and formats a template may use, in one language.
func (r *Renderer) funcs(l *locale.Locale) template.FuncMap {
	return template.FuncMap{
		"t":         l.T,
		"word":      l.Word,
		"code":      func(list, code string) string { return r.labels.Label(list, code, l.Code()) },
		"label":     func(name string) string { return labelOf(l, name) },
		"asked":     func(f Form, name string) string { return questionOf(l, f, name) },
		"problem":   l.Error,
		"lang":      l.Code,
		"dir":       l.Dir,
		"languages": locale.Languages,
		"number":    l.Number,
		"bytes":     l.Bytes,
		"date":      l.Date,
		"weekday":   l.WeekDate,
		"datetime":  l.DateTime,
		"day":       func(t time.Time) string { return l.Date(locale.DayOf(t)) },
		"relative":  l.Relative,
		"age":       func(a Age) string { return ageText(l, a) },
		"initial":   initial,
		"add":       add,
		"icon":      icon,
		"asset":     r.assets.Path,
		"command":   func() string { return r.command() },
		"input":     func(f Form, name string, opts ...any) (Input, error) { return newInput(l, f, name, opts) },
		"pills":     pills,
		"picks":     picks,
		"tongues":   func(f Form, list []Tongue, rows int) Tongues { return Tongues{f, list, rows} },
		"sentence":  func(g access.Ground) Sentence { return sentence(l, g) },
		"pager":     func(prev, next string) Pager { return Pager{prev, next} },
	}
}

// Sentence is what a rule says of itself, and in which language.
type Sentence struct{ Text, Lang, Dir string }

// sentence returns what a rule says in the reader's language, in English where the rule
// was made here and nobody translated it.
func sentence(l *locale.Locale, g access.Ground) Sentence {
	if text := g.In[l.Code()]; text != "" {
		return Sentence{text, l.Code(), l.Dir()}
	}
	return Sentence{g.Says, "en", "ltr"}
}

// Pager is the pair of addresses below a list read page by page.
type Pager struct{ Prev, Next string }

func ageText(l *locale.Locale, a Age) string {
	switch {
	case !a.Known:
		return l.T("age.unknown")
	case a.From == a.To:
		return l.T("age.years", "n", a.From)
	}
	return l.T("age.between", "from", a.From, "n", a.To)
}

// initial returns the first letter of a name, for the round sign beside it.
func initial(name string) string {
	r, size := utf8.DecodeRuneInString(name)
	if size == 0 {
		return ""
	}
	return string(r)
}

func add(numbers ...int) int {
	sum := 0
	for _, n := range numbers {
		sum += n
	}
	return sum
}

// icon draws one of our own signs. It is decoration: the word stands beside it.
func icon(name string) (template.HTML, error) {
	if name == "brand" {
		return brand, nil
	}
	path, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("no icon %q", name)
	}
	class := "i"
	if name == "back" || name == "go" || name == "to" || name == "out" {
		class = "i flip" // an arrow follows the direction of reading
	}
	return template.HTML(`<svg class="` + class + `" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="` + path + `"/></svg>`), nil
}
