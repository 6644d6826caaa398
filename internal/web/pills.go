package web

import (
	"html/template"
	"strconv"
	"strings"
)

// A long form has many hundred answers to choose from, and a template takes
// longest over them. These two write them as the templates in fields.html did,
// every value escaped, text and attribute alike.

// pills writes the answers of a question one sees all answers of.
func pills(in Input) template.HTML {
	var b strings.Builder
	esc := func(parts ...string) {
		for _, s := range parts {
			template.HTMLEscape(&b, []byte(s))
		}
	}
	for i := range in.Options {
		o := &in.Options[i]
		b.WriteString(`<label class="pill"><input type="`)
		esc(in.Type)
		b.WriteString(`" name="`)
		esc(in.Name)
		b.WriteString(`" value="`)
		esc(o.Value)
		b.WriteString(`" id="`)
		esc(in.ID)
		if i > 0 {
			esc("-", strconv.Itoa(i))
		}
		b.WriteString(`" autocomplete="off"`)
		if o.On {
			b.WriteString(` checked`)
		}
		b.WriteString(`><span>`)
		esc(o.Label)
		if o.Hint != "" {
			b.WriteString(`<small>`)
			esc(o.Hint)
			b.WriteString(`</small>`)
		}
		b.WriteString(`</span></label>`)
	}
	return template.HTML(b.String())
}

// picks writes the answers of a list.
func picks(in Input) template.HTML {
	var b strings.Builder
	for i := range in.Options {
		o := &in.Options[i]
		b.WriteString(`<option value="`)
		template.HTMLEscape(&b, []byte(o.Value))
		b.WriteString(`"`)
		if o.On {
			b.WriteString(` selected`)
		}
		b.WriteString(`>`)
		template.HTMLEscape(&b, []byte(o.Label))
		b.WriteString(`</option>`)
	}
	return template.HTML(b.String())
}
