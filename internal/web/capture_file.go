package web

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/screening"
)

// Filing carries out a form that was filled in without a network, exactly as if
// its fields had been posted: it reads them with the code of the pages and calls
// the same methods of the room.
type Filing struct {
	cases *casework.Room
	pack  *pack.Pack
	zone  *time.Location
}

// NewFiling returns the filing of a node.
func NewFiling(cases *casework.Room, p *pack.Pack, zone *time.Location) *Filing {
	return &Filing{cases, p, zone}
}

// typed returns a visit that reads the fields of a form which did not come as a
// request. "Today" and "in three days" are meant as of when it was written.
func (f *Filing) typed(ctx context.Context, c *access.Caller, fields url.Values, at time.Time) *visit {
	s := &Server{Deps: Deps{Cases: f.cases, Pack: f.pack, Zone: f.zone, Clock: clock.NewFake(at)}}
	return &visit{s: s, r: (&http.Request{PostForm: fields}).WithContext(ctx), caller: c}
}

// File carries out a form of a kind. It returns the case that the form is meant
// for, as far as the caller may know of it, also where it refuses.
func (f *Filing) File(ctx context.Context, c *access.Caller, cmd ident.Command, kind, number string, fields url.Values, at time.Time,
) (ident.Case, error) {
	v := f.typed(ctx, c, fields, at)
	switch kind {
	case "check":
		return f.cases.MakeCheck(ctx, c, cmd, v.screened())
	case "registration":
		reg, err := v.registration()
		if err != nil {
			return ident.Case{}, err
		}
		return f.cases.Register(ctx, c, cmd, reg)
	case "note":
		return f.onCase(ctx, c, number, func(id ident.Case) error {
			note, err := v.note()
			if err != nil {
				return err
			}
			return f.cases.AddNote(ctx, c, cmd, id, note)
		})
	case "visit":
		return f.onCase(ctx, c, number, func(id ident.Case) error { return f.fileVisit(ctx, c, cmd, id, v) })
	}
	return ident.Case{}, fault.New(fault.Invalid, "capture-kind")
}

// onCase files into the case with a number. What was written for an open case is
// not filed into one that was closed meanwhile: somebody decides.
func (f *Filing) onCase(ctx context.Context, c *access.Caller, number string, file func(ident.Case) error) (ident.Case, error) {
	row, err := f.cases.Numbered(ctx, c, number)
	if err != nil {
		return ident.Case{}, err
	}
	if row.Closed() {
		return row.ID, fault.New(fault.Conflict, "capture-closed")
	}
	return row.ID, file(row.ID)
}

// screened reads a check.
func (v *visit) screened() casework.Screened {
	in := casework.Screened{
		Age: v.value("age_about"), Place: v.value("place_met"), Language: v.value("language_other"), Region: v.value("region"),
		Answers: screening.Answers{}, HandOver: v.value("go") == "help",
	}
	if in.Language == "" {
		in.Language = v.value("language")
	}
	rules := v.s.Pack.Screening()
	for _, q := range append(rules.First(), rules.Cards(in.Age, in.Place)...) {
		in.Answers[q.Code] = screening.Answer(v.value(casework.AnswerField(q.Code)))
	}
	return in
}
