package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// unit is one type-checked package.
type unit struct {
	path  string
	set   *token.FileSet
	files []*ast.File
	info  *types.Info
	pkg   *types.Package

	rule     string // the rule that runs now
	findings []finding
}

// report notes a breach of the running rule.
func (u *unit) report(pos token.Pos, format string, args ...any) {
	u.findings = append(u.findings, finding{u.set.Position(pos), u.rule, fmt.Sprintf(format, args...)})
}

// listed is what "go list" says about a package.
type listed struct {
	Dir        string
	ImportPath string
	Export     string
	GoFiles    []string
	DepOnly    bool
	Error      *struct{ Err string }
}

// load type-checks the packages that the patterns name. The go command compiles
// their dependencies (from its cache, usually), so nothing but the standard
// library is needed here.
func load(patterns []string) ([]*unit, error) {
	args := append([]string{"list", "-export", "-deps", "-json=Dir,ImportPath,Export,GoFiles,DepOnly,Error", "--"}, patterns...)
	cmd := exec.Command("go", args...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("go list: %w", err)
	}
	exports := map[string]string{}
	var targets []listed
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, err
		}
		if p.Error != nil {
			return nil, fmt.Errorf("%s: %s", p.ImportPath, p.Error.Err)
		}
		exports[p.ImportPath] = p.Export
		if !p.DepOnly {
			targets = append(targets, p)
		}
	}
	set := token.NewFileSet()
	imp := importer.ForCompiler(set, "gc", func(path string) (io.ReadCloser, error) {
		if exports[path] == "" {
			return nil, fmt.Errorf("no export data for %s", path)
		}
		return os.Open(exports[path])
	})
	here, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	var units []*unit
	for _, p := range targets {
		if len(p.GoFiles) == 0 {
			continue
		}
		sources := map[string][]byte{}
		for _, name := range p.GoFiles {
			full := filepath.Join(p.Dir, name)
			data, err := os.ReadFile(full)
			if err != nil {
				return nil, err
			}
			if short, err := filepath.Rel(here, full); err == nil {
				full = short
			}
			sources[full] = data
		}
		u, err := newUnit(set, imp, p.ImportPath, sources)
		if err != nil {
			return nil, err
		}
		units = append(units, u)
	}
	return units, nil
}

// newUnit parses and type-checks one package.
func newUnit(set *token.FileSet, imp types.Importer, path string, sources map[string][]byte) (*unit, error) {
	u := &unit{path: path, set: set, info: &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{},
		Uses:  map[*ast.Ident]types.Object{},
		Defs:  map[*ast.Ident]types.Object{},
	}}
	for name, data := range sources {
		file, err := parser.ParseFile(set, name, data, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		u.files = append(u.files, file)
	}
	pkg, err := (&types.Config{Importer: imp}).Check(path, set, u.files, u.info)
	u.pkg = pkg
	return u, err
}

// each calls visit for every node of the unit's files.
func (u *unit) each(visit func(ast.Node)) {
	for _, file := range u.files {
		ast.Inspect(file, func(n ast.Node) bool {
			if n != nil {
				visit(n)
			}
			return true
		})
	}
}

// callee returns the function or method that is called, written as
// "log/slog.Info" or "(*log/slog.Logger).Info", or "".
func (u *unit) callee(call *ast.CallExpr) string {
	fn := ast.Unparen(call.Fun)
	switch x := fn.(type) { // a generic function with its types named
	case *ast.IndexExpr:
		fn = x.X
	case *ast.IndexListExpr:
		fn = x.X
	}
	var name *ast.Ident
	switch x := fn.(type) {
	case *ast.Ident:
		name = x
	case *ast.SelectorExpr:
		name = x.Sel
	default:
		return ""
	}
	if f, ok := u.info.Uses[name].(*types.Func); ok {
		return f.FullName()
	}
	return ""
}
