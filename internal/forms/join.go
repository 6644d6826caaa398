package forms

import (
	"fmt"
	"slices"
)

// names checks that every name stands once, and notes where each field is.
func (r *reader) names(f *Form) {
	f.byID, f.in = map[string]*Field{}, map[string]*Section{}
	seen := map[string]bool{}
	once := func(path, name string) {
		if seen[name] {
			r.fault(path, "name-twice")
		}
		seen[name] = true
	}
	for i := range f.Sections {
		s := &f.Sections[i]
		once(fmt.Sprintf("sections[%d].id", i), s.ID)
		for j := range s.Fields {
			q := &s.Fields[j]
			once(fmt.Sprintf("sections[%d].fields[%d].id", i, j), q.ID)
			f.byID[q.ID], f.in[q.ID] = q, s
			for k := range q.Fields {
				name := q.ID + "." + q.Fields[k].ID
				once(fmt.Sprintf("sections[%d].fields[%d].fields[%d].id", i, j, k), name)
				f.byID[name], f.in[name] = &q.Fields[k], s
			}
		}
	}
}

// join brings the expressions to life: every name they use must be a field,
// nothing may decide itself, types must fit, and nobody learns from a condition
// what they may not read.
func (r *reader) join(f *Form) {
	paths := f.paths()
	for _, n := range f.nodes() {
		for _, e := range n.exprs() {
			r.checkRefs(f, n, e, paths[n.name()]+"."+n.partOf(e))
		}
	}
	if len(r.faults) > 0 {
		return
	}
	order, cycle := f.sort()
	if cycle != nil {
		r.fault(paths[cycle[0]], "cycle", "way", way(cycle))
		return
	}
	f.order = order
	for _, n := range order {
		for _, e := range n.exprs() {
			r.compile(f, n, e, paths[n.name()]+"."+n.partOf(e))
		}
	}
}

// paths returns where each section and field stands.
func (f *Form) paths() map[string]string {
	out := map[string]string{}
	for i := range f.Sections {
		s := &f.Sections[i]
		out[s.ID] = fmt.Sprintf("sections[%d]", i)
		for j := range s.Fields {
			q := &s.Fields[j]
			out[q.ID] = fmt.Sprintf("sections[%d].fields[%d]", i, j)
			for k := range q.Fields {
				out[q.ID+"."+q.Fields[k].ID] = fmt.Sprintf("sections[%d].fields[%d].fields[%d]", i, j, k)
			}
		}
	}
	return out
}

func (n node) partOf(e *Expr) string {
	if n.field != nil && n.field.Value == e {
		return "value"
	}
	return "show"
}

func (r *reader) checkRefs(f *Form, n node, e *Expr, path string) {
	for _, ref := range e.refs {
		name := ref.name
		if n.group != nil && f.byID[n.group.ID+"."+name] != nil {
			name = n.group.ID + "." + name
		}
		q, in := f.byID[name], f.in[name]
		switch {
		case q == nil:
			r.fault(path, "no-field", "field", named(shorten(ref.name)))
		case q.Kind == KindNote:
			r.fault(path, "note-no-answer", "field", named(name))
		case in != n.section && !readsAll(in, n.section):
			r.fault(path, "hidden-field", "field", named(name))
		}
	}
}

// readsAll reports whether whoever may read section to may read section from.
func readsAll(from, to *Section) bool {
	if len(from.Read) == 0 {
		return true
	}
	return len(to.Read) > 0 && !slices.ContainsFunc(to.Read, func(role string) bool { return !from.MayRead(role) })
}

func (r *reader) compile(f *Form, n node, e *Expr, path string) {
	c := compiler{form: f}
	if n.group != nil {
		c.group = n.group.ID
	}
	p, wrong := c.compile(e.tree)
	if wrong != nil {
		r.reject(path, wrong)
		return
	}
	if n.partOf(e) == "show" {
		var ok bool
		if p, ok = asBool(p); !ok {
			r.fault(path, "not-condition", "type", p.typ)
			return
		}
	} else if p.typ == tOther || p.typ == tCodes {
		r.fault(path, "not-shown", "type", p.typ)
		return
	}
	e.typ, e.eval, e.tree = p.typ, p.eval, nil
}
