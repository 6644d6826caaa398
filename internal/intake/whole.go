package intake

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/forms"
	"causeway/internal/intake/calendar"
	"causeway/internal/intake/sheet"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// Writer puts cases into the words of one profile.
type Writer struct {
	codes   Codes
	aliases func(list, code string) []string
	profile string
	said    map[string]map[string]string // per list or question: what each code is called
	standard
}

// standard is how a profile calls its columns.
type standard struct {
	source  string // as synonyms.csv and values.csv call it
	columns []Column
	names   []string
}

// standardOf returns the columns of a profile, in the order of synonyms.csv, each
// by its first name there.
func standardOf(source string, codes Codes) standard {
	s := standard{source: source}
	for _, r := range table("synonyms.csv", synonymsCSV) {
		if r[2] != source {
			continue
		}
		name, _, _ := strings.Cut(r[3], "|")
		s.names = append(s.names, name)
		s.columns = append(s.columns, columnOf(name, codes))
	}
	return s
}

// columnOf is what a column of this name is taken for.
func columnOf(name string, codes Codes) Column {
	found, ok := recognise(name)
	if !ok || found.field == Answer && questionOf(codes, found.kind) == nil {
		found.field, found.kind = Keep, ""
	}
	return Column{Header: name, Field: found.field, Kind: found.kind}
}

// NewWriter returns a writer for a profile. aliases are those of the pack.
func NewWriter(profile string, codes Codes, aliases func(list, code string) []string) (*Writer, error) {
	source, ok := map[string]string{HTCDS: "HTCDS 2.0", Primero: "Primero"}[profile]
	if !ok {
		return nil, fault.InvalidField("profile", "not-in-list")
	}
	return &Writer{codes: codes, aliases: aliases, profile: profile, said: canonical(source), standard: standardOf(source, codes)}, nil
}

// written is one field of a case as it goes out. Raw is the value as the file had
// it, where the record says the same still.
type written struct {
	name string
	text string
	raw  string
}

// fields returns what is written of a case: the columns of the standard, and what
// else its source held. A value that means the same as in the source is given back
// as it stood there; one that changed is written anew.
func (w *Writer) fields(c *Whole) []written {
	then, cells := w.sourceOf(c)
	names, columns := slices.Clone(w.names), slices.Clone(w.columns)
	for _, cell := range cells {
		if i := slices.Index(names, cell.Name); i < 0 {
			names, columns = append(names, cell.Name), append(columns, cell.As)
		} else if columns[i].Field != Entries { // those go out as such, whatever they were taken for
			columns[i] = cell.As
		}
	}
	out := make([]written, 0, len(names))
	fresh := map[int][]*Piece{}
	if w.profile == Primero {
		fresh = freshIn(c, columns, cells, names)
	}
	count := map[string]int{} // columns of a kind before
	for i, col := range columns {
		at := slices.IndexFunc(cells, func(x Cell) bool { return x.Name == names[i] })
		if col.Field == Entries && w.profile == Primero {
			raw := ""
			if at >= 0 {
				raw = cells[at].Raw
			}
			out = append(out, written{name: names[i], raw: w.entries(c, names[i], col, raw, fresh[i])})
			continue
		}
		key := col.Choice()
		nth := count[key]
		count[key]++
		one := written{name: names[i], text: w.text(c, col, nth, then != nil)}
		same := then != nil && w.text(then, col, nth, true) == one.text
		switch {
		case at >= 0 && same:
			one.text, one.raw = cells[at].Text, cells[at].Raw
		case at >= 0:
			if rest := w.unknown(col, cells[at].Text); rest != "" {
				one.text = join(one.text, rest, ";")
			}
		case same: // said in other columns of the source
			one.text = ""
		}
		out = append(out, one)
	}
	return out
}

// sourceOf reads the source of a case once more, as it was read when it came.
func (w *Writer) sourceOf(c *Whole) (*Whole, []Cell) {
	if c.Source == nil || c.Source.Profile != w.profile {
		return nil, nil
	}
	cells := make([]Cell, len(c.Source.Names))
	on := calendar.Parse(c.Source.On, calendar.YMD, calendar.Bounds{First: firstDay, Last: lastDay}).From
	t := &Table{codes: w.codes, today: on, agesOn: on, m: &Mapping{Profile: w.profile}, known: map[Field]map[string]string{}}
	for i, name := range c.Source.Names {
		cells[i] = Cell{Name: name, Text: c.Source.Values[i].Reveal()}
		if w.profile == Primero {
			if cells[i].Raw = cells[i].Text; !json.Valid([]byte(cells[i].Raw)) { // its table, not its JSON
				cells[i].Raw = string(quoted(cells[i].Text))
			}
			cells[i].Text = sheet.CellText(cells[i].Raw)
		}
		cells[i].As.Header = name
		cells[i].As.takeAs(c.Source.Taken[i])
		t.columns = append(t.columns, cells[i].As)
	}
	b := builder{t: t, row: &Row{Profile: w.profile}}
	for i, cell := range cells {
		if cell.Text != "" {
			b.cell(i, cell.As, cell.Text, "") // what became of sub-forms is told by the case itself
		}
	}
	b.finish()
	then, err := b.row.Whole()
	if err != nil {
		return nil, cells
	}
	if w.profile == Primero { // what a case gets that says neither: the first stage, the day it came
		then.Stage = cmp.Or(then.Stage, casework.StageRegistered)
		if then.Opened.IsZero() {
			then.Opened = c.Opened
		}
	}
	return then, cells
}

// text is what the record says in a column, nth the how-manieth of its kind; "" for
// what no column of the record holds. sourced tells that the case came from a file
// of this profile: what is made of several columns is then left to their cells.
func (w *Writer) text(c *Whole, col Column, nth int, sourced bool) string {
	d := &c.Person
	at := func(list []string) string {
		if nth < len(list) {
			return list[nth]
		}
		return ""
	}
	switch col.Field {
	case GivenName, OtherName, FamilyName, FullName:
		return namePartOf(d, col.Field)
	case Nickname:
		var nick []string
		for _, n := range d.Names {
			if n.Kind == "nickname" {
				nick = append(nick, n.Text.Reveal())
			}
		}
		return at(nick)
	case BirthDate:
		return birthText(d.Birth)
	case Sex:
		return w.code(pack.SexRecorded, pack.SexRecorded, d.SexRecorded)
	case Gender:
		return w.code(pack.GenderTold, pack.GenderTold, d.GenderTold)
	case Nationality:
		return strings.Join(w.codesOf(pack.Nationalities, pack.Nationalities, d.Nationalities), ";")
	case Language:
		return at(w.codesOf(pack.Languages, pack.Languages, d.Languages))
	case IdentifierOf:
		var of []string
		for _, i := range d.Identifiers {
			if i.Kind == col.Kind {
				of = append(of, i.Value.Reveal())
			}
		}
		return at(of)
	case Place:
		if sourced || nth == 0 {
			return c.Place.Reveal()
		}
	case Region:
		return w.code(pack.Regions, pack.Regions, c.Region)
	case Stage:
		return w.stage(c.Stage)
	case Risk:
		return c.Risk
	case Reference:
		if sourced { // its number in the other program is an identifier here
			return ""
		}
		return c.Number
	case Opened:
		return dayText(c.Opened)
	case Answer:
		return w.answerText(c, col.Kind)
	}
	return ""
}

// namePartOf takes the first name apart: its first word, its last, and what stands
// between.
func namePartOf(d *person.Details, f Field) string {
	if len(d.Names) == 0 {
		return ""
	}
	full := d.Names[0].Text.Reveal()
	words := strings.Fields(full)
	switch {
	case f == FullName:
		return full
	case len(words) == 0:
	case f == GivenName:
		return words[0]
	case f == FamilyName && len(words) > 1:
		return words[len(words)-1]
	case f == OtherName && len(words) > 2:
		return strings.Join(words[1:len(words)-1], " ")
	}
	return ""
}

// birthText is a day where it is known, and a month or a year where no more is.
func birthText(b person.Birth) string {
	if b.Earliest.IsZero() || b.Latest.IsZero() {
		return ""
	}
	y1, m1, d1 := b.Earliest.RevealParts()
	y2, m2, d2 := b.Latest.RevealParts()
	switch {
	case y1 == y2 && m1 == m2 && d1 == d2:
		return time.Date(y1, time.Month(m1), d1, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
	case y1 == y2 && m1 == m2:
		return time.Date(y1, time.Month(m1), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
	case y1 == y2:
		return strconv.Itoa(y1)
	}
	return strconv.Itoa(y1) + "/" + strconv.Itoa(y2)
}

func dayText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.DateOnly)
}

// stage puts a stage into the words of the profile, which has fewer.
func (w *Writer) stage(stage string) string {
	if said, ok := w.said[pack.Stages][stage]; ok || stage == "" {
		return said
	}
	if w.profile == HTCDS {
		return w.said[pack.Stages][casework.StageRegistered] // Active
	}
	return stage
}

// code is how the profile calls a code: as values.csv has it, else by its first
// alias, else as we do.
func (w *Writer) code(key, list, code string) string {
	if code == "" {
		return ""
	}
	if said, ok := w.said[key][code]; ok {
		return said
	}
	if a := w.aliases(list, code); len(a) > 0 && w.profile == HTCDS {
		return a[0]
	}
	return code
}

func (w *Writer) codesOf(key, list string, codes []string) []string {
	out := make([]string, len(codes))
	for i, c := range codes {
		out[i] = w.code(key, list, c)
	}
	return out
}

// canonical returns, per list or question, what each code is called first in the
// words of a standard.
func canonical(source string) map[string]map[string]string {
	m := map[string]map[string]string{}
	for _, r := range table("values.csv", valuesCSV) {
		if r[2] != source {
			continue
		}
		if m[r[0]] == nil {
			m[r[0]] = map[string]string{}
		}
		if _, taken := m[r[0]][r[1]]; !taken {
			m[r[0]][r[1]], _, _ = strings.Cut(r[3], "|")
		}
	}
	return m
}

// unknown returns the parts of a cell of several answers that no code was found
// for: they are not lost when the others change.
func (w *Writer) unknown(col Column, text string) string {
	q := questionOf(w.codes, col.Kind)
	if col.Field != Answer || q == nil || q.Kind != forms.KindChoices {
		return ""
	}
	var rest []string
	for part := range strings.SplitSeq(text, ";") {
		part = strings.TrimSpace(part)
		if _, ok := optionOf(w.codes, q, col.Kind, part); !ok && part != "" {
			rest = append(rest, part)
		}
	}
	return strings.Join(rest, ";")
}

// answerText is the answer to a question, of the first repetition where it stands
// in a group.
func (w *Writer) answerText(c *Whole, kind string) string {
	id, field, _ := strings.Cut(kind, ".")
	q := questionOf(w.codes, kind)
	in := c.Answers[id]
	if group, inner, grouped := strings.Cut(field, "."); grouped {
		if g := in[group]; len(g.Groups) > 0 {
			in, field = g.Groups[0], inner
		}
	}
	a, there := in[field]
	if q == nil || !there || a.State != forms.Given {
		return ""
	}
	switch q.Kind {
	case forms.KindNumber, forms.KindDecimal:
		return strconv.FormatFloat(a.Number, 'f', -1, 64)
	case forms.KindAnswer:
		return map[string]string{forms.Yes: "true", forms.No: "false"}[a.Code]
	case forms.KindDate, forms.KindUncertainDate:
		return partText(a.Date)
	case forms.KindChoice:
		return w.code(kind, q.List, a.Code)
	case forms.KindChoices:
		return strings.Join(w.codesOf(kind, q.List, a.Codes), ";")
	case forms.KindPerson:
		if a.Person == nil {
			return ""
		}
		return a.Person.Name.Reveal()
	}
	return a.Text.Reveal()
}

func partText(d sealed.Date) string {
	year, month, day := d.RevealParts()
	switch {
	case year == 0:
		return ""
	case month == 0:
		return strconv.Itoa(year)
	case day == 0:
		return time.Date(year, time.Month(month), 1, 0, 0, 0, 0, time.UTC).Format("2006-01")
	}
	return time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)
}
