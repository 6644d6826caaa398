package xlsform

import (
	"fmt"
	"strings"
	"unicode"
)

// fromXPath turns an expression of XLSForm into one of ours. groups tells in which
// repeat a field stands, for sums; unknown names what there are no words for.
func fromXPath(xpath string, groups map[string]string) (expr, unknown string) {
	if strings.TrimSpace(xpath) == "" {
		return "", ""
	}
	tokens, bad := lex(xpath)
	if bad != "" {
		return "", bad
	}
	p := inReader{tokens: tokens, groups: groups}
	expr = p.or()
	if p.unknown == "" && p.at < len(p.tokens) {
		p.fail(p.tokens[p.at].text)
	}
	if p.unknown != "" {
		return "", p.unknown
	}
	return expr, ""
}

type tokenKind int

const (
	tokRef tokenKind = iota // ${name}
	tokText
	tokNumber
	tokWord // and, or, not, a function
	tokSign
)

type lexed struct {
	kind tokenKind
	text string
}

const mostXPath = 4000 // bytes of an expression

// lex splits an expression; bad is the first thing that is none of its parts.
func lex(s string) (out []lexed, bad string) {
	if len(s) > mostXPath {
		return nil, "…"
	}
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			i++
		case strings.HasPrefix(s[i:], "${"):
			end := strings.IndexByte(s[i:], '}')
			if end < 0 {
				return nil, s[i:]
			}
			out = append(out, lexed{tokRef, strings.TrimSpace(s[i+2 : i+end])})
			i += end + 1
		case c == '\'' || c == '"':
			end := strings.IndexByte(s[i+1:], c)
			if end < 0 {
				return nil, string(c)
			}
			out = append(out, lexed{tokText, s[i+1 : i+1+end]})
			i += end + 2
		case c >= '0' && c <= '9':
			n := i
			for n < len(s) && (s[n] >= '0' && s[n] <= '9' || s[n] == '.') {
				n++
			}
			out = append(out, lexed{tokNumber, s[i:n]})
			i = n
		case strings.HasPrefix(s[i:], "!=") || strings.HasPrefix(s[i:], "<=") || strings.HasPrefix(s[i:], ">="):
			out = append(out, lexed{tokSign, s[i : i+2]})
			i += 2
		case strings.ContainsRune("=<>+-*(),.", rune(c)):
			out = append(out, lexed{tokSign, string(c)})
			i++
		case unicode.IsLetter(rune(c)):
			n := i
			for n < len(s) && (s[n] == '-' || s[n] == '_' || s[n] == ':' || unicode.IsLetter(rune(s[n])) || unicode.IsDigit(rune(s[n]))) {
				n++
			}
			out = append(out, lexed{tokWord, s[i:n]})
			i = n
		default:
			return nil, string(c)
		}
	}
	return out, ""
}

// inReader reads by the precedence of XPath: or, and, comparison, sum, product.
type inReader struct {
	tokens  []lexed
	at      int
	depth   int
	groups  map[string]string
	unknown string
}

func (p *inReader) fail(what string) string {
	if p.unknown == "" {
		p.unknown = what
	}
	return ""
}

func (p *inReader) is(kind tokenKind, texts ...string) bool {
	if p.at >= len(p.tokens) || p.tokens[p.at].kind != kind {
		return false
	}
	for _, t := range texts {
		if p.tokens[p.at].text == t {
			return true
		}
	}
	return len(texts) == 0
}

// take returns the token that is next and goes on.
func (p *inReader) take() string {
	t := p.tokens[p.at].text
	p.at++
	return t
}

func (p *inReader) expect(sign string) {
	if p.is(tokSign, sign) {
		p.at++
		return
	}
	p.fail(sign)
}

func (p *inReader) or() string {
	p.depth++
	defer func() { p.depth-- }()
	if p.depth > 30 {
		return p.fail("(")
	}
	left := p.and()
	for p.unknown == "" && p.is(tokWord, "or") {
		p.at++
		left += " || " + p.and()
	}
	return left
}

func (p *inReader) and() string {
	left := p.compare()
	for p.unknown == "" && p.is(tokWord, "and") {
		p.at++
		left += " && " + p.compare()
	}
	return left
}

func (p *inReader) compare() string {
	start := p.at
	left := p.sum()
	if p.unknown != "" || !p.is(tokSign, "=", "!=", "<", "<=", ">", ">=") {
		return left
	}
	op := p.take()
	// ${field} = '' asks whether it was answered.
	if p.is(tokText, "") && p.at-start == 2 && p.tokens[start].kind == tokRef {
		p.at++
		switch op {
		case "=":
			return "!given(" + left + ")"
		case "!=":
			return "given(" + left + ")"
		}
		return p.fail(op + " ''")
	}
	if op == "=" {
		op = "=="
	}
	return left + " " + op + " " + p.sum()
}

func (p *inReader) sum() string {
	left := p.product()
	for p.unknown == "" && p.is(tokSign, "+", "-") {
		left += " " + p.take() + " " + p.product()
	}
	return left
}

func (p *inReader) product() string {
	left := p.value()
	for p.unknown == "" && (p.is(tokSign, "*") || p.is(tokWord, "div")) {
		op := " * "
		if p.take() == "div" {
			op = " / "
		}
		left += op + p.value()
	}
	return left
}

func (p *inReader) value() string {
	switch {
	case p.is(tokRef):
		return fieldName(p.take())
	case p.is(tokText):
		return fmt.Sprintf("%q", p.take())
	case p.is(tokNumber):
		return p.take()
	case p.is(tokSign, "-"):
		p.at++
		return "-" + p.value()
	case p.is(tokSign, "("):
		p.at++
		inner := p.or()
		p.expect(")")
		return "(" + inner + ")"
	case p.is(tokWord):
		return p.call(p.take())
	case p.at < len(p.tokens):
		return p.fail(p.tokens[p.at].text)
	}
	return p.fail("…")
}

// call reads one of the functions that both sides have.
func (p *inReader) call(name string) string {
	p.expect("(")
	if p.unknown != "" {
		p.unknown = name
		return ""
	}
	switch name {
	case "today", "now":
		p.expect(")")
		return "today"
	case "not":
		inner := p.or()
		p.expect(")")
		return "!(" + inner + ")"
	case "selected":
		field := p.field()
		p.expect(",")
		if !p.is(tokText) {
			return p.fail(name)
		}
		code := p.take()
		p.expect(")")
		return fmt.Sprintf("has(%s, %q)", field, code)
	case "count":
		field := p.field()
		p.expect(")")
		return "count(" + field + ")"
	case "sum":
		field := p.field()
		p.expect(")")
		group := p.groups[field]
		if group == "" {
			return p.fail(name)
		}
		return fmt.Sprintf("sum(%s, %q)", group, field)
	case "int":
		return p.years()
	}
	return p.fail(name)
}

func (p *inReader) field() string {
	if !p.is(tokRef) {
		return p.fail("(")
	}
	return fieldName(p.take())
}

// years reads "int((today() - ${d}) div 365.25)", the usual way to ask an age.
func (p *inReader) years() string {
	for _, want := range []lexed{{tokSign, "("}, {tokWord, "today"}, {tokSign, "("}, {tokSign, ")"}, {tokSign, "-"}} {
		if !p.is(want.kind, want.text) {
			return p.fail("int")
		}
		p.at++
	}
	field := p.field()
	for _, want := range []lexed{{tokSign, ")"}, {tokWord, "div"}, {tokNumber, "365.25"}, {tokSign, ")"}} {
		if !p.is(want.kind, want.text) {
			return p.fail("int")
		}
		p.at++
	}
	return "years(" + field + ")"
}

// fieldName makes a name of XLSForm one of ours: small letters, digits and _.
func fieldName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(strings.TrimSpace(name)) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '_' {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	s := b.String()
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		s = "q_" + s
	}
	if reserved[s] {
		s += "_q"
	}
	return s
}

// reserved are the words of our expressions, which no field may be called.
var reserved = map[string]bool{
	"age": true, "today": true, "true": true, "false": true, "nil": true,
	"has": true, "given": true, "state": true, "count": true, "sum": true, "years": true,
}
