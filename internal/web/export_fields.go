package web

import (
	"strings"
	"time"

	"causeway/internal/casework"
	"causeway/internal/person"
)

// eventsField is the timeline, which is no column.
const eventsField = "events"

// exportField is one thing an export may hold of each case: as people read it,
// and as it is stored.
type exportField struct {
	code string
	text func(*visit, *casework.Row) string
	raw  func(*visit, *casework.Row) any
}

// exportOrder is the order of the columns.
var exportOrder = []string{
	"number", "name", "names", "born_from", "born_to", "sex", "gender", "nationality", "language", "identifier", "restriction",
	"stage", "risk", "region", "unit", "worker", "opened", "next_contact", "closed",
}

func fieldCodes() []string { return append([]string{}, exportOrder...) }

// fieldsOf returns the fields of some codes, in the order of the columns.
func fieldsOf(codes []string) []exportField {
	chosen := map[string]bool{}
	for _, c := range codes {
		chosen[c] = true
	}
	var out []exportField
	for _, c := range exportOrder {
		if chosen[c] {
			f := exportFields[c]
			f.code = c
			out = append(out, f)
		}
	}
	return out
}

var exportFields = map[string]exportField{
	"number":       plainField(func(r *casework.Row) string { return r.Case.Number.String() }),
	"name":         plainField(func(r *casework.Row) string { return r.Person.Details.Called().Reveal() }),
	"names":        manyField("name_kind", namesOf),
	"born_from":    plainField(func(r *casework.Row) string { return r.Person.Details.Birth.Earliest.Reveal() }),
	"born_to":      plainField(func(r *casework.Row) string { return r.Person.Details.Birth.Latest.Reveal() }),
	"sex":          codeField("sex_recorded", func(r *casework.Row) string { return r.Case.Sex }),
	"gender":       codeField("gender_told", func(r *casework.Row) string { return r.Person.Details.GenderTold }),
	"nationality":  codesField("nationality", func(d *person.Details) []string { return d.Nationalities }),
	"language":     codesField("language", func(d *person.Details) []string { return d.Languages }),
	"identifier":   manyField("identifier_kind", identifiersOf),
	"restriction":  manyField("contact_restriction", restrictionsOf),
	"stage":        codeField("stage", func(r *casework.Row) string { return r.Case.Stage }),
	"risk":         codeField("risk", func(r *casework.Row) string { return r.Case.Risk }),
	"region":       codeField("region", func(r *casework.Row) string { return r.Case.Region }),
	"unit":         namedField(func(v *visit, r *casework.Row) string { return v.unitName(r.Case.Unit) }),
	"worker":       namedField(func(v *visit, r *casework.Row) string { return v.name(r.Case.Worker) }),
	"opened":       dayField(func(r *casework.Row) time.Time { return r.Case.OpenedAt }),
	"next_contact": dayField(func(r *casework.Row) time.Time { return r.Case.NextContact }),
	"closed":       dayField(func(r *casework.Row) time.Time { return r.Case.ClosedAt }),
}

func namedField(get func(*visit, *casework.Row) string) exportField {
	return exportField{text: get, raw: func(v *visit, r *casework.Row) any { return get(v, r) }}
}

func plainField(get func(*casework.Row) string) exportField {
	return namedField(func(_ *visit, r *casework.Row) string { return get(r) })
}

func codeField(list string, get func(*casework.Row) string) exportField {
	return exportField{
		text: func(v *visit, r *casework.Row) string { return v.label(list, get(r)) },
		raw:  func(_ *visit, r *casework.Row) any { return get(r) },
	}
}

func codesField(list string, get func(*person.Details) []string) exportField {
	return exportField{
		text: func(v *visit, r *casework.Row) string {
			return strings.Join(v.labels(list, get(&r.Person.Details)), "; ")
		},
		raw: func(_ *visit, r *casework.Row) any { return get(&r.Person.Details) },
	}
}

// manyField is a list of things that have a kind and words.
func manyField(list string, get func(*person.Details) [][2]string) exportField {
	return exportField{
		text: func(v *visit, r *casework.Row) string {
			var out []string
			for _, x := range get(&r.Person.Details) {
				if label := v.label(list, x[0]); x[1] == "" {
					out = append(out, label)
				} else {
					out = append(out, x[1]+" ("+label+")")
				}
			}
			return strings.Join(out, "; ")
		},
		raw: func(_ *visit, r *casework.Row) any {
			out := []map[string]string{}
			for _, x := range get(&r.Person.Details) {
				out = append(out, map[string]string{"kind": x[0], "text": x[1]})
			}
			return out
		},
	}
}

// dayField is a day where the people are.
func dayField(get func(*casework.Row) time.Time) exportField {
	return namedField(func(v *visit, r *casework.Row) string {
		if get(r).IsZero() {
			return ""
		}
		return v.day(get(r)).ISO()
	})
}

func namesOf(d *person.Details) (out [][2]string) {
	for _, n := range d.Names {
		out = append(out, [2]string{n.Kind, n.Text.Reveal()})
	}
	return out
}

func identifiersOf(d *person.Details) (out [][2]string) {
	for _, i := range d.Identifiers {
		out = append(out, [2]string{i.Kind, i.Value.Reveal()})
	}
	return out
}

func restrictionsOf(d *person.Details) (out [][2]string) {
	for _, r := range d.Restrictions {
		out = append(out, [2]string{r.Kind, r.Note.Reveal()})
	}
	return out
}
