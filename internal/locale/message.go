package locale

import (
	"fmt"
	"strings"

	"golang.org/x/text/feature/plural"
)

// message is a parsed message: pieces said one after another. The syntax is
// the small part of ICU MessageFormat that translators know:
//
//	{name}                                   a value
//	{n, plural, =0 {none} one {# day} other {# days}}
//
// # is the number. Apostrophes are ordinary letters (French needs them), so
// braces and # cannot be written literally.
type message []piece

type piece struct {
	text  string             // said as it is, when arg is empty
	arg   string             // the placeholder's name
	forms map[string]message // plural: by form or by "=3"; nil for a plain value
}

// hash marks the number inside a plural form.
const hash = "#"

func parseMessage(s string) (message, error) {
	m, rest, err := parsePieces(s, false)
	if err != nil {
		return nil, err
	}
	if rest != "" {
		return nil, fmt.Errorf("brace closed that was not opened")
	}
	return m, nil
}

// parsePieces reads until the end, or until the brace that closes a form, and
// returns what follows.
func parsePieces(s string, inForm bool) (message, string, error) {
	var m message
	for s != "" {
		stop := "{}"
		if inForm {
			stop = "{}#"
		}
		i := strings.IndexAny(s, stop)
		if i < 0 {
			i = len(s)
		}
		if i > 0 {
			m = append(m, piece{text: s[:i]})
			s = s[i:]
			continue
		}
		switch s[0] {
		case '}':
			return m, s, nil
		case '#':
			m = append(m, piece{arg: hash})
			s = s[1:]
		default:
			p, rest, err := parseArgument(s[1:])
			if err != nil {
				return nil, "", err
			}
			m = append(m, p)
			s = rest
		}
	}
	if inForm {
		return nil, "", fmt.Errorf("plural form is not closed")
	}
	return m, "", nil
}

// parseArgument reads what follows an opening brace.
func parseArgument(s string) (piece, string, error) {
	end := strings.IndexAny(s, ",}")
	if end < 0 {
		return piece{}, "", fmt.Errorf("brace is not closed")
	}
	name := strings.TrimSpace(s[:end])
	if !isName(name) {
		return piece{}, "", fmt.Errorf("%q is not a placeholder name", name)
	}
	if s[end] == '}' {
		return piece{arg: name}, s[end+1:], nil
	}
	rest, ok := strings.CutPrefix(strings.TrimLeft(s[end+1:], " "), "plural,")
	if !ok {
		return piece{}, "", fmt.Errorf("placeholder %s: only plural is known", name)
	}
	p := piece{arg: name, forms: map[string]message{}}
	for {
		rest = strings.TrimLeft(rest, " \n\t")
		if strings.HasPrefix(rest, "}") {
			break
		}
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			return piece{}, "", fmt.Errorf("plural %s is not closed", name)
		}
		form := strings.TrimSpace(rest[:open])
		m, after, err := parsePieces(rest[open+1:], true)
		if err != nil {
			return piece{}, "", err
		}
		if after == "" {
			return piece{}, "", fmt.Errorf("plural %s is not closed", name)
		}
		p.forms[form] = m
		rest = after[1:]
	}
	if _, ok := p.forms["other"]; !ok {
		return piece{}, "", fmt.Errorf("plural %s has no form \"other\"", name)
	}
	return p, rest[1:], nil
}

func isName(s string) bool {
	for _, r := range s {
		if (r < 'a' || r > 'z') && r != '_' {
			return false
		}
	}
	return s != ""
}

var formNames = map[plural.Form]string{
	plural.Zero: "zero", plural.One: "one", plural.Two: "two",
	plural.Few: "few", plural.Many: "many", plural.Other: "other",
}

func (m message) format(l *Locale, args []any) string {
	if len(m) == 1 && m[0].arg == "" {
		return m[0].text
	}
	var b strings.Builder
	m.write(&b, l, args, 0)
	return b.String()
}

func (m message) write(b *strings.Builder, l *Locale, args []any, number int) {
	for _, p := range m {
		switch {
		case p.arg == "":
			b.WriteString(p.text)
		case p.arg == hash:
			b.WriteString(l.Number(number))
		case p.forms != nil:
			n, _ := argument(args, p.arg).(int)
			p.choose(l, n).write(b, l, args, n)
		default:
			b.WriteString(l.value(argument(args, p.arg)))
		}
	}
}

func (p piece) choose(l *Locale, n int) message {
	if m, ok := p.forms[fmt.Sprintf("=%d", n)]; ok {
		return m
	}
	i := n
	if i < 0 {
		i = -i
	}
	if m, ok := p.forms[formNames[plural.Cardinal.MatchPlural(l.tag, i, 0, 0, 0, 0)]]; ok {
		return m
	}
	return p.forms["other"]
}

// argument returns the value that follows name in the pairs.
func argument(args []any, name string) any {
	for i := 0; i+1 < len(args); i += 2 {
		if args[i] == name {
			return args[i+1]
		}
	}
	return nil
}

func (l *Locale) value(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case int:
		return l.Number(v)
	case string:
		return l.Isolate(v)
	case fmt.Stringer:
		return l.Isolate(v.String())
	}
	return fmt.Sprint(v)
}

func (m message) placeholders(names []string) []string {
	for _, p := range m {
		if p.arg != "" && p.arg != hash {
			names = append(names, p.arg)
		}
		for _, f := range p.forms {
			names = f.placeholders(names)
		}
	}
	return names
}

func (m message) pluralForms(into map[string][]string) {
	for _, p := range m {
		for form, f := range p.forms {
			into[p.arg] = append(into[p.arg], form)
			f.pluralForms(into)
		}
	}
}
