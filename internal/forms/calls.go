package forms

import (
	"go/ast"
	"slices"
)

// call compiles one of the functions; what it calls was checked when it was read.
func (c *compiler) call(x *ast.CallExpr) (part, *Fault) {
	fn := x.Fun.(*ast.Ident).Name
	name := x.Args[0].(*ast.Ident).Name
	q, read := c.find(name)
	if q == nil {
		return part{}, newFault("no-field", "field", named(shorten(name)))
	}
	second := ""
	if len(x.Args) == 2 {
		second, _ = literal(x.Args[1])
	}
	switch fn {
	case "given":
		return part{typ: tBool, eval: func(s *scope) value { a := read(s); return truth(a.state() == Given) }}, nil
	case "state":
		return part{typ: tText, field: stateField, eval: func(s *scope) value {
			a := read(s)
			if st := a.state(); st != Blank {
				return text(string(st))
			}
			return text("blank")
		}}, nil
	case "has":
		return c.has(q, read, second)
	case "years":
		if q.typ() != tDate {
			return part{}, newFault("expr-years", "field", c.named(q))
		}
		return part{typ: tNumber, eval: func(s *scope) value { a := read(s); return years(valueOf(tDate, &a), s.today) }}, nil
	}
	if q.Kind != KindGroup {
		return part{}, newFault("expr-group", "function", fn, "field", c.named(q))
	}
	if fn == "count" {
		return part{typ: tNumber, eval: func(s *scope) value {
			n := 0
			for _, item := range read(s).Groups {
				if len(item) > 0 {
					n++
				}
			}
			return number(float64(n), float64(n))
		}}, nil
	}
	return c.sum(q, read, second)
}

// stateField lets a comparison with a state that does not exist be refused.
var stateField = &Field{ID: "state", Kind: KindChoice, Options: []Option{
	{Code: "blank"}, {Code: string(Given)}, {Code: string(Unknown)}, {Code: string(NotAsked)}, {Code: string(Refused)},
}}

func (c *compiler) has(q *Field, read func(*scope) Answer, code string) (part, *Fault) {
	if q.Kind != KindChoices && q.Kind != KindChoice && q.Kind != KindAnswer {
		return part{}, newFault("expr-has", "field", c.named(q))
	}
	if !q.hasCode(c.form.codes, code) {
		return part{}, newFault("no-answer", "field", c.named(q))
	}
	return part{typ: tBool, eval: func(s *scope) value {
		a := read(s)
		if a.state() != Given {
			return value{typ: tBool}
		}
		return truth(a.Code == code || slices.Contains(a.Codes, code))
	}}, nil
}

// sum adds up a number over the repetitions of a group. Repetitions where it is
// not given count nothing; where it is given nowhere the sum is not known.
func (c *compiler) sum(q *Field, read func(*scope) Answer, field string) (part, *Fault) {
	of := c.form.byID[q.ID+"."+field]
	if of == nil {
		return part{}, newFault("no-field", "field", named(shorten(q.ID+"."+field)))
	}
	if of.typ() != tNumber {
		return part{}, newFault("expr-sum", "field", named(q.ID+"."+field))
	}
	return part{typ: tNumber, eval: func(s *scope) value {
		total, any := 0.0, false
		for _, item := range read(s).Groups {
			if a, ok := item[field]; ok && a.HasNumber && a.state() == Given {
				total, any = total+a.Number, true
			}
		}
		if !any {
			return value{typ: tNumber}
		}
		return number(total, total)
	}}, nil
}
