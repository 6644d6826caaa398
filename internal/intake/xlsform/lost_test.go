package xlsform_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"strconv"
	"strings"
	"testing"

	"causeway/internal/intake/xlsform"
	"causeway/internal/locale"
)

func TestEveryLossHasWords(t *testing.T) {
	for code, detail := range xlsform.LostCodes() {
		for _, l := range locale.Languages() {
			if !l.Has("xlsform."+code) || (len(l.Placeholders("xlsform."+code)) == 1) != detail {
				t.Errorf("%s: no words for %s, or they name what it does not say (detail: %v)", l.Code(), code, detail)
			}
		}
	}
}

// Every place that says something is lost uses a code of the table, with a detail where
// its words name one.
func TestEveryLossIsOfTheTable(t *testing.T) {
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	constants, used := map[string]string{}, map[string]bool{}
	for _, pass := range []func(ast.Node){
		func(n ast.Node) {
			v, ok := n.(*ast.ValueSpec)
			if ok && strings.HasPrefix(v.Names[0].Name, "Lost") {
				constants[v.Names[0].Name], _ = strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
			}
		},
		func(n ast.Node) {
			name, detail := lossOf(n)
			if name == "" {
				return
			}
			used[constants[name]] = true
			if want, known := xlsform.LostCodes()[constants[name]]; !known || want != detail {
				t.Errorf("%s with a detail: %v, the table says %v", name, detail, want)
			}
		},
	} {
		for _, file := range files {
			if strings.HasSuffix(file.Name(), ".go") && !strings.HasSuffix(file.Name(), "_test.go") {
				tree, err := parser.ParseFile(token.NewFileSet(), file.Name(), nil, parser.SkipObjectResolution)
				if err != nil {
					t.Fatal(err)
				}
				ast.Inspect(tree, func(n ast.Node) bool { pass(n); return true })
			}
		}
	}
	for code := range xlsform.LostCodes() {
		if !used[code] {
			t.Errorf("nothing is lost as %s", code)
		}
	}
}

// lossOf returns the constant that a place of the code names and whether it gives a
// detail, "" for a place that loses nothing.
func lossOf(n ast.Node) (constant string, detail bool) {
	switch n := n.(type) {
	case *ast.CallExpr:
		fn, ok := n.Fun.(*ast.SelectorExpr)
		if !ok || fn.Sel.Name != "lose" {
			return "", false
		}
		last := n.Args[len(n.Args)-1]
		lit, plain := last.(*ast.BasicLit)
		code, ok := n.Args[len(n.Args)-2].(*ast.Ident)
		if !ok {
			return "?", false
		}
		return code.Name, !plain || lit.Value != `""`
	case *ast.CompositeLit:
		typ, ok := n.Type.(*ast.Ident)
		if !ok || typ.Name != "Lost" {
			return "", false
		}
		for _, e := range n.Elts {
			kv := e.(*ast.KeyValueExpr)
			value, _ := kv.Value.(*ast.Ident)
			switch kv.Key.(*ast.Ident).Name {
			case "Code":
				constant = value.Name
			case "Detail":
				detail = true
			}
		}
		if !strings.HasPrefix(constant, "Lost") { // the frame that the others call
			return "", false
		}
	}
	return constant, detail
}
