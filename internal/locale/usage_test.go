package locale_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"causeway/internal/locale"
)

// A key is used when its text stands in a template or in Go code. A group is
// used when a template or Go code asks for its words by code: word "stage",
// Word("role", …), or a literal that ends with a dot, such as "title.".
//
// The words of fault codes ("error.<code>") are used when some package makes a
// fault with that code, and every such code must have words.

type usage struct {
	literals map[string]string // text to where it stands
	groups   map[string]bool
	codes    map[string]string // fault code to where it is made
	fields   map[string]string // form field to where it is asked for
}

var (
	templateAction = regexp.MustCompile(`{{[^}]*}}`)
	templateText   = regexp.MustCompile(`"([^"\n]*)"`)
	templateGroup  = regexp.MustCompile(`\bword "([a-z]+)"`)
	templateField  = regexp.MustCompile(`\(input \S+ (?:"([a-z_]+)"|\(printf "([a-z_]+)_%d")`)
	templateLabel  = regexp.MustCompile(`\blabel "([a-z_]+)"`)
	keyShape       = regexp.MustCompile(`^[a-z]+\.[a-z0-9_.-]*[a-z0-9]$`)
)

func collect(t *testing.T) usage {
	t.Helper()
	u := usage{map[string]string{}, map[string]bool{}, map[string]string{}, map[string]string{}}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && len(d.Name()) > 2 || d.Name() == "node_modules"):
			return filepath.SkipDir
		case strings.HasSuffix(path, ".html"):
			return u.template(path)
		case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go"):
			return u.code(path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return u
}

func (u usage) template(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, action := range templateAction.FindAllString(string(b), -1) {
		for _, m := range templateText.FindAllStringSubmatch(action, -1) {
			u.literals[m[1]] = path
			if prefix, ok := strings.CutSuffix(m[1], "."); ok {
				u.groups[prefix] = true
			}
		}
	}
	for _, m := range templateGroup.FindAllStringSubmatch(string(b), -1) {
		u.groups[m[1]] = true
	}
	for _, m := range templateField.FindAllStringSubmatch(string(b), -1) {
		u.fields[m[1]+m[2]] = path
	}
	for _, m := range templateLabel.FindAllStringSubmatch(string(b), -1) {
		u.fields[m[1]] = path
	}
	return nil
}

func (u usage) code(path string) error {
	f, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
	if err != nil {
		return nil // a file that does not build is the compiler's business
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BasicLit:
			if s, err := strconv.Unquote(n.Value); err == nil && n.Kind == token.STRING {
				u.literals[s] = path
				if prefix, ok := strings.CutSuffix(s, "."); ok {
					u.groups[prefix] = true
				}
			}
		case *ast.CallExpr:
			u.call(path, n)
		}
		return true
	})
	return nil
}

// faultArgument says which argument of a call is a fault's message code.
var faultArgument = map[string]int{"New": 1, "Wrap": 1, "InvalidField": 1, "Reject": 1, "Require": 2}

func (u usage) call(path string, call *ast.CallExpr) {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if plain, isPlain := call.Fun.(*ast.Ident); isPlain && plain.Name == "Options" {
		sel, ok = &ast.SelectorExpr{X: plain, Sel: plain}, true // called inside its own package
	}
	if !ok {
		return
	}
	name := sel.Sel.Name
	if name == "Word" || name == "Options" {
		for _, arg := range call.Args[:min(2, len(call.Args))] {
			if group := literal(arg); group != "" {
				u.groups[group] = true
			}
		}
	}
	at, ok := faultArgument[name]
	if !ok || at >= len(call.Args) {
		return
	}
	if from, ok := sel.X.(*ast.Ident); (name == "New" || name == "Wrap" || name == "InvalidField") && (!ok || from.Name != "fault") {
		return
	}
	if code := literal(call.Args[at]); code != "" {
		u.codes[code] = path
	}
}

func literal(e ast.Expr) string {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return ""
	}
	s, err := strconv.Unquote(lit.Value)
	if err != nil {
		return ""
	}
	return s
}

func TestEveryKeyThatIsAskedForExists(t *testing.T) {
	u, l := collect(t), locale.Get("en")
	for key, path := range u.literals {
		if strings.HasSuffix(path, ".html") && keyShape.MatchString(key) && !l.Has(key) && !isFile(key) {
			t.Errorf("%s asks for %q, which no message file has", path, key)
		}
	}
	for field, path := range u.fields {
		if !l.Has("field." + field) {
			t.Errorf("%s has the field %q without words (field.%s)", path, field, field)
		}
	}
	for code, path := range u.codes {
		if !l.Has("error." + code) {
			t.Errorf("%s makes the fault %q without words (error.%s)", path, code, code)
		}
	}
}

func isFile(s string) bool {
	for _, ext := range []string{".css", ".js", ".svg", ".w"} {
		if strings.HasSuffix(s, ext) {
			return true
		}
	}
	return false
}

func TestEveryKeyIsUsed(t *testing.T) {
	u := collect(t)
	for _, key := range locale.Get("en").Keys() {
		group, code, _ := strings.Cut(key, ".")
		_, spoken := u.literals[key]
		switch {
		case spoken, u.groups[group], inGroup(u, key):
		case group == "error" && (u.codes[code] != "" || u.literals[code] != ""):
		case group == "field" || group == "hint": // fields are named by forms and by rooms' faults
			if u.fields[code] == "" && u.literals[code] == "" {
				t.Errorf("nobody asks for the field %s", key)
			}
		default:
			t.Errorf("nobody says %s", key)
		}
	}
}

// inGroup reports whether a longer beginning of the key is asked for, such as
// "today.hello" of "today.hello.morning".
func inGroup(u usage, key string) bool {
	for i := len(key) - 1; i > 0; i-- {
		if key[i] == '.' && u.groups[key[:i]] {
			return true
		}
	}
	return false
}
