package store

import (
	"fmt"
	"io/fs"
	"slices"
	"strings"
)

// Type is a column's portable type.
type Type string

// The types.
const (
	Text    Type = "TEXT"
	BigInt  Type = "BIGINT"
	Boolean Type = "BOOLEAN"
	Bytea   Type = "BYTEA"
)

// Column is a column of a table.
type Column struct {
	Name string
	Type Type
}

// Table is a table of the schema.
type Table struct {
	Name    string
	Columns []Column
	refs    []string // tables that its foreign keys name
	key     []string // columns of the primary key
}

// column returns the column called name.
func (t *Table) column(name string) (Column, bool) {
	for _, c := range t.Columns {
		if c.Name == name {
			return c, true
		}
	}
	return Column{}, false
}

// notDumped are the tables that say how things are on one installation.
var notDumped = []string{"store_lease", "store_migration"}

// Tables returns the tables that [DB.Dump] writes, those that others refer to
// before those that refer to them.
func (db *DB) Tables() ([]Table, error) {
	all, err := catalogue(db.cfg.Migrations)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(t Table) bool { return slices.Contains(notDumped, t.Name) }), nil
}

// catalogue reads the schema from the migrations: SQLite's own catalogue no
// longer knows which INTEGER is a BOOLEAN.
func catalogue(fsys fs.FS) ([]Table, error) {
	list, err := migrations(fsys)
	if err != nil {
		return nil, err
	}
	var c ddlReader
	for _, m := range list {
		text, err := fs.ReadFile(fsys, m.Name)
		if err != nil {
			return nil, fmt.Errorf("read migration: %w", err)
		}
		for _, words := range statements(string(text)) {
			if err := c.apply(words); err != nil {
				return nil, fmt.Errorf("%s: %w", m.Name, err)
			}
		}
	}
	return inReferenceOrder(c.tables), nil
}

// statements cuts DDL into statements, each a list of words, brackets and
// commas; comments, blanks and literals are left out.
func statements(text string) [][]string {
	var out [][]string
	var current []string
	for _, t := range tokens(text) {
		switch {
		case t.text == ";":
			out, current = append(out, current), nil
		case t.kind == tokenWord, t.text == "(", t.text == ")", t.text == ",":
			current = append(current, t.text)
		case t.kind == tokenQuoted && t.text[0] == '"':
			current = append(current, strings.Trim(t.text, `"`))
		}
	}
	return append(out, current)
}

// ddlReader follows the migrations and knows the tables they leave.
type ddlReader struct{ tables []Table }

func (c *ddlReader) apply(words []string) error {
	w := wordReader{words}
	switch {
	case w.skip("CREATE", "TABLE"):
		w.skip("IF", "NOT", "EXISTS")
		return c.create(w.next(), w)
	case w.skip("ALTER", "TABLE"):
		return c.alter(w.next(), w)
	case w.skip("DROP", "TABLE"):
		w.skip("IF", "EXISTS")
		name := w.next()
		c.tables = slices.DeleteFunc(c.tables, func(t Table) bool { return t.Name == name })
	}
	return nil
}

func (c *ddlReader) find(name string) (*Table, error) {
	for i := range c.tables {
		if c.tables[i].Name == name {
			return &c.tables[i], nil
		}
	}
	return nil, fmt.Errorf("unknown table %s", name)
}

func (c *ddlReader) create(name string, w wordReader) error {
	t := Table{Name: name}
	if !w.skip("(") {
		return fmt.Errorf("table %s: no column list", name)
	}
	for _, item := range w.items() {
		if err := t.declare(item); err != nil {
			return err
		}
	}
	c.tables = append(c.tables, t)
	return nil
}

func (c *ddlReader) alter(name string, w wordReader) error {
	t, err := c.find(name)
	if err != nil {
		return err
	}
	switch {
	case w.skip("ADD", "COLUMN"), w.skip("ADD"):
		return t.declare(w.words)
	case w.skip("DROP", "COLUMN"):
		gone := w.next()
		t.Columns = slices.DeleteFunc(t.Columns, func(c Column) bool { return c.Name == gone })
	case w.skip("RENAME", "COLUMN"):
		from := w.next()
		for i := range t.Columns {
			if t.Columns[i].Name == from && w.skip("TO") {
				t.Columns[i].Name = w.next()
			}
		}
	case w.skip("RENAME", "TO"):
		to := w.next()
		for i := range c.tables {
			for j, ref := range c.tables[i].refs {
				if ref == name {
					c.tables[i].refs[j] = to
				}
			}
		}
		t.Name = to
	default:
		return fmt.Errorf("table %s: change not understood", name)
	}
	return nil
}

var constraintWords = []string{"PRIMARY", "UNIQUE", "CHECK", "FOREIGN", "CONSTRAINT"}

// declare reads one item of a table's column list.
func (t *Table) declare(item []string) error {
	for i, word := range item {
		if strings.EqualFold(word, "REFERENCES") && i+1 < len(item) {
			t.refs = append(t.refs, item[i+1])
		}
	}
	if key := primaryKey(item); key != nil {
		t.key = key
	}
	if len(item) > 0 && slices.Contains(constraintWords, strings.ToUpper(item[0])) {
		return nil
	}
	if len(item) < 2 {
		return fmt.Errorf("table %s: column without a type", t.Name)
	}
	switch typ := Type(strings.ToUpper(item[1])); typ {
	case Text, BigInt, Boolean, Bytea:
		t.Columns = append(t.Columns, Column{item[0], typ})
		return nil
	}
	return fmt.Errorf("table %s: column %s is not TEXT, BIGINT, BOOLEAN or BYTEA", t.Name, item[0])
}

// primaryKey returns the columns of the primary key that an item declares.
func primaryKey(item []string) []string {
	for i := range item {
		w := wordReader{item[i:]}
		if !w.skip("PRIMARY", "KEY") {
			continue
		}
		if !w.skip("(") {
			return item[:1] // the column's own
		}
		var key []string
		for _, column := range w.items() {
			if len(column) > 0 {
				key = append(key, column[0])
			}
		}
		return key
	}
	return nil
}

// wordReader reads a statement from left to right.
type wordReader struct{ words []string }

// skip passes over the given words if they come next.
func (w *wordReader) skip(words ...string) bool {
	if len(w.words) < len(words) {
		return false
	}
	for i, word := range words {
		if !strings.EqualFold(w.words[i], word) {
			return false
		}
	}
	w.words = w.words[len(words):]
	return true
}

func (w *wordReader) next() string {
	if len(w.words) == 0 {
		return ""
	}
	word := w.words[0]
	w.words = w.words[1:]
	return word
}

// items splits what follows an opening bracket at its commas, up to the bracket
// that closes it.
func (w *wordReader) items() [][]string {
	var out [][]string
	var item []string
	for depth := 1; len(w.words) > 0; {
		word := w.next()
		switch word {
		case "(":
			depth++
		case ")":
			depth--
		}
		if depth == 0 {
			break
		}
		if word == "," && depth == 1 {
			out, item = append(out, item), nil
			continue
		}
		item = append(item, word)
	}
	return append(out, item)
}

// inReferenceOrder puts tables behind those they refer to. A circle is cut at
// the table that was made first.
func inReferenceOrder(tables []Table) []Table {
	var out []Table
	seen := map[string]bool{}
	var visit func(Table)
	visit = func(t Table) {
		if seen[t.Name] {
			return
		}
		seen[t.Name] = true
		for _, ref := range t.refs {
			for _, other := range tables {
				if other.Name == ref {
					visit(other)
				}
			}
		}
		out = append(out, t)
	}
	for _, t := range tables {
		visit(t)
	}
	return out
}
