package intake

import (
	"context"
	"slices"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/intake/calendar"
	"causeway/internal/intake/sheet"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// Proposal is what a first look at a file suggests. A person confirms or changes
// the mapping; the rest shows why it was suggested.
type Proposal struct {
	Guess     sheet.Guess
	Mapping   Mapping
	Columns   []ColumnGuess
	Questions []Question // what nobody but a person can decide
}

// ColumnGuess says why a column is taken for what it is.
type ColumnGuess struct {
	Source   string         // whose name for the column was recognised: HTCDS 2.0, Primero, FEBRL, common; "" for none
	Filled   int            // cells with text in the sample
	Dates    calendar.Guess // for fields that are dates
	Unknown  int            // of a field with a code list: cells no code was found for
	Examples []sealed.Text  // a few different cells
}

// Question is something to choose. Column is 0 for the whole file.
type Question struct {
	Column int    `json:"column"`
	Code   string `json:"code"`
}

// The codes of questions, beside OrderUnknown and OrderMixed of package calendar.
const (
	AskRisk     = "choose-risk"     // no column says the risk: choose one for all
	AskBasis    = "choose-basis"    // on which lawful basis these cases are kept
	AskName     = "choose-name"     // no column was recognised as a name
	AskEncoding = "choose-encoding" // the letters may be read wrongly
	AskCalendar = "other-calendar"  // many dates lie in another calendar
	AskTwice    = "column-twice"    // another column holds this field already
	AskDates    = "not-dates"       // a column of dates holds something else
)

// Open returns the questions of a proposal that a mapping leaves open. chosen says
// that a person made the mapping: what the columns hold is answered with it.
func (p *Proposal) Open(m Mapping, chosen bool) []Question {
	has := func(what func(Column) bool) bool { return slices.ContainsFunc(m.Columns, what) }
	var open []Question
	for _, q := range p.Questions {
		answered := chosen
		switch q.Code {
		case AskRisk:
			answered = m.Defaults[Risk] != "" || has(func(c Column) bool { return c.Field == Risk })
		case AskBasis:
			answered = m.Defaults[Basis] != ""
		case AskName:
			answered = has(func(c Column) bool { return fields[c.Field].group || c.Field == Nickname })
		}
		if !answered {
			open = append(open, q)
		}
	}
	return open
}

// sampleRows is how many rows a proposal looks at.
const sampleRows = 2000

// Propose looks at a file and suggests how to read it.
func Propose(ctx context.Context, src sheet.Source, codes Codes, lim sheet.Limits) (*Proposal, error) {
	g, err := sheet.Inspect(ctx, src, lim)
	if err != nil {
		return nil, err
	}
	return ProposeAs(src, g, GuessHeader, codes, lim)
}

// GuessHeader as the number of the header row means that nobody chose one.
const GuessHeader = -1

// ProposeAs suggests a mapping for a file read as g.Options say, after a person
// chose another encoding, delimiter, sheet or row of headers (0 for none).
func ProposeAs(src sheet.Source, g sheet.Guess, header int64, codes Codes, lim sheet.Limits) (*Proposal, error) {
	rows, err := sheet.Preview(src, g.Options, lim, sampleRows)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 {
		return nil, fault.New(fault.Invalid, "empty-file")
	}
	s := sample{codes: codes}
	at := -1
	switch {
	case header == GuessHeader:
		at = headerRow(rows)
	case header > 0:
		at = slices.IndexFunc(rows, func(r sheet.Row) bool { return r.Number == header })
		if at < 0 {
			return nil, fault.InvalidField("header_row", "no-header-row")
		}
	}
	s.take(rows, at)
	p := &Proposal{Guess: g, Mapping: Mapping{Version: mappingVersion, Sheet: g.Options, Defaults: map[Field]string{}}}
	if at >= 0 {
		p.Mapping.HeaderRow = rows[at].Number
	}
	p.Mapping.Columns, p.Columns = s.columns()
	p.Mapping.Profile = profileOf(s.headers)
	s.twice(p)
	s.dates(p)
	s.ask(p)
	return p, nil
}

// headerRow returns the index of the row with the headers, -1 for none: the row
// with most known names among the first, or else a first row unlike the others.
func headerRow(rows []sheet.Row) int {
	best, most := -1, 0
	for i := range min(15, len(rows)) {
		known := 0
		for _, c := range rows[i].Cells {
			if _, ok := recognise(c); ok {
				known++
			}
		}
		if known > most {
			best, most = i, known
		}
	}
	if best >= 0 && (most >= 2 || best == 0) {
		return best
	}
	for i := range min(3, len(rows)) {
		if len(rows) > i+1 && len(rows[i].Cells) == len(rows[i+1].Cells) && named(rows[i].Cells) && !named(rows[i+1].Cells) {
			return i
		}
	}
	return -1
}

// named reports whether all cells are filled, different, and without digits.
func named(cells []string) bool {
	seen := map[string]bool{}
	for _, c := range cells {
		c = calendar.Fold(strings.TrimSpace(c))
		if c == "" || seen[c] || strings.ContainsAny(c, "0123456789") {
			return false
		}
		seen[c] = true
	}
	return len(cells) > 1
}

// qualifiers are words in headers that say in which script or language a column
// is, not what it holds.
var qualifiers = strings.NewReplacer("inarabic", "", "arabic", "", "enarabe", "", "arabe", "", "inenglish", "", "english", "",
	"anglais", "", "inlatin", "", "latin", "", "francais", "", "french", "", "بالعربيه", "", "بالانجليزيه", "", "باللاتينيه", "", "بالفرنسيه", "")

// recognise finds what a header means: as it is, or without a number or a
// language at its end.
func recognise(header string) (synonym, bool) {
	if len(header) > 120 {
		return synonym{}, false
	}
	folded := foldHeader(header)
	for _, h := range []string{folded, strings.TrimRight(folded, "0123456789"), qualifiers.Replace(folded)} {
		if s, ok := synonyms()[h]; ok && h != "" {
			return s, true
		}
	}
	return synonym{}, false
}

// sample holds the columns of the first rows.
type sample struct {
	codes   Codes
	headers []string
	cells   [][]string // by column, those with text
}

func (s *sample) take(rows []sheet.Row, at int) {
	width := 0
	for _, r := range rows[max(at, 0):] {
		width = max(width, len(r.Cells))
	}
	if at >= 0 { // what lies beyond the headers is kept cell by cell
		width = len(rows[at].Cells)
	}
	s.headers, s.cells = make([]string, width), make([][]string, width)
	for i, r := range rows[max(at, 0):] {
		for j, c := range r.Cells[:min(width, len(r.Cells))] {
			text, _ := clean(c)
			switch {
			case at >= 0 && i == 0:
				s.headers[j] = text
			case text != "":
				s.cells[j] = append(s.cells[j], text)
			}
		}
	}
}

// unknown counts the cells for which the list has no code.
func (s *sample) unknown(list string, cells []string) int {
	n := 0
	for _, c := range cells {
		if _, ok := resolve(s.codes, list, c); !ok && !saysUnknown(anyField, c) {
			n++
		}
	}
	return n
}

func (s *sample) columns() ([]Column, []ColumnGuess) {
	columns, guesses := make([]Column, len(s.headers)), make([]ColumnGuess, len(s.headers))
	for i, h := range s.headers {
		found, ok := recognise(h)
		if !ok || found.field == Answer && questionOf(s.codes, found.kind) == nil {
			found.field, found.kind = Keep, ""
		}
		field := s.byContent(found.field, s.cells[i])
		columns[i] = Column{Header: h, Field: field, Kind: found.kind}
		guesses[i] = ColumnGuess{Source: found.source, Filled: len(s.cells[i]), Examples: examples(s.cells[i])}
		if list := fields[field].list; list != "" {
			guesses[i].Unknown = s.unknown(list, s.cells[i])
		}
	}
	// "Name" beside "Surname" is the given name.
	has := func(f Field) bool { return slices.ContainsFunc(columns, func(c Column) bool { return c.Field == f }) }
	if has(FullName) && has(FamilyName) && !has(GivenName) {
		columns[slices.IndexFunc(columns, func(c Column) bool { return c.Field == FullName })].Field = GivenName
	}
	return columns, guesses
}

// byContent corrects what the header alone suggests.
func (s *sample) byContent(f Field, cells []string) Field {
	switch {
	case f == Gender && len(cells) > 0:
		// Many tables write the sex recorded under "gender": a column of nothing
		// but male and female is that, in HTCDS words it is not.
		if s.onlySexes(cells) {
			return Sex
		}
	case f == Region && s.unknown(pack.Regions, cells)*2 > len(cells):
		return Place // not the regions of this pack: words about a place
	}
	return f
}

func (s *sample) onlySexes(cells []string) bool {
	for _, c := range cells {
		if _, ok := s.codes.Resolve(pack.SexRecorded, c); ok {
			continue
		}
		if _, told := s.codes.Resolve(pack.GenderTold, c); told {
			return false
		}
		if _, ok := resolve(s.codes, pack.SexRecorded, c); !ok && !saysUnknown(anyField, c) {
			return false
		}
	}
	return true
}

// examples returns up to three different cells.
func examples(cells []string) []sealed.Text {
	var seen []string
	for _, c := range cells[:min(len(cells), 200)] {
		if c = cutText(c, 80); !slices.Contains(seen, c) {
			seen = append(seen, c)
			if len(seen) == 3 {
				break
			}
		}
	}
	list := make([]sealed.Text, len(seen))
	for i, c := range seen {
		list[i] = sealed.NewText(c)
	}
	return list
}

// twice settles columns that claim the same field: names in a second script are a
// second name, anything else is kept.
func (s *sample) twice(p *Proposal) {
	taken := map[Field]int{}
	for i := range p.Mapping.Columns {
		c := &p.Mapping.Columns[i]
		info := fields[c.Field]
		n := taken[c.Field]
		taken[c.Field]++
		switch {
		case info.group && c.Field == OtherName:
			for _, before := range p.Mapping.Columns[:i] { // the name whose parts came last
				if fields[before.Field].group {
					c.Group = before.Group
				}
			}
		case info.group:
			c.Group = min(n, 9)
		case n > 0 && !info.many:
			p.Questions = append(p.Questions, Question{i + 1, AskTwice})
			c.Field, c.Kind = Keep, ""
		}
	}
}

// dates surveys the columns of dates. A column that cannot be told follows the
// others of the same file, and is asked about all the same.
func (s *sample) dates(p *Proposal) {
	common := calendar.Unknown
	for i := range p.Mapping.Columns {
		c, g := &p.Mapping.Columns[i], &p.Columns[i]
		if !c.Field.IsDate() {
			continue
		}
		var v calendar.Survey
		for _, cell := range s.cells[i] {
			v.Add(cell)
		}
		g.Dates = v.Guess()
		c.Order = g.Dates.Order
		if (c.Order == calendar.DMY || c.Order == calendar.MDY) && g.Dates.Sure >= 80 {
			common = c.Order
		}
		switch code := g.Dates.Code; {
		case g.Dates.Values == 0:
		case g.Dates.OtherYears*5 > g.Dates.Values:
			p.Questions = append(p.Questions, Question{i + 1, AskCalendar})
		case code == calendar.NotADate:
			p.Questions = append(p.Questions, Question{i + 1, AskDates})
		case code != "":
			p.Questions = append(p.Questions, Question{i + 1, code})
		}
	}
	for i := range p.Mapping.Columns {
		if p.Columns[i].Dates.Code == calendar.OrderUnknown {
			p.Mapping.Columns[i].Order = common
		}
	}
}

// surely is how sure a guess of the encoding must be not to be asked about.
const surely = 65

func (s *sample) ask(p *Proposal) {
	if e := p.Guess.Encodings; len(e) > 0 && e[0].Sure < surely {
		p.Questions = append(p.Questions, Question{0, AskEncoding})
	}
	name, risk := false, false
	for _, c := range p.Mapping.Columns {
		name = name || fields[c.Field].group || c.Field == Nickname
		risk = risk || c.Field == Risk
	}
	if !name {
		p.Questions = append(p.Questions, Question{0, AskName})
	}
	if !risk {
		p.Questions = append(p.Questions, Question{0, AskRisk})
	}
	p.Questions = append(p.Questions, Question{0, AskBasis})
}
