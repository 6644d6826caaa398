package main

import (
	"go/ast"
	"go/token"
	"strings"
)

// The style guide says "about 400" and "about 60"; past these a reader pays.
const (
	maxFileLines = 440
	maxFuncLines = 70
)

// sizeRule keeps files and functions short enough to be read at one sitting. A
// protocol step that would hide its order when split is excused by a waiver.
func sizeRule(u *unit) {
	for _, file := range u.files {
		if n := u.line(file.FileEnd); n > maxFileLines {
			u.report(file.Package, "the file has %d lines; keep it under about 400", n)
		}
		for _, decl := range file.Decls {
			f, ok := decl.(*ast.FuncDecl)
			if !ok || f.Body == nil {
				continue
			}
			if n := u.line(f.End()) - u.line(f.Pos()) + 1; n > maxFuncLines {
				u.report(f.Pos(), "function %s has %d lines; keep it under about 60", f.Name.Name, n)
			}
		}
	}
}

func (u *unit) line(pos token.Pos) int { return u.set.Position(pos).Line }

// docRule: a package says its duty, an exported name what a caller may rely on.
func docRule(u *unit) {
	explained := false
	for _, file := range u.files {
		explained = explained || file.Doc != nil && strings.TrimSpace(file.Doc.Text()) != ""
		if u.pkg.Name() == "main" || ast.IsGenerated(file) {
			continue
		}
		for _, decl := range file.Decls {
			u.docDecl(decl)
		}
	}
	if !explained {
		u.report(u.files[0].Package, "package %s has no comment that says its duty", u.pkg.Name())
	}
}

func (u *unit) docDecl(decl ast.Decl) {
	switch d := decl.(type) {
	case *ast.FuncDecl:
		if d.Name.IsExported() && d.Doc == nil && exportedReceiver(d) {
			u.report(d.Pos(), "exported %s has no comment", d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch s := spec.(type) {
			case *ast.TypeSpec:
				// In a group each type speaks for itself; one line is enough.
				if s.Name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
					u.report(s.Pos(), "exported %s has no comment", s.Name.Name)
				}
			case *ast.ValueSpec:
				for _, name := range s.Names {
					if name.IsExported() && d.Doc == nil && s.Doc == nil && s.Comment == nil {
						u.report(name.Pos(), "exported %s has no comment", name.Name)
					}
				}
			}
		}
	}
}

// exportedReceiver: a function, or a method of an exported type that is not one
// of the methods everybody knows.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	t := d.Recv.List[0].Type
	for {
		switch x := t.(type) {
		case *ast.StarExpr:
			t = x.X
		case *ast.IndexExpr:
			t = x.X
		case *ast.IndexListExpr:
			t = x.X
		case *ast.Ident:
			return x.IsExported()
		default:
			return false
		}
	}
}
