package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/locale"
)

// importFields are the fields that a column can become, in the order offered.
var importFields = []string{
	"given_name", "other_name", "family_name", "full_name", "nickname",
	"birth_date", "birth_year", "birth_month", "birth_day", "age", "birth_source", "sex", "gender",
	"nationality", "language", "identifier", "region", "place",
	"stage", "risk", "opened", "next_contact", "worker",
	"note_words", "note_seen", "note_thought", "note_text", "reference", "keep", "skip",
}

// importOrders are the ways a column can write its dates.
var importOrders = []string{"ymd", "dmy", "mdy", "either", "serial"}

// The answers that count for every row that has none, with their code lists.
var importDefaults = []struct{ field, list string }{{"risk", "risk"}, {"basis", "legal_basis"}, {"stage", "stage"}, {"region", "region"}}

// parseImport reads a form of an import.
func (v *visit) parseImport() error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, importForm)
	return v.parse()
}

// importMap asks what each column holds.
func (s *Server) importMap(v *visit) error {
	if err := v.mayImport(); err != nil {
		return err
	}
	view, err := s.importMapPage(v, Form{}, v.r.URL.Query())
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, view)
}

// reading returns how a person wants the file read, nil before they said so.
func reading(values url.Values) (*ImportReading, error) {
	if !values.Has("header_row") {
		return nil, nil
	}
	r := &ImportReading{Encoding: values.Get("encoding"), Delimiter: values.Get("delimiter"), Sheet: values.Get("sheet"), Header: -1}
	if h := strings.TrimSpace(values.Get("header_row")); h != "" {
		n, err := strconv.ParseInt(h, 10, 64)
		if err != nil || n < 0 || n > 1000 {
			return nil, fault.InvalidField("header_row", "out-of-range")
		}
		r.Header = n
	}
	return r, nil
}

func (s *Server) importMapPage(v *visit, f Form, asked url.Values) (ImportMap, error) {
	id := v.importID()
	im, err := s.Import.Get(v.r.Context(), v.caller, id)
	if err != nil {
		return ImportMap{}, err
	}
	as, err := reading(asked)
	if err != nil {
		return ImportMap{}, err
	}
	g, err := s.Import.Look(v.r.Context(), v.caller, id, as)
	if err != nil {
		return ImportMap{}, err
	}
	f.Action = "/import/" + id.String() + "/map"
	read := g.Reading
	f.Hidden = []Hidden{
		{"encoding", read.Encoding},
		{"delimiter", read.Delimiter},
		{"sheet", read.Sheet},
		{"header_row", strconv.FormatInt(read.Header, 10)},
		{"columns", strconv.Itoa(len(g.Columns))},
	}
	view := ImportMap{Frame: v.frame("import"), File: im.Name.Reveal(), Fields: v.importFields(), Dates: Options(v.l, "dateorder", importOrders...), Asks: g.Asks}
	view.Frame.Path = f.Action
	view.Reading = Form{Action: f.Action, Values: url.Values{
		"encoding": {read.Encoding}, "delimiter": {read.Delimiter}, "sheet": {read.Sheet}, "header_row": {strconv.FormatInt(read.Header, 10)},
	}}
	view.Encoding, view.Delimiter, view.Sheet = plainOptions(g.Encodings), delimiterOptions(v, g.Delimiters), plainOptions(g.Sheets)
	for _, d := range importDefaults {
		view.Defaults = append(view.Defaults, DefaultField{Name: "default_" + d.field, Options: v.options(d.list)})
	}
	fill := f.Values == nil
	if fill {
		f.Values = url.Values{}
	}
	for i, c := range g.Columns {
		name := "column_" + strconv.Itoa(i)
		if fill {
			f.Values[name] = []string{c.Choice}
			f.Values[name+"_order"] = []string{c.Order}
		}
		f.Hidden = append(f.Hidden, Hidden{name + "_group", strconv.Itoa(c.Group)})
		f = askColumn(v.l, f, name, c.Header, i)
		col := Column{Index: i, Name: c.Header, Known: c.Known, Asks: c.Asks, Dated: c.Dates || f.Error(name+"_order") != ""}
		for _, x := range c.Samples {
			col.Samples = append(col.Samples, x.Reveal())
		}
		if !slices.ContainsFunc(view.Fields, func(o Option) bool { return o.Value == c.Choice }) {
			view.Fields = append(view.Fields, Option{Value: c.Choice, Label: v.choiceWords(c.Choice)})
		}
		view.Columns = append(view.Columns, col)
	}
	view.Form = f.Ask("columns", v.l.T("importmap.title"))
	return view, nil
}

// askColumn puts the questions about one column of the file, by its name there.
func askColumn(l *locale.Locale, f Form, name, header string, i int) Form {
	goes, order := l.T("importmap.goes", "column", header), l.T("importmap.dates", "column", header)
	if header == "" {
		goes, order = l.T("importmap.goes-nth", "n", i+1), l.T("importmap.dates-nth", "n", i+1)
	}
	return f.Ask(name, goes).Ask(name+"_order", order)
}

// importFields offers every field, numbers by their kinds.
func (v *visit) importFields() []Option {
	var out []Option
	for _, f := range importFields {
		if f != "identifier" {
			out = append(out, Option{Value: f, Label: v.choiceWords(f)})
			continue
		}
		for _, k := range v.options("identifier_kind") {
			out = append(out, Option{Value: "identifier/" + k.Value, Label: k.Label})
		}
	}
	return out
}

// choiceWords says what a choice means: its kind where it has one.
func (v *visit) choiceWords(choice string) string {
	field, kind, _ := strings.Cut(choice, "/")
	words := v.l.Word("importfield", field)
	switch {
	case kind == "":
		return words
	case field == "answer":
		return v.questionWords(kind)
	case field == "entries": // "need.services_section": what each entry becomes
		part, _, _ := strings.Cut(kind, ".")
		return v.l.Word("importpart", part)
	case field == "identifier":
		return v.s.Pack.Label("identifier_kind", kind, v.l.Code())
	}
	return v.l.T("importmap.kind", "field", words, "kind", v.s.Pack.Label("name_kind", kind, v.l.Code()))
}

// questionWords is the question that "form.question" names, with its form.
func (v *visit) questionWords(kind string) string {
	id, field, _ := strings.Cut(kind, ".")
	room := v.s.Cases.Forms()
	if room == nil {
		return kind
	}
	f := room.Library().Form(id, 0)
	if f == nil || f.Field(field) == nil {
		return kind
	}
	return v.l.T("importmap.kind", "field", f.Title.In(v.l.Code()), "kind", f.Field(field).Label.In(v.l.Code()))
}

func plainOptions(list []string) []Option {
	var out []Option
	for _, x := range list {
		out = append(out, Option{Value: x, Label: x})
	}
	return out
}

// delimiterOptions shows the characters that cannot be seen by their names.
func delimiterOptions(v *visit, list []string) []Option {
	out := plainOptions(list)
	for i := range out {
		if out[i].Value == "\t" {
			out[i].Label = v.l.T("importmap.tab")
		}
	}
	return out
}

// importChoose keeps the choices and reads the whole file without registering
// anything.
func (s *Server) importChoose(v *visit) error {
	if err := v.mayImport(); err != nil {
		return err
	}
	if err := v.parseImport(); err != nil {
		return err
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	id := v.importID()
	ch, err := v.importChoice()
	if err == nil {
		err = s.Import.Choose(v.r.Context(), v.caller, cmd, id, ch)
	}
	if err == nil {
		return v.redirect("/import/"+id.String(), "")
	}
	return v.again(err, func(v *visit, f Form) (any, error) {
		asked := url.Values{}
		for _, name := range []string{"encoding", "delimiter", "sheet", "header_row"} {
			asked[name] = f.Values[name]
		}
		return s.importMapPage(v, f, asked)
	})
}

// columnsMost bounds what a form may say about columns.
const columnsMost = 1000

func (v *visit) importChoice() (ImportChoice, error) {
	ch := ImportChoice{Defaults: map[string]string{}}
	as, err := reading(v.r.PostForm)
	if err != nil {
		return ch, err
	}
	n, err := strconv.Atoi(v.value("columns"))
	if err != nil || n < 1 || n > columnsMost || as == nil {
		return ch, fault.New(fault.Invalid, "form-unreadable")
	}
	ch.Reading = *as
	for i := range n {
		name := "column_" + strconv.Itoa(i)
		group, err := strconv.Atoi(v.value(name + "_group"))
		if err != nil {
			return ch, fault.New(fault.Invalid, "form-unreadable")
		}
		choice := v.value(name)
		if choice == "" {
			choice = "skip"
		}
		ch.Columns = append(ch.Columns, ImportColumn{Choice: choice, Order: v.value(name + "_order"), Group: group})
	}
	for _, d := range importDefaults {
		if code := v.value("default_" + d.field); code != "" {
			ch.Defaults[d.field] = code
		}
	}
	return ch, nil
}
