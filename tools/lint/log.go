package main

import (
	"go/ast"
	"go/constant"
	"go/types"
	"slices"
	"strings"
)

// A log line may hold what helps to run the node and nothing about a person.
// Keys are a closed list, and each key says what its value may be.

type valueKind string

const (
	word   valueKind = "a word of ours" // a string or number, never a person's data
	number valueKind = "a number, a duration or a time"
	row    valueKind = "an identifier of package ident"
	fail   valueKind = "an error" // faults carry codes and field names, never input
)

// logKeys is the closed list. Adding a key is a reviewed change.
var logKeys = map[string]valueKind{
	"op":      word, // what was done, such as "backup" or a route pattern
	"kind":    word, // the kind of outcome, of a fault or of a thing
	"code":    word, // the message code of a fault
	"outcome": word,
	"job":     word,
	"engine":  word,
	"version": word,
	"listen":  word, // an address this node listens on
	"peer":    word, // another node's name
	"ref":     word, // the reference a person reads out to the operator
	"status":  number,
	"took":    number,
	"count":   number,
	"size":    number,
	"lag":     number,
	"epoch":   number,
	"attempt": number,
	"until":   number,
	"actor":   row,
	"case":    row,
	"entry":   row,
	"unit":    row,
	"err":     fail,
}

// logCalls are the methods of the injected logger that may be called, and the
// place of the message (-1: none).
var logCalls = map[string]int{
	"(*log/slog.Logger).DebugContext": 1,
	"(*log/slog.Logger).InfoContext":  1,
	"(*log/slog.Logger).WarnContext":  1,
	"(*log/slog.Logger).ErrorContext": 1,
	"(*log/slog.Logger).Log":          2,
	"(*log/slog.Logger).LogAttrs":     2,
	"(*log/slog.Logger).With":         -1,
}

// logRefused are calls that may not be made at all, and what to do instead.
var logRefused = map[string]string{
	"(*log/slog.Logger).Debug":     "use DebugContext",
	"(*log/slog.Logger).Info":      "use InfoContext",
	"(*log/slog.Logger).Warn":      "use WarnContext",
	"(*log/slog.Logger).Error":     "use ErrorContext",
	"(*log/slog.Logger).WithGroup": "groups hide keys from this rule",
	"log/slog.Group":               "groups hide keys from this rule",
	"log/slog.GroupAttrs":          "groups hide keys from this rule",
}

const notGlobal = "log with the injected logger"

// logPackage are functions of package slog that have nothing to do with a
// global logger.
var logPackage = []string{"New", "NewJSONHandler", "NewTextHandler", "NewMultiHandler", "NewRecord"}

// logAttrs are the functions that make an attribute: key, value.
var logAttrs = []string{"Any", "Bool", "Duration", "Float64", "Int", "Int64", "String", "Time", "Uint64"}

func logRule(u *unit) {
	u.each(func(n ast.Node) {
		switch x := n.(type) {
		case *ast.CallExpr:
			u.logCall(x)
		case *ast.CompositeLit:
			if u.typeName(x) == "log/slog.Attr" && len(x.Elts) > 0 {
				u.report(x.Pos(), "make attributes with slog.String and the like")
			}
		}
	})
}

func (u *unit) logCall(call *ast.CallExpr) {
	name := u.callee(call)
	if why := logRefused[name]; why != "" {
		u.report(call.Pos(), "%s: %s", name, why)
		return
	}
	if at, ok := logCalls[name]; ok {
		u.logMessage(call, at)
		return
	}
	fn, ok := strings.CutPrefix(name, "log/slog.")
	if !ok || strings.HasSuffix(fn, "Value") {
		return
	}
	if slices.Contains(logAttrs, fn) {
		u.logAttr(call)
	} else if !slices.Contains(logPackage, fn) {
		u.report(call.Pos(), "%s: %s", name, notGlobal)
	}
}

// logMessage checks one line: a constant message, then attributes only.
func (u *unit) logMessage(call *ast.CallExpr, at int) {
	args := call.Args
	if at >= 0 {
		if len(args) <= at {
			return // a call of a function with several results; types made sure of it
		}
		if u.info.Types[args[at]].Value == nil {
			u.report(args[at].Pos(), "the message is not constant")
		}
		args = args[at+1:]
	}
	if call.Ellipsis.IsValid() {
		if t := u.info.TypeOf(args[len(args)-1]); t.String() != "[]log/slog.Attr" {
			u.report(call.Pos(), "a spread list hides its keys; pass attributes")
		}
		return
	}
	for _, arg := range args {
		if u.typeName(arg) != "log/slog.Attr" {
			u.report(arg.Pos(), "not an attribute: use slog.String and the like")
		}
	}
}

// logAttr checks the key and the value of one attribute.
func (u *unit) logAttr(call *ast.CallExpr) {
	if len(call.Args) != 2 {
		return
	}
	key := u.info.Types[call.Args[0]].Value
	if key == nil || key.Kind() != constant.String {
		u.report(call.Pos(), "the key is not constant")
		return
	}
	kind, ok := logKeys[constant.StringVal(key)]
	if !ok {
		u.report(call.Pos(), "key %s is not in the list of package lint", key)
		return
	}
	value := ast.Unparen(call.Args[1])
	if !u.mayLog(kind, value) {
		u.report(call.Pos(), "the value of %s must be %s, not %s", key, kind, u.info.TypeOf(value))
	}
	if what := u.fromPerson(value); what != "" {
		u.report(call.Pos(), "the value of %s comes from %s", key, what)
	}
}

func (u *unit) mayLog(kind valueKind, value ast.Expr) bool {
	t := u.info.TypeOf(value)
	basic, isBasic := t.Underlying().(*types.Basic)
	switch kind {
	case word:
		return isBasic
	case number:
		return isBasic && basic.Info()&types.IsNumeric != 0 || t.String() == "time.Time"
	case fail:
		return types.Implements(t, errorType)
	}
	// An identifier, or its own String or Short.
	if call, ok := value.(*ast.CallExpr); ok {
		if sel, ok := call.Fun.(*ast.SelectorExpr); ok && (sel.Sel.Name == "String" || sel.Sel.Name == "Short") {
			t = u.info.TypeOf(sel.X)
		}
	}
	return strings.HasPrefix(types.Unalias(t).String(), "causeway/internal/ident.ID[")
}

// fromPerson says that a value was taken from a sealed value or a request,
// where a name or a search could be in it.
func (u *unit) fromPerson(value ast.Expr) (what string) {
	ast.Inspect(value, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		if sel.Sel.Name == "Reveal" {
			what = "a sealed value"
		}
		switch owner := u.typeName(sel.X); owner {
		case "net/http.Request":
			// The pattern is ours; the method is one of a few words.
			if sel.Sel.Name != "Pattern" && sel.Sel.Name != "Method" && sel.Sel.Name != "Context" {
				what = "a request (only its Pattern and Method may be logged)"
			}
		case "net/url.URL", "net/http.Header", "net/url.Values":
			what = owner
		}
		return true
	})
	return what
}

// typeName returns the name of an expression's type, pointers taken away.
func (u *unit) typeName(x ast.Expr) string {
	t := u.info.TypeOf(x)
	if t == nil {
		return ""
	}
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	return types.Unalias(t).String()
}
