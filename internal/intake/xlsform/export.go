package xlsform

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/forms"
)

// Lists is what of a pack the conversion asks.
type Lists interface {
	Codes(list string) []string
	Label(list, code, lang string) string
	Languages() []string
}

// ours are our own columns, for what XLSForm has none.
const (
	ourKind       = "cw_kind"
	ourNeed       = "cw_need"
	ourList       = "cw_list"
	ourMost       = "cw_most"
	ourUrgent     = "cw_urgent"
	ourMap        = "cw_map"
	ourPart       = "cw_part"
	ourRead       = "cw_read"
	ourWrite      = "cw_write"
	ourShow       = "cw_show"
	ourValue      = "cw_value"
	ourFor        = "cw_for"
	ourStep       = "cw_step"
	ourSource     = "cw_source"
	ourConfidence = "cw_confidence"
	ourTitle      = "cw_title"
	ourHelp       = "cw_help"
)

// Export writes a form as an XLSForm. lost names what other programs will not see
// of it; this program reads all of it back.
func Export(f *forms.Form, lists Lists) (Book, []Lost) {
	w := writer{lists: lists, survey: newGrid("type", "name"), choices: newGrid("list_name", "name"), done: map[string]bool{}, lost: map[Lost]bool{}}
	for _, what := range []string{"label", "hint"} {
		for _, lang := range lists.Languages() {
			w.survey.columns = append(w.survey.columns, translated(what, lang))
		}
	}
	w.survey.columns = append(w.survey.columns, "required", "relevant", "calculation", "constraint", "appearance")
	for _, lang := range lists.Languages() {
		w.choices.columns = append(w.choices.columns, translated("label", lang))
	}
	w.lose("", LostStates, "")
	for i := range f.Sections {
		w.section(&f.Sections[i])
	}
	settings := newGrid("form_title", "form_id", "version", "default_language")
	set := row{
		"form_title": f.Title.In("en"), "form_id": f.ID, "version": strconv.Itoa(f.Version), "default_language": "English (en)",
		ourFor: f.For, ourStep: f.Step, ourSource: f.Source, ourConfidence: string(f.Confidence),
	}
	words(set, ourTitle, f.Title)
	words(set, ourHelp, f.Help)
	settings.add(set)
	return Book{Survey: w.survey.cells(), Choices: w.choices.cells(), Settings: settings.cells()}, w.named()
}

type writer struct {
	lists           Lists
	survey, choices *grid
	done            map[string]bool // lists of choices that are written
	lost            map[Lost]bool
}

func (w *writer) lose(field, code, detail string) {
	w.lost[Lost{Field: field, Code: code, Detail: detail}] = true
}

// named returns what is lost, in a stable order.
func (w *writer) named() []Lost { return sorted(slices.Collect(maps.Keys(w.lost))) }

func sorted(list []Lost) []Lost {
	slices.SortFunc(list, func(a, b Lost) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), a.Row-b.Row, strings.Compare(a.Field, b.Field), strings.Compare(a.Detail, b.Detail))
	})
	return list
}

func words(r row, what string, in forms.Words) {
	for lang, text := range in {
		r[translated(what, lang)] = text
	}
}

func (w *writer) section(s *forms.Section) {
	r := row{"type": "begin_group", "name": s.ID, ourKind: "section", ourPart: s.Part, ourRead: strings.Join(s.Read, " "), ourWrite: strings.Join(s.Write, " ")}
	words(r, "label", s.Title)
	words(r, "hint", s.Help)
	w.condition(r, s.ID, s.Show)
	if len(s.Read)+len(s.Write) > 0 {
		w.lose(s.ID, LostRoles, "")
	}
	w.survey.add(r)
	for i := range s.Fields {
		w.field(&s.Fields[i], "")
	}
	w.survey.add(row{"type": "end_group", "name": s.ID})
}

// condition writes when something is shown, in our words too where XLSForm has none.
func (w *writer) condition(r row, where string, show *forms.Expr) {
	xpath, unknown := toXPath(show.String())
	r["relevant"], r[ourShow] = xpath, show.String()
	if unknown != "" {
		w.lose(where, LostCondition, unknown)
	}
}

// xlsTypes are the types of the kinds; those that XLSForm has none for become the
// next simpler one.
var xlsTypes = map[string]string{
	forms.KindText: "text", forms.KindWords: "text", forms.KindNumber: "integer", forms.KindDecimal: "decimal",
	forms.KindDate: "date", forms.KindUncertainDate: "text", forms.KindTime: "time", forms.KindAnswer: "select_one yes_no",
	forms.KindPlace: "text", forms.KindPerson: "text", forms.KindPhone: "text", forms.KindFile: "file",
	forms.KindCalculated: "calculate", forms.KindNote: "note", forms.KindGroup: "begin_repeat",
}

// simpler are the kinds that others see as something simpler.
var simpler = []string{forms.KindUncertainDate, forms.KindPlace, forms.KindPerson, forms.KindPhone}

func (w *writer) field(q *forms.Field, group string) {
	where := q.ID
	if group != "" {
		where = group + "." + q.ID
	}
	r := row{"type": xlsTypes[q.Kind], "name": q.ID, ourKind: q.Kind, ourPart: q.Part, ourNeed: q.Need, ourList: q.List, ourMap: pairs(q.Map), ourUrgent: pairs(q.Urgent)}
	words(r, "label", q.Label)
	words(r, "hint", q.Help)
	w.condition(r, where, q.Show)
	if q.Need == forms.NeedSave {
		r["required"] = "yes"
	} else if q.Need == forms.NeedFinish {
		w.lose(where, LostNeed, "")
	}
	if len(q.Urgent) > 0 {
		w.lose(where, LostUrgent, "")
	}
	if slices.Contains(simpler, q.Kind) {
		w.lose(where, LostKind, q.Kind)
	}
	if q.Most > 0 {
		r[ourMost] = strconv.Itoa(q.Most)
	}
	switch q.Kind {
	case forms.KindWords:
		r["appearance"] = "multiline"
	case forms.KindPhone:
		r["appearance"] = "numbers"
	case forms.KindAnswer:
		w.yesNo()
	case forms.KindChoice:
		r["type"] = "select_one " + w.options(where, q)
	case forms.KindChoices:
		r["type"] = "select_multiple " + w.options(where, q)
	case forms.KindCalculated:
		xpath, unknown := toXPath(q.Value.String())
		r["calculation"], r[ourValue] = xpath, q.Value.String()
		if unknown != "" {
			w.lose(where, LostCondition, unknown)
		}
	case forms.KindNumber, forms.KindDecimal:
		r["constraint"] = bounds(q.Min, q.Max)
	}
	w.survey.add(r)
	if q.Kind != forms.KindGroup {
		return
	}
	for i := range q.Fields {
		w.field(&q.Fields[i], q.ID)
	}
	w.survey.add(row{"type": "end_repeat", "name": q.ID})
}

// bounds writes a smallest and a largest number as a constraint.
func bounds(low, high *float64) string {
	number := func(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
	switch {
	case low != nil && high != nil:
		return ". >= " + number(*low) + " and . <= " + number(*high)
	case low != nil:
		return ". >= " + number(*low)
	case high != nil:
		return ". <= " + number(*high)
	}
	return ""
}

// pairs writes a dictionary in one cell.
func pairs(m map[string]string) string {
	var out []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		out = append(out, k+"="+m[k])
	}
	return strings.Join(out, "; ")
}

// yesNo writes the choices of yes-or-no questions once.
func (w *writer) yesNo() {
	if w.done["yes_no"] {
		return
	}
	w.done["yes_no"] = true
	for _, code := range []string{forms.Yes, forms.No} {
		r := row{"list_name": "yes_no", "name": code}
		for _, lang := range w.lists.Languages() {
			r[translated("label", lang)] = yesNoWords[code][lang]
			if r[translated("label", lang)] == "" {
				r[translated("label", lang)] = code
			}
		}
		w.choices.add(r)
	}
}

var yesNoWords = map[string]map[string]string{
	forms.Yes: {"en": "Yes", "fr": "Oui", "ar": "نعم"},
	forms.No:  {"en": "No", "fr": "Non", "ar": "لا"},
}

// options writes the choices of a question and returns the name of their list.
func (w *writer) options(where string, q *forms.Field) string {
	name := "list_" + q.List
	if q.List == "" {
		name = "of_" + strings.ReplaceAll(where, ".", "_")
	}
	if w.done[name] {
		return name
	}
	w.done[name] = true
	if q.List == "" {
		for _, o := range q.Options {
			r := row{"list_name": name, "name": o.Code}
			words(r, "label", o.Label)
			w.choices.add(r)
		}
		return name
	}
	for _, code := range w.lists.Codes(q.List) {
		r := row{"list_name": name, "name": code}
		for _, lang := range w.lists.Languages() {
			r[translated("label", lang)] = w.lists.Label(q.List, code, lang)
		}
		w.choices.add(r)
	}
	return name
}
