package causeway_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"sort"
	"strconv"
	"strings"
)

const module = "causeway"

// source is one file of the house that is not a test.
type source struct {
	name    string // path below the module's root
	room    string // the listed package it belongs to, "" when there is none
	uses    []use
	imports []use // the subset of uses that are packages of this module
}

// use is one thing a file imports, calls or selects, at a line.
type use struct {
	what     string // import path, "path.Name" or ".Name"
	line     int
	imported bool // an import path
}

// houseTree is everything the rules look at.
type houseTree struct{ files []source }

// readHouse parses the source below root. It reads every directory and file
// itself, through the file system, so that the test cache sees what the answer
// depends on: a run that asked another program for the imports would go on
// passing from the cache after a forbidden import was added.
func readHouse(root fs.FS) (*houseTree, error) {
	h := &houseTree{}
	err := walkSource(root, func(name string) error {
		if strings.HasSuffix(name, "_test.go") {
			return nil
		}
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		s := source{name: name, room: roomOf(path.Dir(name))}
		switch path.Ext(name) {
		case ".go":
			if err := s.readGo(data); err != nil {
				return err
			}
		case ".html", ".tmpl", ".gotmpl", ".gohtml":
			s.readTemplate(data)
		default:
			return nil
		}
		h.files = append(h.files, s)
		return nil
	})
	return h, err
}

// walkSource calls visit for every file of the module: not for testdata, hidden
// directories, or directories that are modules of their own.
func walkSource(root fs.FS, visit func(name string) error) error {
	return fs.WalkDir(root, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		base := path.Base(name)
		hidden := strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_")
		if !d.IsDir() {
			if hidden {
				return nil
			}
			return visit(name)
		}
		if hidden || base == "testdata" || base == "vendor" || base == "node_modules" {
			return fs.SkipDir
		}
		if _, err := fs.Stat(root, path.Join(name, "go.mod")); err == nil {
			return fs.SkipDir
		}
		return nil
	})
}

// roomOf returns the nearest listed package at or above dir, or "".
func roomOf(dir string) string {
	for ; dir != "." && dir != "/"; dir = path.Dir(dir) {
		if _, ok := floors[dir]; ok {
			return dir
		}
	}
	return ""
}

func (s *source) readGo(data []byte) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, s.name, data, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	add := func(pos token.Pos, what string) {
		s.uses = append(s.uses, use{what: what, line: set.Position(pos).Line})
	}
	names := map[string]string{} // local name of an import, and its path
	for _, spec := range file.Imports {
		target, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return err
		}
		u := use{target, set.Position(spec.Pos()).Line, true}
		s.uses = append(s.uses, u)
		if target == module || strings.HasPrefix(target, module+"/") {
			s.imports = append(s.imports, u)
		}
		local := baseName(target)
		if spec.Name != nil {
			local = spec.Name.Name
		}
		if local == "." {
			add(spec.Pos(), "import .")
		}
		names[local] = target
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		add(sel.Pos(), "."+sel.Sel.Name)
		if x, ok := sel.X.(*ast.Ident); ok && names[x.Name] != "" {
			add(sel.Pos(), names[x.Name]+"."+sel.Sel.Name)
		}
		return true
	})
	return nil
}

var version = regexp.MustCompile(`^v[0-9]+$`)

// baseName is the name a package is used by when its import gives none.
func baseName(target string) string {
	if version.MatchString(path.Base(target)) {
		target = path.Dir(target)
	}
	return path.Base(target)
}

var templateMethod = regexp.MustCompile(`\.[A-Z][A-Za-z]*`)

// readTemplate notes the methods and fields that a page template uses, because
// a template can call Reveal too.
func (s *source) readTemplate(data []byte) {
	for i, line := range strings.Split(string(data), "\n") {
		for _, name := range templateMethod.FindAllString(line, -1) {
			s.uses = append(s.uses, use{what: name, line: i + 1})
		}
	}
}

// check returns every breach, sorted.
func (h *houseTree) check() []string {
	var faults []string
	report := func(format string, args ...any) { faults = append(faults, fmt.Sprintf(format, args...)) }
	for _, s := range h.files {
		h.checkFile(s, report)
	}
	graph := h.graph()
	for _, w := range walls {
		for _, from := range w.from {
			for _, to := range w.to {
				if way := graph.way(from, to); way != nil {
					report("%s reaches %s (%s): %s", from, to, strings.Join(way, " -> "), w.why)
				}
			}
		}
	}
	sort.Strings(faults)
	return slices.Compact(faults)
}

func (h *houseTree) checkFile(s source, report func(string, ...any)) {
	if s.room == "" && path.Ext(s.name) == ".go" {
		report("%s: package %s is not in the table of floors", s.name, path.Dir(s.name))
		return
	}
	for _, u := range s.imports {
		dir := strings.TrimPrefix(strings.TrimPrefix(u.what, module), "/")
		target := roomOf(dir)
		if target == "" {
			report("%s:%d: imports %s, which is not in the table of floors", s.name, u.line, dir)
			continue
		}
		if strings.HasSuffix(dir, "test") && !strings.HasSuffix(path.Dir(s.name), "test") {
			report("%s:%d: imports %s, which only tests may import", s.name, u.line, dir)
		}
		if target == s.room || floors[target] < floors[s.room] || slices.Contains(sideDoors[s.room], target) {
			continue
		}
		report("%s:%d: %s (floor %d) imports %s (floor %d) and there is no side door", s.name, u.line,
			s.room, floors[s.room], target, floors[target])
	}
	for _, u := range s.uses {
		if u.what == "import ." {
			report("%s:%d: a dot import hides what the file uses", s.name, u.line)
		}
		for _, r := range reserved {
			if _, ok := r.only[s.room]; !ok && u.matches(r.uses) {
				report("%s:%d: %s uses %s; %s is kept from it: %s", s.name, u.line, s.room, u.what, r.what, r.why)
			}
		}
	}
}

// matches reports whether the use is one of the patterns: "a/..." is the import
// of a and of all packages below it, "a.*" any name of package a.
func (u use) matches(patterns []string) bool {
	if slices.Contains(free, u.what) {
		return false
	}
	for _, p := range patterns {
		below, all := strings.CutSuffix(p, "/...")
		of, any := strings.CutSuffix(p, ".*")
		switch {
		case u.what == p,
			all && u.imported && (u.what == below || strings.HasPrefix(u.what, below+"/")),
			any && !u.imported && strings.HasPrefix(u.what, of+"."):
			return true
		}
	}
	return false
}

// reach says which package imports which.
type reach map[string][]string

func (h *houseTree) graph() reach {
	g := reach{}
	for _, s := range h.files {
		for _, u := range s.imports {
			if to := roomOf(strings.TrimPrefix(u.what, module+"/")); to != "" && to != s.room {
				g[s.room] = append(g[s.room], to)
			}
		}
	}
	return g
}

// way returns a shortest chain of imports, or nil.
func (g reach) way(from, to string) []string {
	came := map[string]string{from: ""}
	for queue := []string{from}; len(queue) > 0; queue = queue[1:] {
		if queue[0] == to {
			var way []string
			for at := to; at != ""; at = came[at] {
				way = append([]string{at}, way...)
			}
			return way
		}
		for _, next := range g[queue[0]] {
			if _, seen := came[next]; !seen {
				came[next] = queue[0]
				queue = append(queue, next)
			}
		}
	}
	return nil
}
