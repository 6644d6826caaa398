package forms_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"causeway/internal/forms"
	"causeway/internal/locale"

	"github.com/google/go-cmp/cmp"
)

func TestEveryFaultHasWords(t *testing.T) {
	codes := forms.FaultCodes()
	for _, l := range locale.Languages() {
		for code, params := range codes {
			key := "formfault." + code
			want := slices.Sorted(slices.Values(params))
			if diff := cmp.Diff(want, l.Placeholders(key)); !l.Has(key) || len(want)+len(l.Placeholders(key)) > 0 && diff != "" {
				t.Errorf("%s: no words with these parameters for %s: %s", l.Code(), code, diff)
			}
		}
		for _, key := range l.Keys() {
			if code, ok := strings.CutPrefix(key, "formfault."); ok {
				if _, known := codes[code]; !known {
					t.Errorf("%s: words for %s, which is no fault", l.Code(), code)
				}
			}
		}
	}
}

// made is one place of the code that makes a fault: its code and the names of its
// parameters.
type made struct {
	code   string
	params []string
}

// sources reads the files of this package.
func sources(t *testing.T, each func(ast.Node)) {
	t.Helper()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if name := file.Name(); strings.HasSuffix(name, ".go") && !strings.HasSuffix(name, "_test.go") {
			tree, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.SkipObjectResolution)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(tree, func(n ast.Node) bool { each(n); return true })
		}
	}
}

func stringOf(x ast.Expr) string {
	lit, ok := x.(*ast.BasicLit)
	if !ok {
		return ""
	}
	s, _ := strconv.Unquote(lit.Value) // a number is none: ""
	return s
}

// pairNames reads the names out of pairs.
func pairNames(args []ast.Expr) (out []string) {
	for i := 0; i < len(args); i += 2 {
		out = append(out, stringOf(args[i]))
	}
	return out
}

// faultOf reads a place of the code, ok is false where it makes no fault.
func faultOf(n ast.Node) (m made, ok bool) {
	switch n := n.(type) {
	case *ast.CallExpr:
		if fn, is := n.Fun.(*ast.SelectorExpr); is && fn.Sel.Name == "fault" {
			return made{stringOf(n.Args[1]), pairNames(n.Args[2:])}, true
		}
		if fn, is := n.Fun.(*ast.Ident); is && fn.Name == "newFault" {
			return made{stringOf(n.Args[0]), pairNames(n.Args[1:])}, true
		}
	case *ast.CompositeLit:
		if typ, is := n.Type.(*ast.Ident); !is || typ.Name != "Fault" {
			return m, false
		}
		for _, e := range n.Elts {
			kv := e.(*ast.KeyValueExpr)
			switch kv.Key.(*ast.Ident).Name {
			case "Code":
				m.code = stringOf(kv.Value)
				_, variable := kv.Value.(*ast.Ident)
				ok = !variable // the frame that the others call
			case "args":
				if list, is := kv.Value.(*ast.CompositeLit); is {
					m.params = pairNames(list.Elts)
				}
			}
		}
		return m, ok
	}
	return m, false
}

// Every place that makes a fault uses a code of the table, with its parameters, and no
// code of the table is made nowhere.
func TestEveryFaultIsOfTheTable(t *testing.T) {
	codes, used := forms.FaultCodes(), map[string]bool{}
	var types []string
	sources(t, func(n ast.Node) {
		if v, ok := n.(*ast.ValueSpec); ok && v.Names[0].Name == "typCodes" {
			for _, e := range v.Values[0].(*ast.CompositeLit).Elts {
				types = append(types, stringOf(e))
			}
		}
		m, ok := faultOf(n)
		if !ok {
			return
		}
		used[m.code] = true
		if want, known := codes[m.code]; !known || !slices.Equal(want, m.params) {
			t.Errorf("a fault %q with %v: the table says %v", m.code, m.params, want)
		}
	})
	for code := range codes {
		if !used[code] {
			t.Errorf("nothing makes the fault %s", code)
		}
	}
	for _, l := range locale.Languages() {
		for _, code := range types {
			if !l.Has("formtype." + code) {
				t.Errorf("%s: no words for the type %s", l.Code(), code)
			}
		}
	}
	if len(types) != 7 {
		t.Errorf("types = %v", types)
	}
}

// A fault is said in the reader's language, with questions called as the reader knows
// them.
func TestFaultsInWords(t *testing.T) {
	source := strings.Replace(small(t), `"label": {"en": "Safe?"`, `"show": "given(why)", "label": {"en": "Safe?"`, 1)
	_, err := forms.Parse([]byte(source), lists{})
	all := forms.Faults(err)
	if len(all) != 1 || all[0].Code != "cycle" {
		t.Fatalf("faults = %v, want a cycle", err)
	}
	label := func(key string) string { return map[string]string{"safe_now": "Sûr ?", "why": "Pourquoi ?"}[key] }
	if got, want := all[0].Words(locale.Get("fr"), label), "décide de lui-même : Sûr ? → Pourquoi ? → Sûr ?"; got != want {
		t.Errorf("in French %q, want %q", got, want)
	}
	if got, want := all[0].Error(), "sections[0].fields[1]: decides itself: safe_now → why → safe_now"; got != want {
		t.Errorf("on the command line %q, want %q", got, want)
	}
	if got := all[0].Words(locale.Get("ar"), label); !strings.Contains(got, "يتوقف على نفسه") || !strings.Contains(got, " ← ") {
		t.Errorf("in Arabic %q", got)
	}
}
