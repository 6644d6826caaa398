package intake

import (
	"strings"
	"unicode/utf8"

	"causeway/internal/intake/calendar"
	"causeway/internal/locale"
	"causeway/internal/pack"
)

// Bounds of one person's record; those of package person.
const (
	mostNames = 20
	mostItems = 20
)

// builder fills one row from its cells.
type builder struct {
	t   *Table
	row *Row

	names [10]nameParts // by Column.Group
	birth struct {
		date, age        calendar.Reading
		year, month, day string
		ageText          string
		dateCol, ageCol  int
		dateRaw          string
	}
}

type nameParts struct {
	given, other, family, full string
	kind                       string
}

// note records a problem that does not stop the row.
func (b *builder) note(i int, code, value string) {
	b.row.Problems = append(b.row.Problems, Problem{Row: b.row.Number, Column: i + 1, Code: code, Value: value})
}

// keep notes a problem and keeps the value with the case.
func (b *builder) keep(i int, col Column, code, value string) {
	b.note(i, code, value)
	b.row.Kept = append(b.row.Kept, Kept{Header: col.Header, Text: value, Code: code})
}

// cell takes in one cell that is not empty; written is its value as the file has it,
// where it is a value of JSON.
func (b *builder) cell(i int, col Column, raw, written string) {
	if col.Field == Skip {
		return
	}
	if col.Field == Entries {
		b.entries(i, col, written, raw)
		return
	}
	text, code := clean(raw)
	if code != "" {
		b.note(i, code, text)
	}
	if text == "" {
		return
	}
	if formulaError(text) {
		b.keep(i, col, FormulaError, text)
		return
	}
	unknown := anyField
	if fields[col.Field].group || col.Field == Nickname {
		unknown = nameField
	}
	info := fields[col.Field]
	if col.Field == Answer {
		b.answer(i, col, text)
		return
	}
	if info.list != "" {
		b.coded(i, col, text)
		return
	}
	if saysUnknown(unknown, text) {
		return
	}
	if info.most > 0 && len(text) > info.most && utf8.RuneCountInString(text) > info.most {
		if col.Field != Keep {
			b.keep(i, col, TooLong, cutText(text, mostNote))
			return
		}
		b.note(i, TooLong, "")
		text = cutText(text, mostNote)
	}
	b.text(i, col, text)
}

// text takes in a cell whose field has no code list.
func (b *builder) text(i int, col Column, text string) {
	switch col.Field {
	case GivenName, OtherName, FamilyName, FullName:
		b.namePart(col, oneLine(text))
	case Nickname:
		kind := col.Kind
		if kind == "" {
			kind = "nickname"
		}
		b.row.Names = append(b.row.Names, Name{Text: oneLine(text), Kind: kind})
	case BirthDate:
		b.birth.date, b.birth.dateCol, b.birth.dateRaw = calendar.Parse(text, col.Order, b.births()), i, text
	case BirthYear:
		b.birth.year, b.birth.dateCol = text, i
	case BirthMonth:
		b.birth.month = text
	case BirthDay:
		b.birth.day = text
	case Age:
		b.birth.ageText, b.birth.ageCol = text, i
	case IdentifierOf:
		b.identifier(i, col, oneLine(text))
	case Reference:
		b.row.Reference = oneLine(text)
		b.identifier(i, Column{Header: col.Header, Kind: "other_case_number"}, b.row.Reference)
	case Place:
		b.row.Place = join(b.row.Place, oneLine(text), ", ")
	case Opened, NextContact:
		b.day(i, col, text)
	case Worker:
		if text = oneLine(text); b.t.Worker != nil && !b.t.Worker(text) {
			b.keep(i, col, NoSuchWorker, text)
			return
		}
		b.row.Worker = text
	case NoteWords:
		b.row.Note.Words = join(b.row.Note.Words, text, "\n")
	case NoteSeen:
		b.row.Note.Seen = join(b.row.Note.Seen, text, "\n")
	case NoteThought:
		b.row.Note.Thought = join(b.row.Note.Thought, text, "\n")
	case NoteText:
		b.row.Note.Text = join(b.row.Note.Text, text, "\n")
	default:
		b.row.Kept = append(b.row.Kept, Kept{Header: col.Header, Text: text})
	}
}

func (b *builder) namePart(col Column, text string) {
	n := &b.names[col.Group]
	if col.Kind != "" {
		n.kind = col.Kind
	}
	switch col.Field {
	case GivenName:
		n.given = text
	case OtherName:
		n.other = join(n.other, text, " ")
	case FamilyName:
		n.family = text
	case FullName:
		n.full = text
	}
}

func (b *builder) identifier(i int, col Column, text string) {
	switch {
	case len(b.row.Identifiers) == mostItems:
		b.keep(i, col, TooMany, text)
		return
	case col.Kind == "phone" || col.Kind == "national_id":
		text = locale.PlainDigits(text)
	}
	b.row.Identifiers = append(b.row.Identifiers, Identifier{Kind: col.Kind, Value: text})
}

// coded takes in a cell of a field with a code list; fields that hold several
// codes accept several in one cell.
func (b *builder) coded(i int, col Column, text string) {
	code, ok := b.t.lookup(col.Field, text)
	switch {
	case ok && fields[col.Field].many:
		b.codes(i, col, code)
	case ok:
		b.code(col.Field, code)
	case saysUnknown(anyField, text) && !resolves(b.t, col.Field, text):
	case fields[col.Field].many:
		for part := range strings.FieldsFuncSeq(text, func(r rune) bool { return strings.ContainsRune(";,/|\n،؛", r) }) {
			part = strings.TrimSpace(part)
			if code, ok := b.t.lookup(col.Field, part); ok {
				b.codes(i, col, code)
			} else if part != "" && !(saysUnknown(anyField, part) && !resolves(b.t, col.Field, part)) {
				b.keep(i, col, NotInList, part)
			}
		}
	default:
		b.keep(i, col, NotInList, text)
	}
}

// resolves reports whether the list itself knows the text, which makes a word for
// "not known" ambiguous.
func resolves(t *Table, f Field, text string) bool {
	_, ok := resolve(t.codes, fields[f].list, text)
	return ok
}

func (b *builder) codes(i int, col Column, code string) {
	list := &b.row.Nationalities
	if col.Field == Language {
		list = &b.row.Languages
	}
	for _, c := range *list {
		if c == code {
			return
		}
	}
	if len(*list) == mostItems {
		b.keep(i, col, TooMany, code)
		return
	}
	*list = append(*list, code)
}

func (b *builder) code(f Field, code string) {
	switch f {
	case Sex:
		b.row.SexRecorded = code
	case Gender:
		b.row.GenderTold = code
	case Region:
		b.row.Region = code
	case Stage:
		b.row.Stage = code
	case Risk:
		b.row.Risk = code
	case BirthSource:
		b.row.Birth.Source = code
	}
}

// day takes in a date of the case, which has to be one day.
func (b *builder) day(i int, col Column, text string) {
	bounds := calendar.Bounds{First: calendar.Day{Year: 1950, Month: 1, Day: 1}, Last: b.t.today}
	if col.Field == NextContact {
		bounds.Last = b.t.today.Add(10, 0, 0)
	}
	r := calendar.Parse(text, col.Order, bounds)
	switch {
	case !r.Known() && r.Code == "":
	case !r.Exact():
		b.keep(i, col, r.Code, text)
	default:
		if r.Code != "" {
			b.keep(i, col, r.Code, text)
		}
		if col.Field == Opened {
			b.row.Opened = r.From
		} else {
			b.row.NextContact = r.From
		}
	}
}

func (b *builder) births() calendar.Bounds { return calendar.Bounds{First: firstDay, Last: b.t.today} }

// finish puts together what stands in several cells.
func (b *builder) finish() {
	b.finishNames()
	b.finishBirth()
	b.finishAnswers()
	b.finishSource()
	row, d := b.row, b.t.m.Defaults
	row.Basis = d[Basis]
	for f, at := range map[Field]*string{Risk: &row.Risk, Stage: &row.Stage, Region: &row.Region, Worker: &row.Worker} {
		if *at == "" {
			*at = d[f]
		}
	}
	if row.Risk == "" {
		row.Problems = append(row.Problems, Problem{Row: row.Number, Code: NoRisk, Stop: true})
	}
}

func (b *builder) finishNames() {
	var list []Name
	for _, n := range b.names {
		text := strings.TrimSpace(join(join(n.given, n.other, " "), n.family, " "))
		for _, one := range []string{n.full, text} {
			if one != "" {
				list = append(list, Name{Text: cutText(one, mostName), Kind: n.kind})
			}
		}
	}
	row := b.row
	row.Names = append(list, row.Names...)
	for len(row.Names) > mostNames {
		last := row.Names[len(row.Names)-1]
		row.Names = row.Names[:len(row.Names)-1]
		b.keep(-1, Column{}, TooMany, last.Text)
	}
	for i := range row.Names {
		row.Names[i].Script = scriptOf(row.Names[i].Text)
		if !b.t.codes.Valid(pack.Scripts, row.Names[i].Script) {
			row.Names[i].Script = ""
		}
	}
	if len(row.Names) == 0 {
		row.Problems = append(row.Problems, Problem{Row: row.Number, Code: NoName, Stop: true})
	}
}

func (b *builder) finishBirth() {
	bi, row := &b.birth, b.row
	if bi.year != "" || bi.month != "" || bi.day != "" {
		joined := calendar.Join(bi.year, bi.month, bi.day, b.births())
		if !bi.date.Known() {
			bi.date, bi.dateRaw = joined, strings.Trim(bi.year+"-"+bi.month+"-"+bi.day, "-")
		}
	}
	col := func(i int) Column {
		if i < len(b.t.columns) {
			return b.t.columns[i]
		}
		return Column{}
	}
	on := b.t.agesOn
	if !row.Opened.IsZero() {
		on = row.Opened
	}
	if bi.ageText != "" {
		bi.age = calendar.Age(bi.ageText, on, b.births())
		b.said(bi.ageCol, col(bi.ageCol), bi.age, bi.ageText)
	}
	b.said(bi.dateCol, col(bi.dateCol), bi.date, bi.dateRaw)
	r := bi.date
	switch {
	case !r.Known():
		r = bi.age
	case bi.age.Known() && (bi.age.To.Before(r.From) || r.To.Before(bi.age.From)):
		b.keep(bi.ageCol, col(bi.ageCol), AgeDiffers, bi.ageText)
	case bi.age.Known() && bi.date.Code == calendar.Partial: // both are true: the narrower
		if r.From.Before(bi.age.From) {
			r.From = bi.age.From
		}
		if bi.age.To.Before(r.To) {
			r.To = bi.age.To
		}
	}
	row.Birth.Earliest, row.Birth.Latest = r.From, r.To
	if r.Known() && b.t.codes.Clock(pack.ChildAge).After(r.To.Time()).Before(on.Time()) {
		b.note(max(bi.dateCol, bi.ageCol), Adult, "")
	}
}

// said notes what is to be said about a date or age, and keeps its text unless the
// interval says all of it.
func (b *builder) said(i int, col Column, r calendar.Reading, text string) {
	switch r.Code {
	case "":
	case calendar.Partial:
		b.note(i, r.Code, text)
	default:
		b.keep(i, col, r.Code, text)
	}
}

// join puts two texts together, whichever may be missing.
func join(a, b, between string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + between + b
}

// cutText returns at most n characters of s.
func cutText(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}
