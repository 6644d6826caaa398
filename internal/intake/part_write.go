package intake

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/intake/sheet"
)

// Piece is one thing in a case that an entry of a sub-form can hold: a person, a
// need or a note.
type Piece struct {
	What string // one of [Parts]
	ID   string // here
	// Where it stands in the file that the case came from; "" for what began here, or in
	// a part of the file that its reader may not see.
	Form  string
	Place int
	Then  Said // what the file said; nil for what began here
	Now   Said // what the record says
}

// from says where a piece came from, if it stands in this source.
func (p *Piece) from(o *casework.Origin, src *casework.Source, then Said) {
	if o != nil && src != nil && o.Profile == src.Profile && slices.Contains(src.Names, o.Form) {
		p.Form, p.Place, p.Then = o.Form, int(o.Place), then
	}
}

// piecesOf returns the pieces of a case, oldest first of each kind.
func piecesOf(l *casework.RecordList, profile string) []Piece {
	src := l.ImportedFrom(profile)
	return slices.Concat(peopleOf(l, src), needsOf(l, src), notesOf(l, src, profile))
}

// peopleOf returns the people of a case. Who is suspected of involvement, who has
// left the case and who is a child with a case here do not become family of another
// program; nor does the way to somebody who is not safe to contact.
func peopleOf(l *casework.RecordList, src *casework.Source) []Piece {
	var out []Piece
	others := l.Others()
	slices.SortFunc(others, func(a, b casework.Known) int { return cmp.Compare(begun(&a), begun(&b)) })
	for _, k := range others {
		p := Piece{What: PersonPart, ID: k.ID.String(), Now: saidOther(&k.Other)}
		first := slices.IndexFunc(k.History, func(e casework.Event) bool { return e.Kind == casework.KindOtherAdded && e.Other != nil })
		if first >= 0 {
			p.from(k.History[first].Origin, src, saidOther(k.History[first].Other))
		}
		if p.Form == "" {
			if k.Ended() || k.Suspected || len(k.Other.Case) > 0 {
				continue
			}
			if k.Safe == "no" {
				delete(p.Now, "phone")
				delete(p.Now, "address")
			}
		}
		out = append(out, p)
	}
	return out
}

// begun is the number of the event that somebody was added with.
func begun(k *casework.Known) int64 {
	if len(k.History) == 0 {
		return 0
	}
	return k.History[len(k.History)-1].Seq
}

func needsOf(l *casework.RecordList, src *casework.Source) []Piece {
	about := map[string][]*casework.Event{}
	for i := range l.Events {
		e := &l.Events[i]
		about[string(e.Of)] = append(about[string(e.Of)], e)
	}
	var out []Piece
	for _, n := range l.Needs {
		told := about[string(n.ID[:])]
		slices.Reverse(told)
		p := Piece{What: NeedPart, ID: n.ID.String(), Now: saidNeed(n, told)}
		if len(told) > 0 && told[0].Past != nil {
			then := saidPast(told[0])
			p.from(told[0].Origin, src, then)
			if then["asked"] == "" { // nobody knew, and nobody does now
				delete(p.Now, "asked")
			}
			if then["done"] != "" && n.Unmet == "" {
				p.Now["done"] = then["done"]
			}
		}
		out = append(out, p)
	}
	return out
}

// notesOf returns the notes of a case as they are corrected. What the fields of the
// file's own record said stands there, unless it was corrected here.
func notesOf(l *casework.RecordList, src *casework.Source, profile string) []Piece {
	corrected := map[string]*casework.Event{}
	var out []Piece
	for i := range l.Events { // newest first
		e := &l.Events[i]
		if e.Kind == casework.KindCorrected && corrected[string(e.Of)] == nil {
			corrected[string(e.Of)] = e
		}
		if e.Kind != casework.KindNote {
			continue
		}
		p := Piece{What: NotePart, ID: e.ID.String(), Now: saidNote(e, e)}
		p.from(e.Origin, src, p.Now)
		c := corrected[string(e.ID[:])]
		if c == nil && e.Origin != nil && e.Origin.Profile == profile && e.Origin.Form == "" {
			continue
		}
		if c != nil {
			p.Now = saidNote(e, c)
		}
		out = append(out, p)
	}
	slices.Reverse(out)
	return out
}

// piecesOfRow returns the pieces that a row becomes, before anything happens to them.
func piecesOfRow(r *Row) []Piece {
	out := make([]Piece, len(r.Parts))
	for i, p := range r.Parts {
		out[i] = Piece{What: p.What, Form: p.Form, Place: p.Place, Then: p.Said, Now: p.Said}
	}
	return out
}

// freshIn returns, per column, the pieces that began here and stand in it: in the
// first column for such pieces, under the name that the source has for it.
func freshIn(c *Whole, columns []Column, cells []Cell, names []string) map[int][]*Piece {
	home := map[string]int{}
	for i, col := range columns {
		what, _, _ := partOf(col.Kind)
		if col.Field != Entries {
			continue
		}
		at, there := home[what]
		sourced := slices.ContainsFunc(cells, func(x Cell) bool { return x.Name == names[i] })
		if !there || sourced && columns[at].Kind == col.Kind {
			home[what] = i
		}
	}
	out := map[int][]*Piece{}
	for i := range c.Pieces {
		p := &c.Pieces[i]
		if at, ok := home[p.What]; ok && p.Form == "" {
			out[at] = append(out[at], p)
		}
	}
	return out
}

// entries is a sub-form as it goes out: the entries of the source as they stood
// there, but for what has changed in them, and behind them what began here.
func (w *Writer) entries(c *Whole, name string, col Column, raw string, fresh []*Piece) string {
	_, _, sub := partOf(col.Kind)
	changed := map[int]*Piece{}
	for i := range c.Pieces {
		if p := &c.Pieces[i]; p.Form == name && !maps.Equal(p.Then, p.Now) {
			changed[p.Place] = p
		}
	}
	list, ok := sheet.Entries(raw)
	if len(changed)+len(fresh) == 0 || sub == nil || raw != "" && !ok {
		return raw
	}
	var out []string
	for i, item := range list {
		if p := changed[i+1]; p != nil {
			out = append(out, w.changedEntry(item, sub, p))
		} else {
			out = append(out, item.Raw)
		}
	}
	for _, p := range fresh {
		out = append(out, w.freshEntry(sub, p))
	}
	return "[" + strings.Join(out, ",") + "]"
}

// object writes the fields of a JSON object.
type object struct{ b strings.Builder }

func (o *object) add(name, raw string) {
	sep := byte(',')
	if o.b.Len() == 0 {
		sep = '{'
	}
	o.b.WriteByte(sep)
	o.b.Write(quoted(name))
	o.b.WriteByte(':')
	o.b.WriteString(raw)
}

func (o *object) String() string { return o.b.String() + "}" }

// freshEntry writes a piece that began here.
func (w *Writer) freshEntry(sub *subform, p *Piece) string {
	var o object
	o.add(uniqueID, string(quoted(p.ID)))
	now := outgoing(p.What, p.Now)
	for i := range sub.fields {
		f := &sub.fields[i]
		text := now[f.field]
		own := f.field == "kind" || f.field == "safe"
		if text != "" && !(own && text == f.otherwise) && !(f.form == "tick" && text == "no") {
			o.add(f.names[0], w.entryValue(f, text))
		}
	}
	return o.String()
}

// changedEntry writes an entry of the source with what has changed in it. A field
// that says the same stands as it stood.
func (w *Writer) changedEntry(item sheet.Entry, sub *subform, p *Piece) string {
	then, now := outgoing(p.What, p.Then), outgoing(p.What, p.Now)
	for _, field := range []string{"seen", "only_seen", "note"} {
		now[field], then[field] = withoutLines(now[field], item, sub), withoutLines(then[field], item, sub)
	}
	var o object
	done := map[string]bool{}
	for _, f := range item.Fields {
		as := sub.of(f.Name)
		switch {
		case as == nil || then[as.field] == now[as.field]:
			o.add(f.Name, f.Raw)
		case !done[as.field] && now[as.field] != "":
			o.add(f.Name, w.entryValue(as, now[as.field]))
		}
		if as != nil {
			done[as.field] = true
		}
	}
	for i := range sub.fields {
		if f := &sub.fields[i]; !done[f.field] && now[f.field] != "" && then[f.field] != now[f.field] {
			o.add(f.names[0], w.entryValue(f, now[f.field]))
		}
	}
	return o.String()
}

// outgoing is what an entry says of a piece. Whoever reads it elsewhere sees the texts
// of a note in one; where there are several, they stand beside it apart as well, for
// another node of ours.
func outgoing(what string, s Said) Said {
	out := maps.Clone(s)
	switch {
	case what == NeedPart:
		out["done"], out["referred"] = cmp.Or(s["done"], "no"), cmp.Or(s["referred"], "no")
	case what != PersonPart && (s["question"] != "" || s["words"] != "" || s["thought"] != ""):
		out["only_seen"] = s["seen"]
		out["seen"] = join(join(join(s["question"], s["words"], "\n"), s["seen"], "\n\n"), s["thought"], "\n\n")
	}
	return out
}

// withoutLines takes out of a text the lines that stand there for fields of the entry
// which have no field of their own here.
func withoutLines(text string, item sheet.Entry, sub *subform) string {
	if text == "" {
		return ""
	}
	text = "\n" + text + "\n"
	for _, f := range item.Fields {
		line, _ := clean(f.Text)
		if as := sub.of(f.Name); as != nil && as.field == "title" {
			line = oneLine(line)
		} else {
			line = entryLine(f.Name, line)
		}
		text = strings.Replace(text, "\n"+line+"\n", "\n", 1)
	}
	return strings.Trim(text, "\n")
}

// entryValue is what a field of an entry says, as JSON.
func (w *Writer) entryValue(f *subfield, text string) string {
	switch {
	case f.form == "tick":
		return map[string]string{"yes": "true", "no": "false"}[text]
	case f.form == "time":
		text += "T12:00:00.000Z"
	case f.field == "done":
		text = w.code("need_done", "", text)
	case f.field == "relation" || f.field == "service" || f.field == "language":
		list := partLists[f.field]
		text = w.code(list, list, text)
	}
	return string(quoted(text))
}
