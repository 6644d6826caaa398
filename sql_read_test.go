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
	"strconv"
	"strings"
)

// text is one string of the source that may be SQL: a constant, or a piece of a
// text that is put together when the program runs.
type text struct {
	file  string
	line  int
	room  string // the package or, for a migration, the room in its name
	name  string // of the constant, or ""
	value string
}

// readTexts returns the strings of every ordinary Go file, constants put
// together as the compiler does, and the migrations.
func readTexts(root fs.FS) ([]text, error) {
	var texts []text
	files := map[string][]*ast.File{} // by directory
	set := token.NewFileSet()
	err := walkSource(root, func(name string) error {
		migration := path.Dir(name) == migrationsDir && path.Ext(name) == ".sql"
		if !migration && (path.Ext(name) != ".go" || strings.HasSuffix(name, "_test.go")) {
			return nil
		}
		data, err := fs.ReadFile(root, name)
		if err != nil {
			return err
		}
		if migration {
			texts = append(texts, text{name, 1, "internal/" + migrationRoom(name), "", withoutComments(string(data))})
			return nil
		}
		file, err := parser.ParseFile(set, name, data, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		files[path.Dir(name)] = append(files[path.Dir(name)], file)
		return nil
	})
	for _, pkg := range files {
		c := constants{set: set, named: map[string]ast.Expr{}}
		for _, file := range pkg {
			c.collect(file)
		}
		for _, file := range pkg {
			texts = append(texts, c.texts(file)...)
		}
	}
	return texts, err
}

// constants are the string constants of one package.
type constants struct {
	set   *token.FileSet
	named map[string]ast.Expr
}

func (c *constants) collect(file *ast.File) {
	for _, decl := range file.Decls {
		if d, ok := decl.(*ast.GenDecl); ok && d.Tok == token.CONST {
			for _, spec := range d.Specs {
				s := spec.(*ast.ValueSpec)
				for i, name := range s.Names {
					if i < len(s.Values) {
						c.named[name.Name] = s.Values[i]
					}
				}
			}
		}
	}
}

// value puts a constant string together; ok is false when it is not constant.
func (c *constants) value(x ast.Expr, depth int) (string, bool) {
	if depth > 20 { // a cycle; the compiler will refuse it
		return "", false
	}
	switch x := x.(type) {
	case *ast.BasicLit:
		if x.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(x.Value)
		return s, err == nil
	case *ast.ParenExpr:
		return c.value(x.X, depth+1)
	case *ast.Ident:
		if v, ok := c.named[x.Name]; ok {
			return c.value(v, depth+1)
		}
	case *ast.BinaryExpr:
		a, ok := c.value(x.X, depth+1)
		b, ok2 := c.value(x.Y, depth+1)
		return a + b, ok && ok2 && x.Op == token.ADD
	}
	return "", false
}

// texts returns every largest constant string expression of a file.
func (c *constants) texts(file *ast.File) []text {
	var texts []text
	name := c.set.Position(file.Pos()).Filename
	names := map[ast.Expr]string{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch x := n.(type) {
		case *ast.ImportSpec:
			return false
		case *ast.Field: // struct tags
			return x.Tag == nil
		case *ast.ValueSpec:
			for i, v := range x.Values {
				if i < len(x.Names) {
					names[v] = x.Names[i].Name
				}
			}
		case *ast.BasicLit, *ast.BinaryExpr, *ast.ParenExpr:
			e := x.(ast.Expr)
			if value, ok := c.value(e, 0); ok {
				texts = append(texts, text{name, c.set.Position(e.Pos()).Line, roomOf(path.Dir(name)), names[e], value})
				return false
			}
		}
		return true
	})
	return texts
}

const migrationsDir = "internal/store/migrations"

var (
	migrationName = regexp.MustCompile(`^([0-9]{4})_([a-z]+)_[a-z0-9_]+\.sql$`)
	sqlComment    = regexp.MustCompile(`--[^\n]*`)
	sqlLiteral    = regexp.MustCompile(`'[^']*'`)
	sqlWord       = regexp.MustCompile(`\b(SELECT|FROM|JOIN|INTO|UPDATE|DELETE|WHERE|TABLE|UNION|REFERENCES)\b`)
	sqlStatement  = regexp.MustCompile(`^\s*(SELECT\s|INSERT\s+INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|WITH\s+(RECURSIVE\s+)?\w+\b.*\bAS\s*\()`)
	sqlWrites     = regexp.MustCompile(`\b(INSERT|UPDATE|DELETE)\b`)
	sqlName       = regexp.MustCompile(`\b[a-z][a-z0-9]*_[a-z0-9_]+\b`)
	sqlTarget     = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE|TABLE|REFERENCES)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?([a-z][a-z0-9]*_[a-z0-9_]+)`)
	sqlCreate     = regexp.MustCompile(`\bCREATE\s+TABLE\s+([a-z0-9_]+)`)
)

func withoutComments(s string) string { return sqlComment.ReplaceAllString(s, "") }

// migrationRoom is the room a migration's name gives it to, or "".
func migrationRoom(name string) string {
	if m := migrationName.FindStringSubmatch(path.Base(name)); m != nil {
		return m[2]
	}
	return ""
}

// tables returns the tables that the migrations create, with the room of each.
func tables(texts []text) map[string]string {
	made := map[string]string{}
	for _, t := range texts {
		if path.Dir(t.file) == migrationsDir {
			for _, m := range sqlCreate.FindAllStringSubmatch(t.value, -1) {
				made[m[1]] = t.room
			}
		}
	}
	return made
}

// ownerOf says whose table a name is: the room it begins with, or "".
func ownerOf(name string) string {
	prefix, _, _ := strings.Cut(name, "_")
	if _, ok := floors["internal/"+prefix]; ok {
		return "internal/" + prefix
	}
	return ""
}

// checkTexts returns every breach of the rules for SQL.
func checkTexts(texts []text) []string {
	var faults []string
	report := func(t text, format string, args ...any) {
		faults = append(faults, fmt.Sprintf("%s:%d: ", t.file, t.line)+fmt.Sprintf(format, args...))
	}
	known := tables(texts)
	for _, t := range texts {
		checkPlace(t, report)
		if !sqlWord.MatchString(t.value) {
			continue
		}
		bare := sqlLiteral.ReplaceAllString(withoutComments(t.value), "''")
		named := map[string]bool{}
		for _, name := range sqlName.FindAllString(bare, -1) {
			if _, ok := known[name]; ok {
				named[name] = true
			}
		}
		for _, m := range sqlTarget.FindAllStringSubmatch(bare, -1) {
			named[m[1]] = true
		}
		for name := range named {
			owner := ownerOf(name)
			if owner == "" || owner == t.room {
				continue
			}
			if floors[t.room] == wiring && known[name] == "" {
				continue // a measure makes a scratch table of its own
			}
			if name == sharedTable && !sqlWrites.MatchString(bare) && path.Dir(t.file) != migrationsDir {
				continue
			}
			report(t, "SQL of %s mentions %s, a table of %s", t.room, name, owner)
		}
	}
	return faults
}

// checkPlace: where SQL may stand, and which words it may not hold.
func checkPlace(t text, report func(text, string, ...any)) {
	if path.Dir(t.file) == migrationsDir {
		checkMigration(t, report)
		return
	}
	if !sqlStatement.MatchString(t.value) {
		return
	}
	if floors[t.room] == doors && t.room != "internal/intake" {
		report(t, "a door holds no SQL")
	}
	if t.room != "internal/store" && floors[t.room] != wiring && !strings.HasPrefix(path.Base(t.file), "sql") {
		report(t, "SQL stands in the package's sql.go, where it is prepared in a test")
	}
	for _, f := range forbiddenSQL {
		if t.room != "internal/store" && f.pattern.MatchString(t.value) {
			report(t, "SQL holds %s: %s", f.pattern, f.why)
		}
	}
}

func checkMigration(t text, report func(text, string, ...any)) {
	m := migrationName.FindStringSubmatch(path.Base(t.file))
	if m == nil {
		report(t, "a migration is called NNNN_room_what.sql")
		return
	}
	number, _ := strconv.Atoi(m[1]) // four digits
	if !slices.ContainsFunc(migrationNumbers[m[2]], func(span [2]int) bool { return span[0] <= number && number <= span[1] }) {
		report(t, "number %s is not one of %s's", m[1], m[2])
	}
	for _, made := range sqlCreate.FindAllStringSubmatch(t.value, -1) {
		if !strings.HasPrefix(made[1], m[2]+"_") {
			report(t, "table %s does not begin with %s_", made[1], m[2])
		}
	}
}
