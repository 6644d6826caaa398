package forms

import (
	"go/ast"
	"go/token"
	"math"
	"strconv"

	"causeway/internal/sealed"
)

// scope is what an expression is evaluated against: what counts of the answers
// so far, those of the repetition it stands in, and the day and age.
type scope struct {
	answers Answers
	item    Answers // of the group's repetition; nil outside
	today   float64
	age     value
}

// compiler turns the tree of an expression into a function, with every part's
// type known.
type compiler struct {
	form  *Form
	group string // the expression stands in this group
}

// part is one compiled part.
type part struct {
	typ   typ
	field *Field // where the part is a field itself
	lit   bool
	s     string // of a literal text
	eval  func(*scope) value
}

// find returns the field an identifier means and how to read its answer: fields
// of the group the expression stands in come first.
func (c *compiler) find(name string) (*Field, func(*scope) Answer) {
	if c.group != "" {
		if q := c.form.byID[c.group+"."+name]; q != nil {
			return q, func(s *scope) Answer { return s.item[name] }
		}
	}
	if q := c.form.byID[name]; q != nil {
		return q, func(s *scope) Answer { return s.answers[name] }
	}
	return nil, nil
}

// named returns the key of a field, for the words of a fault.
func (c *compiler) named(q *Field) named {
	for id, one := range c.form.byID {
		if one == q {
			return named(id)
		}
	}
	return named(q.ID)
}

func (c *compiler) compile(x ast.Expr) (part, *Fault) {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return c.compile(x.X)
	case *ast.BasicLit:
		return compileLiteral(x)
	case *ast.Ident:
		return c.ident(x.Name)
	case *ast.UnaryExpr:
		return c.unary(x)
	case *ast.BinaryExpr:
		return c.binary(x)
	case *ast.CallExpr:
		return c.call(x)
	}
	return part{}, newFault("expr-part")
}

func compileLiteral(x *ast.BasicLit) (part, *Fault) {
	if x.Kind == token.STRING {
		s, ok := literal(x)
		if !ok {
			return part{}, newFault("expr-text")
		}
		v := text(s)
		return part{typ: tText, lit: true, s: s, eval: func(*scope) value { return v }}, nil
	}
	n, err := strconv.ParseFloat(x.Value, 64)
	if err != nil || math.IsInf(n, 0) || math.Abs(n) > 1e15 {
		return part{}, newFault("expr-number")
	}
	v := number(n, n)
	return part{typ: tNumber, lit: true, eval: func(*scope) value { return v }}, nil
}

func (c *compiler) ident(name string) (part, *Fault) {
	switch name {
	case "true", "false":
		v := truth(name == "true")
		return part{typ: tBool, eval: func(*scope) value { return v }}, nil
	case "today":
		return part{typ: tDate, eval: func(s *scope) value { return value{typ: tDate, known: true, lo: s.today, hi: s.today} }}, nil
	case "age":
		return part{typ: tNumber, eval: func(s *scope) value { return s.age }}, nil
	}
	q, read := c.find(name)
	if q == nil {
		return part{}, newFault("no-field", "field", named(shorten(name)))
	}
	t := q.typ()
	return part{typ: t, field: q, eval: func(s *scope) value {
		a := read(s)
		return valueOf(t, &a)
	}}, nil
}

// typ returns what a field's answers are in expressions.
func (q *Field) typ() typ {
	switch q.Kind {
	case KindText, KindWords, KindPlace, KindPhone, KindAnswer, KindChoice:
		return tText
	case KindNumber, KindDecimal:
		return tNumber
	case KindDate, KindUncertainDate:
		return tDate
	case KindTime:
		return tTime
	case KindChoices:
		return tCodes
	case KindCalculated:
		return q.Value.typ
	}
	return tOther
}

// valueOf returns an answer as a value of a type.
func valueOf(t typ, a *Answer) value {
	unknown := value{typ: t}
	if a.state() != Given {
		return unknown
	}
	switch t {
	case tText:
		if a.Code != "" && a.Text.IsZero() {
			return text(a.Code)
		}
		if a.Text.IsZero() {
			return unknown
		}
		return text(a.Text.Reveal())
	case tTime:
		return value{typ: tTime, known: !a.Text.IsZero(), s: a.Text.Reveal()}
	case tNumber:
		if !a.HasNumber {
			return unknown
		}
		return number(a.Number, a.Number)
	case tDate:
		return date(a.Date)
	case tCodes:
		return value{typ: tCodes, known: true, set: a.Codes}
	case tBool:
		return value{typ: tBool, known: a.Code != "", b: a.Code == Yes}
	}
	return unknown
}

// asBool lets a yes-or-no question stand for a condition.
func asBool(p part) (part, bool) {
	if p.typ == tBool {
		return p, true
	}
	if p.field == nil || p.field.Kind != KindAnswer {
		return p, false
	}
	inner := p.eval
	return part{typ: tBool, eval: func(s *scope) value {
		v := inner(s)
		return value{typ: tBool, known: v.known, b: v.s == Yes}
	}}, true
}

func (c *compiler) unary(x *ast.UnaryExpr) (part, *Fault) {
	p, err := c.compile(x.X)
	if err != nil {
		return part{}, err
	}
	if x.Op == token.SUB {
		if p.typ != tNumber {
			return part{}, newFault("expr-negative", "type", p.typ)
		}
		return part{typ: tNumber, eval: func(s *scope) value {
			v := p.eval(s)
			v.lo, v.hi = -v.hi, -v.lo
			return v
		}}, nil
	}
	b, ok := asBool(p)
	if !ok {
		return part{}, newFault("expr-not", "type", p.typ)
	}
	return part{typ: tBool, eval: func(s *scope) value {
		v := b.eval(s)
		v.b = !v.b
		return v
	}}, nil
}

func (c *compiler) binary(x *ast.BinaryExpr) (part, *Fault) {
	a, err := c.compile(x.X)
	if err != nil {
		return part{}, err
	}
	b, err := c.compile(x.Y)
	if err != nil {
		return part{}, err
	}
	op := x.Op.String()
	switch x.Op {
	case token.LAND, token.LOR:
		return logic(x.Op == token.LAND, a, b)
	case token.ADD, token.SUB, token.MUL, token.QUO:
		t := typeOf(op, a.typ, b.typ)
		if t == tOther {
			return part{}, newFault("expr-join", "op", op, "left", a.typ, "right", b.typ)
		}
		return part{typ: t, eval: func(s *scope) value { return calculate(op, a.eval(s), b.eval(s)) }}, nil
	}
	if a, b, err = c.alike(a, b); err != nil {
		return part{}, err
	}
	if ordered := a.typ == tNumber || a.typ == tDate || a.typ == tTime; !ordered && op != "==" && op != "!=" {
		return part{}, newFault("expr-order", "op", op, "type", a.typ)
	}
	return part{typ: tBool, eval: func(s *scope) value { return compare(op, a.eval(s), b.eval(s)) }}, nil
}

// logic joins two conditions: one that is false decides "and", one that is true
// decides "or", even where the other is not known.
func logic(and bool, a, b part) (part, *Fault) {
	x, okX := asBool(a)
	y, okY := asBool(b)
	if !okX || !okY {
		return part{}, newFault("expr-conditions")
	}
	return part{typ: tBool, eval: func(s *scope) value {
		v, w := x.eval(s), y.eval(s)
		switch {
		case v.known && v.b != and, w.known && w.b != and:
			return truth(!and)
		case v.known && w.known:
			return truth(and)
		}
		return value{typ: tBool}
	}}, nil
}

// alike makes two sides of a comparison one type: a text in quotation marks
// becomes a date or a time beside one, and must be a code beside a choice.
func (c *compiler) alike(a, b part) (part, part, *Fault) {
	if a.lit && a.typ == tText && !b.lit {
		b, a, err := c.alike(b, a)
		return a, b, err
	}
	if b.lit && b.typ == tText {
		switch {
		case a.typ == tDate:
			d, err := sealed.ParseDate(b.s)
			if err != nil {
				return a, b, newFault("expr-date")
			}
			v := date(d)
			b.typ, b.eval = tDate, func(*scope) value { return v }
		case a.typ == tTime:
			if !validTime(b.s) {
				return a, b, newFault("expr-time")
			}
			v := value{typ: tTime, known: true, s: b.s}
			b.typ, b.eval = tTime, func(*scope) value { return v }
		case a.field != nil && (a.field.Kind == KindAnswer || a.field.Kind == KindChoice) && !a.field.hasCode(c.form.codes, b.s):
			return a, b, newFault("no-answer", "field", c.named(a.field))
		}
	}
	if a.typ == tBool || b.typ == tBool {
		x, okX := asBool(a)
		y, okY := asBool(b)
		if okX && okY {
			return x, y, nil
		}
	}
	if a.typ != b.typ || a.typ == tOther || a.typ == tCodes {
		return a, b, newFault("expr-compare", "left", a.typ, "right", b.typ)
	}
	return a, b, nil
}

// shorten keeps an unknown name from filling a message.
func shorten(s string) string {
	if len(s) > 40 {
		return s[:40]
	}
	return s
}
