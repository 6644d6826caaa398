package access

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/ident"
)

// Part is a part of a case that is withheld from one person, or from a role: a section
// of a form as "form/section", or one question as "form/section/question".
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
	return slices.Contains(p.reach.parts, PartOf(form, section, "")) ||
		question != "" && slices.Contains(p.reach.parts, PartOf(form, section, question))
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

// WithheldFrom is one from whom a whole case is withheld.
type WithheldFrom struct {
	From    [16]byte // a person or a unit
	FromAt  int64
	Altered bool

	row right
}

// Withheld returns from whom the pass's case, or a part of it, is withheld now.
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
