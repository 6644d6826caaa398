package access

import (
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/ident"
)

// Part is a part of a case that is withheld from one person, or from a role: see
// [PartOf], [RecordPart] and [DocumentPart].
type Part struct {
	Name    string
	From    ident.Staff // zero where a role is meant
	Role    string      // "" where a person is
	FromAt  int64       // UTC microseconds
	Altered bool        // see [Pass.CheckWithheld]

	row right
}

// PartOf names a section of a form, or one of its questions.
func PartOf(form, section, question string) string {
	name := form + "/" + section
	if question != "" {
		name += "/" + question
	}
	return name
}

// Where parts stand that are no form's: they come first in their names.
const (
	RecordParts = "record"
	Documents   = "document"
)

// AllDocuments is the part that holds every document of a case.
const AllDocuments = "evidence_documents"

// RecordPart names a part of the record by its code (code list disclosure_part),
// wherever it is written: in events, in forms, in what is copied for others.
func RecordPart(code string) string { return PartOf(RecordParts, code, "") }

// DocumentPart names one document of a case.
func DocumentPart(id ident.Document) string { return PartOf(Documents, id.String(), "") }

// Sent is where parts stand that another node sent.
const Sent = "sent"

// SentPart names what another node sent in a thread of a case. Its label says who may open
// it: nobody here lifts that.
func SentPart(thread [16]byte) string { return PartOf(Sent, ident.Subject(thread).String(), "") }

// OfTerms reports whether a part is withheld because of the label under which it was sent.
func OfTerms(part string) bool { return strings.HasPrefix(part, Sent+"/") }

// WithholdPart keeps a part of the pass's case from a person, or from everybody of a
// role. Exactly one of from and role is given.
func (p *Pass) WithholdPart(ctx context.Context, part string, from ident.Staff, role string) error {
	if from.IsZero() == (role == "") || part == "" {
		return errNoPass
	}
	d, err := p.desk(ctx)
	if err != nil {
		return err
	}
	r := right{table: tablePart, holder: from[:], relation: role, purpose: part, from: d.tx.Micros(), until: noEnd}
	if old := d.rows[r.key()]; old != nil && old.inForce(d.tx.Micros()) {
		return old.check(d.seal, d.of)
	}
	return d.put(ctx, r)
}

// Hides reports whether a section of a form, or one of its questions, is withheld from
// the caller of a look. Where nobody asked what is withheld, everything is.
func (p *Pass) Hides(form, section, question string) bool {
	if p == nil || p.reach == nil {
		return true
	}
	return p.HidesPart(PartOf(form, section, question))
}

// HidesRecord reports whether a part of the record (code list disclosure_part) is
// withheld from the caller of a look.
func (p *Pass) HidesRecord(code string) bool { return code != "" && p.HidesPart(RecordPart(code)) }

// HidesDocument reports whether a document is withheld from the caller of a look.
func (p *Pass) HidesDocument(id ident.Document) bool { return p.HidesPart(DocumentPart(id)) }

// HidesPart reports whether a part is withheld from the caller of a look, by its name.
func (p *Pass) HidesPart(name string) bool {
	return p == nil || p.reach == nil || Within(name, p.reach.parts)
}

// Within reports whether a part is among others, or one that holds it is: a section its
// questions, and all documents each of them.
func Within(name string, parts []string) bool {
	if len(parts) == 0 {
		return false
	}
	if strings.HasPrefix(name, Documents+"/") && slices.Contains(parts, RecordPart(AllDocuments)) {
		return true
	}
	for ok := true; ok; name, ok = holds(name) {
		if slices.Contains(parts, name) {
			return true
		}
	}
	return false
}

// holds returns the name of the part that holds a part.
func holds(name string) (string, bool) {
	i := strings.LastIndexByte(name, '/')
	return name[:max(i, 0)], i > 0
}

// HidesAny reports whether any part of the case is withheld from the caller of a look.
func (p *Pass) HidesAny() bool { return p == nil || p.reach == nil || len(p.reach.parts) > 0 }

// takePart adds a row about a withheld part to what is known about caller c.
func (r *reachOf) takePart(c *Caller, h []byte, named string) {
	role, part, ok := strings.Cut(named, "/")
	if !ok {
		return
	}
	mine := role != "" && role == c.role
	for i := range c.hold {
		mine = mine || role == "" && string(c.hold[i][:]) == string(h)
	}
	if mine {
		r.parts = append(r.parts, part)
	}
}

// HidesAmong returns those cases of a list of which a part of the record is withheld
// from its caller.
func (p *Pass) HidesAmong(ctx context.Context, ids []ident.Case, code string) (map[ident.Case]bool, error) {
	out, part := map[ident.Case]bool{}, RecordPart(code)
	for _, id := range ids {
		r := reachOf{}
		err := readRights(ctx, p.Tx(), id[:], func(one *right) error {
			if one.table == tablePart && one.purpose == part && one.inForce(p.tx.Micros()) {
				r.takePart(p.caller, one.holder, one.relation+"/"+one.purpose)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
		if len(r.parts) > 0 {
			out[id] = true
		}
	}
	return out, nil
}

// WithheldFrom is one from whom a whole case is withheld.
type WithheldFrom struct {
	From    [16]byte // a person or a unit
	FromAt  int64
	Altered bool

	row right
}

// RightID names a withholding of a case, for the form that lifts it.
type RightID string

// ID names the withholding.
func (w *WithheldFrom) ID() RightID { return RightID(hex.EncodeToString(w.row.id)) }

// ID names the withholding.
func (p *Part) ID() RightID { return RightID(hex.EncodeToString(p.row.id)) }

// Withheld returns from whom the pass's case, or a part of it, is withheld now. To the
// reader of a look it does not name the parts that are withheld from them.
func (p *Pass) Withheld(ctx context.Context) (whole []WithheldFrom, parts []Part, err error) {
	now := p.tx.Micros()
	err = readRights(ctx, p.Tx(), p.act.Case[:], func(r *right) error {
		switch {
		case !r.inForce(now):
		case r.table == tableWithhold:
			one := WithheldFrom{FromAt: r.from, row: *r}
			copy(one.From[:], r.holder)
			whole = append(whole, one)
		case r.table == tablePart:
			if p.reach != nil && Within(r.purpose, p.reach.parts) {
				return nil
			}
			one := Part{Name: r.purpose, Role: r.relation, FromAt: r.from, row: *r}
			if r.relation == "" {
				copy(one.From[:], r.holder)
			}
			parts = append(parts, one)
		}
		return nil
	})
	if err != nil {
		return nil, nil, fmt.Errorf("read what is withheld: %w", err)
	}
	return whole, parts, nil
}

// CheckWithheld compares what [Pass.Withheld] returned with its digests and marks what
// does not fit: it holds all the same, and somebody should look at it.
func (p *Pass) CheckWithheld(whole []WithheldFrom, parts []Part) error {
	o, err := p.Opener(p.act.Case)
	if err != nil {
		return err
	}
	altered := func(r *right) (bool, error) {
		err := r.check(o, p.act.Case)
		if fault.CodeOf(err) == "record-altered" {
			return true, nil
		}
		return false, err
	}
	for i := range whole {
		if whole[i].Altered, err = altered(&whole[i].row); err != nil {
			return err
		}
	}
	for i := range parts {
		if parts[i].Altered, err = altered(&parts[i].row); err != nil {
			return err
		}
	}
	return nil
}

// Lift ends withholdings in force of the pass's case. Whoever reached the case before it
// was withheld from them is let in anew by the room, or is not. One that is not in force
// is a Conflict: somebody else lifted it.
func (p *Pass) Lift(ctx context.Context, ids ...RightID) error {
	lifted, err := p.endThose(ctx, func(r *right) bool {
		return (r.table == tableWithhold || r.table == tablePart) && slices.Contains(ids, RightID(hex.EncodeToString(r.id)))
	})
	if err != nil {
		return err
	}
	if len(lifted) != len(ids) || len(ids) == 0 {
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	for _, w := range lifted {
		if w.table != tableWithhold {
			continue
		}
		if err := p.EndReachOf(ctx, relationWithheld, [16]byte(w.holder)); err != nil {
			return err
		}
		if note := p.gate.restrict; note != nil {
			c, from := p.act.Case, [16]byte(w.holder)
			p.tx.OnCommit(func() { note.Lifted(c, from) })
		}
	}
	return nil
}
