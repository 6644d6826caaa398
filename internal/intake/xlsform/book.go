package xlsform

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Book is an XLSForm: rows of cells, the first of each sheet its headers.
type Book struct {
	Survey, Choices, Settings [][]string
}

// Sheets returns the sheets of a book by name, in the usual order.
func (b *Book) Sheets() []Sheet {
	return []Sheet{{"survey", b.Survey}, {"choices", b.Choices}, {"settings", b.Settings}}
}

// Sheet is one sheet of a workbook.
type Sheet struct {
	Name string
	Rows [][]string
}

// Lost names a feature that did not come through. Codes are stable; it stands beside a
// row or a field, or is about the whole form, and never repeats an answer.
type Lost struct {
	Row    int    // of the sheet "survey", as a spreadsheet program counts
	Field  string // "members.age"
	Code   string // one of the Lost... codes
	Detail string // the word that is not known, such as a function's name
}

// The features that do not come through.
const (
	LostStates     = "states"     // out: why a question has no answer (not known, not asked, refused)
	LostRoles      = "roles"      // out: who may read or write a section is kept in our columns only
	LostUrgent     = "urgent"     // out: actions that an answer opens at once, in our columns only
	LostKind       = "kind"       // out: a kind of question that others show as a simpler one
	LostNeed       = "need"       // out: needed to finish, and not to save
	LostCondition  = "condition"  // a condition or calculation in words that the other side does not have
	LostType       = "type"       // in: a type of question there is none of here
	LostColumn     = "column"     // in: a column that says something we do not read
	LostGroup      = "group"      // in: a group within a group
	LostDefault    = "default"    // in: an answer that is filled in before anybody answers
	LostFilter     = "filter"     // in: answers that depend on another answer
	LostExternal   = "external"   // in: choices that lie in another file
	LostLanguage   = "language"   // in: a text is not there in a language of this node; another one stands in for it
	LostEmpty      = "empty"      // in: a calculation that says nothing
	LostConstraint = "constraint" // in: a bound on an answer that is not a smallest and a largest number
)

// lostDetails are the codes, and whether each comes with a detail.
var lostDetails = map[string]bool{
	LostStates: false, LostRoles: false, LostUrgent: false, LostKind: true, LostNeed: false, LostCondition: true, LostType: true,
	LostColumn: true, LostGroup: true, LostDefault: false, LostFilter: false, LostExternal: true, LostLanguage: true,
	LostEmpty: false, LostConstraint: false,
}

// LostCodes returns the codes of what is lost, and whether each comes with a detail.
// The words are "xlsform.<code>"; a detail is their "what".
func LostCodes() map[string]bool { return maps.Clone(lostDetails) }

// row is one row of a sheet, by column name.
type row map[string]string

// grid collects rows and remembers in which order columns were first named.
type grid struct {
	columns []string
	rows    []row
}

func newGrid(columns ...string) *grid { return &grid{columns: columns} }

// add adds a row, and columns that it names first.
func (g *grid) add(r row) {
	for _, name := range sortedNames(r) {
		if r[name] != "" && !slices.Contains(g.columns, name) {
			g.columns = append(g.columns, name)
		}
	}
	g.rows = append(g.rows, r)
}

func sortedNames(r row) []string {
	out := make([]string, 0, len(r))
	for name := range r {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// cells returns the rows with their header.
func (g *grid) cells() [][]string {
	out := [][]string{slices.Clone(g.columns)}
	for _, r := range g.rows {
		cells := make([]string, len(g.columns))
		for i, name := range g.columns {
			cells[i] = r[name]
		}
		out = append(out, cells)
	}
	return out
}

// read turns cells into rows by column name; names are compared without case.
func read(cells [][]string) []row {
	if len(cells) == 0 {
		return nil
	}
	names := make([]string, len(cells[0]))
	for i, name := range cells[0] {
		names[i] = columnName(name)
	}
	var out []row
	for _, line := range cells[1:] {
		r := row{}
		for i, cell := range line {
			if i < len(names) && names[i] != "" && strings.TrimSpace(cell) != "" {
				r[names[i]] = strings.TrimSpace(cell)
			}
		}
		out = append(out, r)
	}
	return out
}

// columnName makes spellings of a column alike: "Label::French (fr)" is
// "label::fr", "read_only" is "readonly".
func columnName(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	what, lang, translated := strings.Cut(name, "::")
	if !translated {
		what, lang, translated = strings.Cut(name, ":")
	}
	what = strings.TrimSpace(what)
	if !translated {
		return what
	}
	lang = strings.TrimSpace(lang)
	if open := strings.LastIndexByte(lang, '('); open >= 0 && strings.HasSuffix(lang, ")") {
		lang = strings.TrimSpace(lang[open+1 : len(lang)-1])
	}
	if code, known := languageNames[lang]; known {
		lang = code
	}
	return what + "::" + lang
}

// languageNames are names of languages that stand without their code.
var languageNames = map[string]string{
	"english": "en", "french": "fr", "français": "fr", "arabic": "ar", "العربية": "ar", "spanish": "es", "español": "es",
	"portuguese": "pt", "russian": "ru",
}

// languageColumns name the languages as XLSForm wants them: name and code.
var languageColumns = map[string]string{"en": "English (en)", "fr": "Français (fr)", "ar": "العربية (ar)"}

func translated(what, lang string) string {
	if name, ok := languageColumns[lang]; ok {
		return what + "::" + name
	}
	return fmt.Sprintf("%s::%s (%s)", what, lang, lang)
}
