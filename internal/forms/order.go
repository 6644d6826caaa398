package forms

// node is a section, a field, or a field of a group, in the order in which a
// form is worked out.
type node struct {
	section *Section
	field   *Field // nil: the section itself
	group   *Field // the group the field is in
}

func (n node) name() string {
	switch {
	case n.field == nil:
		return n.section.ID
	case n.group != nil:
		return n.group.ID + "." + n.field.ID
	}
	return n.field.ID
}

// exprs returns the expressions that decide a node.
func (n node) exprs() []*Expr {
	var out []*Expr
	add := func(e *Expr) {
		if e != nil {
			out = append(out, e)
		}
	}
	if n.field == nil {
		add(n.section.Show)
		return out
	}
	add(n.field.Show)
	add(n.field.Value)
	return out
}

// nodes returns all nodes in the order of the form.
func (f *Form) nodes() []node {
	var out []node
	for i := range f.Sections {
		s := &f.Sections[i]
		out = append(out, node{section: s})
		for j := range s.Fields {
			q := &s.Fields[j]
			out = append(out, node{section: s, field: q})
			for k := range q.Fields {
				out = append(out, node{section: s, field: &q.Fields[k], group: q})
			}
		}
	}
	return out
}

// sorter puts each node after all it is decided by.
type sorter struct {
	by    map[string]node
	state map[string]int // 1: on the way, 2: done
	way   []string
	out   []node
}

// sort returns the nodes in working order, or the way of a cycle: the names
// from a node back to itself.
func (f *Form) sort() (order []node, cycle []string) {
	s := sorter{by: map[string]node{}, state: map[string]int{}}
	all := f.nodes()
	for _, n := range all {
		s.by[n.name()] = n
	}
	for _, n := range all {
		if cycle := s.visit(n); cycle != nil {
			return nil, cycle
		}
	}
	return s.out, nil
}

func (s *sorter) visit(n node) []string {
	name := n.name()
	switch s.state[name] {
	case 2:
		return nil
	case 1:
		for i, w := range s.way {
			if w == name {
				return append(append([]string{}, s.way[i:]...), name)
			}
		}
	}
	s.state[name] = 1
	s.way = append(s.way, name)
	for _, need := range s.needs(n) {
		if on, ok := s.by[need]; ok {
			if cycle := s.visit(on); cycle != nil {
				return cycle
			}
		}
	}
	s.way = s.way[:len(s.way)-1]
	s.state[name] = 2
	s.out = append(s.out, n)
	return nil
}

// needs returns the names of what a node is decided by.
func (s *sorter) needs(n node) []string {
	var out []string
	switch {
	case n.group != nil:
		out = append(out, n.group.ID)
	case n.field != nil:
		out = append(out, n.section.ID)
	}
	for _, e := range n.exprs() {
		for _, r := range e.refs {
			out = append(out, s.resolve(n, r.name)...)
		}
	}
	return out
}

// resolve returns the names of the nodes that a reference means. Who asks about
// a group from outside asks about all its fields: whether a repetition counts
// depends on them.
func (s *sorter) resolve(n node, name string) []string {
	if n.group != nil {
		if _, ok := s.by[n.group.ID+"."+name]; ok {
			return []string{n.group.ID + "." + name}
		}
	}
	on, ok := s.by[name]
	if !ok || on.field == nil || on.field.Kind != KindGroup {
		return []string{name}
	}
	out := []string{name}
	for i := range on.field.Fields {
		out = append(out, name+"."+on.field.Fields[i].ID)
	}
	return out
}
