package main

import (
	"go/importer"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// std are export files of what the samples import.
var std = sync.OnceValues(func() (map[string]string, error) {
	out, err := exec.Command("go", "list", "-export", "-deps", "-f", "{{.ImportPath}} {{.Export}}",
		"context", "errors", "fmt", "hash", "io", "log/slog", "net/http", "os", "strings", "time").Output()
	files := map[string]string{}
	for _, line := range strings.Split(string(out), "\n") {
		if path, file, ok := strings.Cut(line, " "); ok {
			files[path] = file
		}
	}
	return files, err
})

const identSample = `// Package ident is a sample.
package ident
type ID[K any] [16]byte
func (ID[K]) String() string { return "" }
type kind struct{}
// Case is a sample.
type Case = ID[kind]
`

// withIdent imports a sample of package ident, and the rest from export files.
type withIdent struct {
	types.Importer
	ident *types.Package
}

func (w withIdent) Import(path string) (*types.Package, error) {
	if path == "causeway/internal/ident" {
		return w.ident, nil
	}
	return w.Importer.Import(path)
}

// lint checks one file of package sample.
func lint(t *testing.T, source string) []string {
	t.Helper()
	files, err := std()
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	base := importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) { return os.Open(files[path]) })
	ident, err := newUnit(set, base, "causeway/internal/ident", map[string][]byte{"ident.go": []byte(identSample)})
	if err != nil {
		t.Fatal(err)
	}
	u, err := newUnit(set, withIdent{base, ident.pkg}, "sample", map[string][]byte{"sample.go": []byte(source)})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range check([]*unit{u}) {
		got = append(got, f.rule+": "+f.text)
	}
	return got
}

const head = `// Package sample is a sample.
package sample
import ("context"; "errors"; "fmt"; "hash"; "io"; "log/slog"; "net/http"; "os"; "strings"; "time"; "causeway/internal/ident")
var _ = fmt.Sprint; var _ = errors.New; var _ hash.Hash; var _ io.Reader; var _ *slog.Logger; var _ http.Request; var _ = os.Exit; var _ strings.Builder; var _ time.Time; var _ ident.Case
type secret struct{}
func (secret) Reveal() string { return "" }
type name string
func f(ctx context.Context, l *slog.Logger, err error, id ident.Case, r *http.Request, h hash.Hash, w io.Writer, s secret, n name) { `

func TestStatements(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"a sound line", `l.InfoContext(ctx, "served", slog.String("op", "list"), slog.Duration("took", 3), slog.Any("case", id), slog.Any("err", err))`, ""},
		{"an identifier as text", `l.InfoContext(ctx, "opened", slog.String("case", id.String()))`, ""},
		{"a word of a named type", `l.InfoContext(ctx, "opened", slog.String("engine", string(n)), slog.Any("kind", n))`, ""},
		{"the pattern of a route", `l.InfoContext(ctx, "served", slog.String("op", r.Pattern))`, ""},
		{"attributes in a list", `a := []slog.Attr{slog.Int("count", 1)}; l.LogAttrs(ctx, slog.LevelInfo, "done", a...)`, ""},
		{"a handler's empty attribute", `_ = slog.Attr{}`, ""},
		{"a logger made", `_ = slog.New(slog.NewJSONHandler(w, nil)).With(slog.String("peer", "x"))`, ""},

		{"no context", `l.Info("x")`, "use InfoContext"},
		{"the global logger", `slog.InfoContext(ctx, "x")`, "log with the injected logger"},
		{"the default logger", `slog.SetDefault(l)`, "log with the injected logger"},
		{"the default logger taken", `_ = slog.Default()`, "log with the injected logger"},
		{"a message made up", `l.InfoContext(ctx, "x"+r.Method)`, "the message is not constant"},
		{"loose pairs", `l.InfoContext(ctx, "x", "op", "y")`, "not an attribute"},
		{"a spread list", `a := []any{"name", "y"}; l.InfoContext(ctx, "x", a...)`, "spread list"},
		{"a group", `l.InfoContext(ctx, "x", slog.Group("g"))`, "groups hide keys"},
		{"a grouped logger", `_ = l.WithGroup("g")`, "groups hide keys"},
		{"an unknown key", `l.InfoContext(ctx, "x", slog.String("name", "y"))`, `key "name" is not in the list`},
		{"an unknown key on With", `_ = l.With(slog.String("phone", "y"))`, `key "phone" is not in the list`},
		{"a key made up", `l.InfoContext(ctx, "x", slog.String(r.Method, "y"))`, "the key is not constant"},
		{"an attribute by hand", `_ = slog.Attr{Key: "name"}`, "make attributes with"},
		{"text under an identifier's key", `l.InfoContext(ctx, "x", slog.String("case", "y"))`, "must be an identifier"},
		{"bytes", `l.InfoContext(ctx, "x", slog.Any("op", []byte("y")))`, "must be a word"},
		{"a struct", `l.InfoContext(ctx, "x", slog.Any("op", s))`, "must be a word"},
		{"text as a number", `l.InfoContext(ctx, "x", slog.Any("count", "y"))`, "must be a number"},
		{"text as an error", `l.InfoContext(ctx, "x", slog.Any("err", "y"))`, "must be an error"},
		{"a sealed value", `l.InfoContext(ctx, "x", slog.String("op", s.Reveal()))`, "comes from a sealed value"},
		{"a form field", `l.InfoContext(ctx, "x", slog.String("op", r.FormValue("q")))`, "comes from a request"},
		{"a path", `l.InfoContext(ctx, "x", slog.String("op", r.URL.Path))`, "comes from"},

		{"a dropped error", `os.Remove("x")`, "the error of os.Remove is dropped"},
		{"a dropped error of a function value", `g := func() error { return nil }; g()`, "the error of the call is dropped"},
		{"an error ignored in the open", `_ = os.Remove("x")`, ""},
		{"a deferred close", `defer os.Stdin.Close()`, ""},
		{"what cannot fail", `var b strings.Builder; b.WriteString("x"); h.Write(nil); fmt.Fprintln(w, "x")`, ""},
		{"a writer can fail", `w.Write(nil)`, "the error of (io.Writer).Write is dropped"},
		{"errors compared", `_ = err == io.EOF`, "errors.Is"},
		{"an error and nil", `_ = err == nil; _ = nil != err`, ""},
		{"an error asserted", `_, _ = err.(interface{ Timeout() bool })`, "errors.As"},
		{"an error switched", `switch err.(type) { case nil: }`, "errors.As"},

		{"a waiver", `l.Info("x") //lint:allow log the sample needs it`, ""},
		{"a waiver above", "\n//lint:allow log the sample needs it\nl.Info(\"x\")", ""},
		{"a waiver of another rule", `l.Info("x") //lint:allow error the sample needs it`, "use InfoContext"},
		{"a waiver without a reason", "\n//lint:allow log\n", "a waiver names a rule and gives a reason"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { expect(t, lint(t, head+tt.code+"\n}"), tt.want) })
	}
}

func TestFiles(t *testing.T) {
	long := strings.Repeat("\n", maxFuncLines)
	tests := []struct{ name, code, want string }{
		{"no package comment", "package sample", "no comment that says its duty"},
		{"an exported function", "// Package sample is a sample.\npackage sample\nfunc F() {}", "exported F has no comment"},
		{"an exported method", "// Package sample is a sample.\npackage sample\ntype t int\nfunc (t) F() {}", ""},
		{"an exported type", "// Package sample is a sample.\npackage sample\ntype T[K any] int\n// F is one.\nfunc (*T[K]) F() {}", "exported T has no comment"},
		{"a method of an exported type", "// Package sample is a sample.\npackage sample\n// T is one.\ntype T[K any] int\nfunc (*T[K]) F() {}", "exported F has no comment"},
		{"a group", "// Package sample is a sample.\npackage sample\n// The kinds.\nconst (\n\tA = 1\n\tB = 2\n)\nvar C = 1", "exported C has no comment"},
		{"a long function", "// Package sample is a sample.\npackage sample\nfunc f() {" + long + "}", "function f has"},
		{"a long function excused", "// Package sample is a sample.\npackage sample\n//lint:allow size the order matters\nfunc f() {" + long + "}", ""},
		{"a long file", "// Package sample is a sample.\npackage sample\n" + strings.Repeat("\n", maxFileLines), "the file has"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { expect(t, lint(t, tt.code), tt.want) })
	}
}

func expect(t *testing.T, got []string, want string) {
	t.Helper()
	text := strings.Join(got, "\n")
	if want == "" {
		if text != "" {
			t.Errorf("got\n%s\nwant nothing", text)
		}
		return
	}
	if !strings.Contains(text, want) {
		t.Errorf("got\n%s\nwant %q", text, want)
	}
}

// TestLoad checks this very package, as the command does.
func TestLoad(t *testing.T) {
	units, err := load([]string{"./..."})
	if err != nil {
		t.Fatal(err)
	}
	if len(units) != 1 || units[0].path != "causeway/tools/lint" {
		t.Fatalf("got %d packages, want this one", len(units))
	}
	for _, f := range check(units) {
		t.Errorf("%s:%d: %s: %s", f.pos.Filename, f.pos.Line, f.rule, f.text)
	}
}
