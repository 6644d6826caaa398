package forms

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
)

// Expr is a condition or a calculation of a form: a few operators over the
// answers, in the way Go writes them. Identifiers are fields, age (full years,
// from the record) and today. Comparing what is not known is never true, so a
// condition on a blank shows nothing; !given(x) asks for the blank.
//
//	== != < <= > >= && || ! + - * /   has(field, "code")  given(field)
//	state(field)  count(group)  sum(group, "field")  years(date)
type Expr struct {
	source string
	tree   ast.Expr
	refs   []ref
	typ    typ
	eval   func(*scope) value
}

// String returns the expression as it was written.
func (e *Expr) String() string {
	if e == nil {
		return ""
	}
	return e.source
}

// ref is a use of a field: its own, or one of a group ("group.field").
type ref struct {
	name  string
	whole bool // used as a group: count, sum
}

const (
	mostExpr  = 500 // characters
	mostDepth = 40  // of parts within parts
)

// words that no field may be called.
var reservedWords = map[string]bool{
	"age": true, "today": true, "true": true, "false": true, "nil": true,
	"has": true, "given": true, "state": true, "count": true, "sum": true, "years": true,
}

// readExpr parses an expression, and refuses whatever is not on the list of what
// an expression may hold. Identifiers are resolved later.
func readExpr(source string) (*Expr, *Fault) {
	if len(source) > mostExpr {
		return nil, newFault("too-long", "most", mostExpr)
	}
	tree, err := parser.ParseExpr(source)
	if err != nil {
		return nil, newFault("expr-unreadable")
	}
	e := &Expr{source: source, tree: tree}
	return e, e.collect(tree, 0)
}

// collect walks the tree over the whitelist and notes the fields it uses.
func (e *Expr) collect(x ast.Expr, depth int) *Fault {
	if depth > mostDepth {
		return newFault("expr-deep")
	}
	switch x := x.(type) {
	case *ast.ParenExpr:
		return e.collect(x.X, depth+1)
	case *ast.UnaryExpr:
		if x.Op != token.NOT && x.Op != token.SUB {
			return newFault("expr-operator", "op", x.Op.String())
		}
		return e.collect(x.X, depth+1)
	case *ast.BinaryExpr:
		if !operators[x.Op] {
			return newFault("expr-operator", "op", x.Op.String())
		}
		if err := e.collect(x.X, depth+1); err != nil {
			return err
		}
		return e.collect(x.Y, depth+1)
	case *ast.BasicLit:
		if x.Kind == token.INT || x.Kind == token.FLOAT || x.Kind == token.STRING {
			return nil
		}
		return newFault("expr-literal")
	case *ast.Ident:
		if !reservedWords[x.Name] {
			e.refs = append(e.refs, ref{name: x.Name})
		}
		return nil
	case *ast.CallExpr:
		return e.collectCall(x)
	}
	return newFault("expr-part")
}

var operators = map[token.Token]bool{
	token.EQL: true, token.NEQ: true, token.LSS: true, token.LEQ: true, token.GTR: true, token.GEQ: true,
	token.LAND: true, token.LOR: true, token.ADD: true, token.SUB: true, token.MUL: true, token.QUO: true,
}

// functions are the calls, with how many arguments each takes. The first is
// always a field.
var functions = map[string]int{"has": 2, "given": 1, "state": 1, "count": 1, "sum": 2, "years": 1}

func (e *Expr) collectCall(x *ast.CallExpr) *Fault {
	fn, ok := x.Fun.(*ast.Ident)
	if !ok || functions[fn.Name] == 0 {
		return newFault("expr-call", "known", sortedKeys(functions))
	}
	if len(x.Args) != functions[fn.Name] || x.Ellipsis.IsValid() {
		return newFault("expr-arguments", "function", fn.Name, "n", functions[fn.Name])
	}
	field, ok := x.Args[0].(*ast.Ident)
	if !ok || reservedWords[field.Name] {
		return newFault("expr-asks-field", "function", fn.Name)
	}
	r := ref{name: field.Name, whole: fn.Name == "count" || fn.Name == "sum"}
	e.refs = append(e.refs, r)
	if len(x.Args) == 1 {
		return nil
	}
	second, ok := literal(x.Args[1])
	if !ok {
		return newFault("expr-second", "function", fn.Name)
	}
	if fn.Name == "sum" {
		e.refs = append(e.refs, ref{name: field.Name + "." + second})
	}
	return nil
}

// literal returns a text in quotation marks.
func literal(x ast.Expr) (string, bool) {
	l, ok := x.(*ast.BasicLit)
	if !ok || l.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(l.Value)
	return s, err == nil
}
