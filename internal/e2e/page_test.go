package e2e_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// seen is what a person gets out of an answer.
type seen struct {
	Lang, Dir string
	Title     string
	Heading   string
	Notice    string
	Summary   []string          // what the error summary says
	Errors    map[string]string // field to the message beside it
	Values    map[string]string // field to what it holds
	Forms     []form
	Words     string // all text in one line
}

// form is one form of a page with its hidden fields.
type form struct {
	Action string
	Hidden map[string][]string
	fields map[string][]string // everything a browser would send unchanged

	choices map[string][]string // what the lists offer
}

// node of the parsed page.
type element struct {
	name     string
	attr     map[string]string
	children []*element
	text     string
	parent   *element
}

// parsePage reads one of our pages. They are written so that a lenient XML
// reader understands them, which a test of the templates would notice first.
func parsePage(t testing.TB, body []byte) seen {
	t.Helper()
	root, err := parseHTML(body)
	if err != nil {
		t.Fatalf("the page cannot be read: %v\n%.400s", err, body)
	}
	p := seen{Errors: map[string]string{}, Values: map[string]string{}}
	root.walk(func(e *element) { p.take(e) })
	for _, line := range unnamed(root) {
		t.Errorf("page %q, summary of errors: %s", p.Title, line)
	}
	return p
}

// unnamed returns the lines of the error summary that lead to no question of the
// page, or that call it by other words than the page does.
func unnamed(root *element) []string {
	asked := map[string]string{} // id to the question's words
	root.walk(func(e *element) {
		if e.name == "label" {
			asked[e.attr["for"]] = e.question()
		}
	})
	root.walk(func(e *element) { // a group's question counts, not the words of its first answer
		if e.name != "fieldset" && e.name != "table" {
			return
		}
		for _, c := range e.children {
			if c.name == "legend" || c.name == "caption" {
				e.walk(func(x *element) {
					if id := x.attr["id"]; id != "" && (e.name == "fieldset" || x == e) {
						asked[id] = c.question()
					}
				})
			}
		}
	})
	var out []string
	root.walk(func(e *element) {
		if e.attr["id"] != "errors" {
			return
		}
		e.walk(func(x *element) {
			id, ok := strings.CutPrefix(x.attr["href"], "#")
			if ok && (asked[id] == "" || !strings.HasPrefix(x.words(), asked[id])) {
				out = append(out, x.words()+" leads to #"+id+", which asks "+asked[id])
			}
		})
	})
	return out
}

// question returns the words of a label without "(optional)" behind them.
func (e *element) question() string {
	var b strings.Builder
	e.walk(func(x *element) {
		if x.name == "#text" && !x.parent.has("opt") {
			b.WriteString(x.text + " ")
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

// readable puts a mark where something is no text.
func readable(s string) string {
	return strings.Map(func(r rune) rune {
		if r == utf8.RuneError || unicode.IsControl(r) && r != '\n' && r != '\t' {
			return '\uFFFD'
		}
		return r
	}, s)
}

func parseHTML(body []byte) (*element, error) {
	d := xml.NewDecoder(bytes.NewReader([]byte(readable(string(body)))))
	d.Strict, d.AutoClose, d.Entity = false, xml.HTMLAutoClose, xml.HTMLEntity
	root := &element{name: "#root"}
	at := root
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return root, nil
		}
		if err != nil {
			return nil, err
		}
		switch x := token.(type) {
		case xml.StartElement:
			e := &element{name: strings.ToLower(x.Name.Local), attr: map[string]string{}, parent: at}
			for _, a := range x.Attr {
				e.attr[a.Name.Local] = a.Value
			}
			at.children = append(at.children, e)
			at = e
		case xml.EndElement:
			if at.parent != nil {
				at = at.parent
			}
		case xml.CharData:
			at.children = append(at.children, &element{name: "#text", text: string(x), parent: at})
		}
	}
}

func (e *element) walk(visit func(*element)) {
	visit(e)
	for _, c := range e.children {
		c.walk(visit)
	}
}

// words returns the text of an element in one line.
func (e *element) words() string {
	var b strings.Builder
	e.walk(func(x *element) {
		if x.name == "#text" && (x.parent == nil || x.parent.name != "script") {
			b.WriteString(x.text + " ")
		}
	})
	return strings.Join(strings.Fields(b.String()), " ")
}

func (e *element) has(class string) bool {
	for _, c := range strings.Fields(e.attr["class"]) {
		if c == class {
			return true
		}
	}
	return false
}

func (p *seen) take(e *element) {
	switch {
	case e.name == "html":
		p.Lang, p.Dir = e.attr["lang"], e.attr["dir"]
	case e.name == "title" && p.Title == "":
		p.Title = e.words()
	case e.name == "h1":
		p.Heading = e.words()
	case e.name == "main":
		p.Words = e.words()
	case e.has("notice"):
		p.Notice = e.words()
	case e.attr["id"] == "errors":
		e.walk(func(x *element) {
			if x.name == "p" || x.name == "li" {
				p.Summary = append(p.Summary, x.words())
			}
		})
	case e.has("error") && strings.HasPrefix(e.attr["id"], "f-"):
		p.Errors[strings.TrimSuffix(strings.TrimPrefix(e.attr["id"], "f-"), "-error")] = e.words()
	case e.name == "form":
		p.Forms = append(p.Forms, newForm(e))
	}
	if e.name == "form" && e.attr["action"] != "" {
		for name, values := range p.Forms[len(p.Forms)-1].fields {
			if name != "command" && len(values) > 0 && values[0] != "" {
				p.Values[name] = strings.Join(values, " ")
			}
		}
	}
}

func newForm(e *element) form {
	f := form{Action: e.attr["action"], Hidden: map[string][]string{}, fields: map[string][]string{}, choices: map[string][]string{}}
	add := func(name, value string) {
		if name != "" {
			f.fields[name] = append(f.fields[name], value)
		}
	}
	e.walk(func(x *element) {
		name := x.attr["name"]
		switch x.name {
		case "input":
			_, checked := x.attr["checked"]
			switch kind := x.attr["type"]; {
			case kind == "hidden":
				f.Hidden[name] = append(f.Hidden[name], x.attr["value"])
				add(name, x.attr["value"])
			case kind == "file":
			case kind != "radio" && kind != "checkbox", checked:
				add(name, x.attr["value"])
			}
		case "textarea":
			var b strings.Builder
			for _, c := range x.children {
				b.WriteString(c.text)
			}
			add(name, strings.TrimPrefix(b.String(), "\n"))
		case "select":
			x.walk(func(o *element) {
				if o.name == "option" && o.attr["value"] != "" {
					f.choices[name] = append(f.choices[name], o.attr["value"])
				}
				if _, ok := o.attr["selected"]; ok && o.name == "option" {
					add(name, o.attr["value"])
				}
			})
		}
	})
	return f
}

// form returns the form that posts to a path.
func (p seen) form(t testing.TB, action string) form {
	t.Helper()
	for _, f := range p.Forms {
		if f.Action == action {
			return f
		}
	}
	t.Fatalf("page %q has no form for %s", p.Title, action)
	return form{}
}
