package xlsform

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
)

// toXPath turns an expression of a form into one of XLSForm. unknown names what it
// has no words for; the expression is then "".
func toXPath(source string) (xpath, unknown string) {
	if source == "" {
		return "", ""
	}
	tree, err := parser.ParseExpr(source)
	if err != nil {
		return "", source
	}
	w := outWriter{}
	text := w.expr(tree)
	if w.unknown != "" {
		return "", w.unknown
	}
	return text, ""
}

type outWriter struct{ unknown string }

func (w *outWriter) fail(what string) string {
	if w.unknown == "" {
		w.unknown = what
	}
	return ""
}

// xpathOperators are those that are written otherwise; the rest is the same.
var xpathOperators = map[token.Token]string{
	token.EQL: "=", token.LAND: "and", token.LOR: "or", token.QUO: "div",
}

func (w *outWriter) expr(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.ParenExpr:
		return "(" + w.expr(x.X) + ")"
	case *ast.BasicLit:
		if x.Kind != token.STRING {
			return x.Value
		}
		s, err := strconv.Unquote(x.Value)
		if err != nil || strings.Contains(s, "'") {
			return w.fail(x.Value)
		}
		return "'" + s + "'"
	case *ast.Ident:
		switch x.Name {
		case "today":
			return "today()"
		case "age", "true", "false":
			return w.fail(x.Name)
		}
		return "${" + x.Name + "}"
	case *ast.UnaryExpr:
		if x.Op == token.SUB {
			return "-" + w.expr(x.X)
		}
		if given, field := isCall(x.X, "given"); given {
			return "${" + field + "} = ''"
		}
		return "not(" + w.expr(x.X) + ")"
	case *ast.BinaryExpr:
		op := x.Op.String()
		if other, ok := xpathOperators[x.Op]; ok {
			op = other
		}
		return w.expr(x.X) + " " + op + " " + w.expr(x.Y)
	case *ast.CallExpr:
		return w.call(x)
	}
	return w.fail("?")
}

// isCall reports whether x is a call of a function with one field.
func isCall(x ast.Expr, name string) (bool, string) {
	c, ok := x.(*ast.CallExpr)
	if !ok || len(c.Args) != 1 {
		return false, ""
	}
	fn, ok := c.Fun.(*ast.Ident)
	field, isField := c.Args[0].(*ast.Ident)
	if !ok || !isField || fn.Name != name {
		return false, ""
	}
	return true, field.Name
}

func (w *outWriter) call(x *ast.CallExpr) string {
	fn, ok := x.Fun.(*ast.Ident)
	field, isField := x.Args[0].(*ast.Ident)
	if !ok || !isField {
		return w.fail("?")
	}
	ref := "${" + field.Name + "}"
	second := ""
	if len(x.Args) == 2 {
		if lit, ok := x.Args[1].(*ast.BasicLit); ok {
			second, _ = strconv.Unquote(lit.Value) // the form was parsed: it is a text
		}
	}
	switch fn.Name {
	case "given":
		return ref + " != ''"
	case "has":
		return "selected(" + ref + ", '" + second + "')"
	case "count":
		return "count(" + ref + ")"
	case "sum":
		return "sum(${" + second + "})"
	case "years":
		return "int((today() - " + ref + ") div 365.25)"
	}
	return w.fail(fn.Name)
}
