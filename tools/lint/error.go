package main

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

var errorType = types.Universe.Lookup("error").Type().Underlying().(*types.Interface)

// errorRule: an error is handled or ignored in the open, and compared through
// what wraps it.
func errorRule(u *unit) {
	u.each(func(n ast.Node) {
		switch x := n.(type) {
		case *ast.ExprStmt:
			call, ok := x.X.(*ast.CallExpr)
			if ok && returnsError(u.info.TypeOf(call)) && !u.cannotFail(call) {
				u.report(x.Pos(), "the error of %s is dropped; handle it, or assign it to _ and say why", u.calleeName(call))
			}
		case *ast.BinaryExpr:
			if (x.Op == token.EQL || x.Op == token.NEQ) && u.isError(x.X) && u.isError(x.Y) {
				u.report(x.Pos(), "errors are compared with errors.Is")
			}
		case *ast.TypeAssertExpr:
			if x.Type != nil && u.isError(x.X) {
				u.report(x.Pos(), "errors are taken apart with errors.As")
			}
		case *ast.TypeSwitchStmt:
			u.errorSwitch(x)
		}
	})
}

func (u *unit) errorSwitch(x *ast.TypeSwitchStmt) {
	ast.Inspect(x.Assign, func(n ast.Node) bool {
		if a, ok := n.(*ast.TypeAssertExpr); ok && a.Type == nil && u.isError(a.X) {
			u.report(x.Pos(), "errors are taken apart with errors.As")
		}
		return true
	})
}

// isError: the static type is the interface itself; nil is not.
func (u *unit) isError(x ast.Expr) bool {
	t := u.info.TypeOf(x)
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

func returnsError(t types.Type) bool {
	if tuple, ok := t.(*types.Tuple); ok {
		if tuple.Len() == 0 {
			return false
		}
		t = tuple.At(tuple.Len() - 1).Type()
	}
	return t != nil && types.Identical(t, types.Universe.Lookup("error").Type())
}

// cannotFail are calls whose error is always nil, or that write to where
// nothing can be done about it (a response, a terminal).
func (u *unit) cannotFail(call *ast.CallExpr) bool {
	name := u.callee(call)
	if strings.HasPrefix(name, "fmt.Fprint") || strings.HasPrefix(name, "fmt.Print") {
		return true
	}
	for _, never := range []string{
		"(*bytes.Buffer).", "(*strings.Builder).", "(hash.Hash).", "(io.Writer).Write",
	} {
		if strings.HasPrefix(name, never) {
			// A writer may fail, unless it is a hash.
			return never != "(io.Writer).Write" || u.isHash(call)
		}
	}
	return false
}

// isHash: hash.Hash gets its Write from io.Writer.
func (u *unit) isHash(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && u.typeName(sel.X) == "hash.Hash"
}

func (u *unit) calleeName(call *ast.CallExpr) string {
	if name := u.callee(call); name != "" {
		return name
	}
	return "the call"
}
