package web

import (
	"causeway/internal/casework"
	"causeway/internal/linkage"
)

// mostWhy is how many fields a find explains; the strongest stand first.
const mostWhy = 6

// found shows what a search found, each with why.
func (v *visit) found(list []casework.Found) []Child {
	out := make([]Child, len(list))
	for i := range list {
		f := &list[i]
		out[i] = v.childRow(&f.Case, &f.Person.Details)
		out[i].Flagged = f.Flagged
		if f.Exact {
			continue
		}
		if f.Class != linkage.Different {
			out[i].Like = v.l.Word("like", f.Class.String())
		}
		for _, e := range f.Evidence[:min(len(f.Evidence), mostWhy)] {
			if e.Field == linkage.FieldOrder && e.Level == linkage.Exact {
				continue // that names stand as they were written says nothing
			}
			out[i].Why = append(out[i].Why, Why{
				Field: v.l.Word("likefield", e.Field.String()), Level: v.l.Word("likelevel", levelWord(e)), Agrees: e.Weight > 0,
			})
		}
	}
	return out
}

// levelWord names how far a field agrees; births, ages and the order of names have
// words of their own.
func levelWord(e linkage.Evidence) string {
	own := e.Field == linkage.FieldBirth && e.Level < linkage.Part || e.Field == linkage.FieldAge && e.Level < linkage.Part || e.Field == linkage.FieldOrder
	if own {
		return e.Field.String() + "-" + e.Level.String()
	}
	return e.Level.String()
}
