package forms

import (
	"slices"
	"strings"

	"causeway/internal/access"
)

// shut is a section that no role may read.
var shut = Section{Read: []string{"-"}}

// hiding returns the form without what is withheld from the caller of a look, and
// without what is decided by it: a question that is asked only after a withheld answer
// would tell that answer. Withheld questions count as questions of a section that no
// role may read; their answers stay as they are. Where the form is shown, they do not
// stand in it.
func (f *Form) hiding(p *access.Pass, shown bool) *Form {
	if !p.HidesAny() {
		return f
	}
	hidden := f.hidden(p)
	if len(hidden) == 0 {
		return f
	}
	out := *f
	out.Sections = slices.Clone(f.Sections)
	out.in = make(map[string]*Section, len(f.in))
	for id, s := range f.in {
		if top, _, _ := strings.Cut(id, "."); hidden[top] {
			s = &shut
		}
		out.in[id] = s
	}
	if !shown {
		return &out
	}
	for i := range out.Sections {
		s := &out.Sections[i]
		s.Fields = slices.DeleteFunc(slices.Clone(s.Fields), func(q Field) bool { return hidden[q.ID] })
		if len(s.Fields) == 0 && len(f.Sections[i].Fields) > 0 {
			s.Read = shut.Read
		}
	}
	return &out
}

// hidden returns the questions that are withheld, and those that are decided by them.
// One question of a group hides the group.
func (f *Form) hidden(p *access.Pass) map[string]bool {
	out, sections := map[string]bool{}, map[string]bool{}
	s := sorter{by: map[string]node{}}
	for _, n := range f.order {
		s.by[n.name()] = n
	}
	hide := func(n node) {
		switch {
		case n.field == nil:
			sections[n.section.ID] = true
			for i := range n.section.Fields {
				out[n.section.Fields[i].ID] = true
			}
		case n.group != nil:
			out[n.group.ID] = true
		default:
			out[n.field.ID] = true
		}
	}
	for again := true; again; {
		before := len(out) + len(sections)
		for _, n := range f.order {
			question := ""
			if n.field != nil {
				question = n.field.ID
			}
			if n.hides(p) || p.Hides(f.ID, n.section.ID, question) || slices.ContainsFunc(s.needs(n), func(name string) bool {
				top, _, _ := strings.Cut(name, ".")
				return out[top] || n.field != nil && n.group == nil && sections[name]
			}) {
				hide(n)
			}
		}
		again = len(out)+len(sections) > before
	}
	return out
}

// hides reports whether the part of the record to which a question belongs is withheld
// from the caller of a look.
func (n *node) hides(p *access.Pass) bool {
	return p.HidesRecord(n.section.Part) || n.group != nil && p.HidesRecord(n.group.Part) || n.field != nil && p.HidesRecord(n.field.Part)
}
