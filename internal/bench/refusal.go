package bench

import (
	"context"
	"errors"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// refusalNotes is how many notes the case has that a stranger asks for.
const refusalNotes = 200

// refusals compares how long a stranger waits for the refusal of a case with a
// long history and of one that does not exist: the time must not tell which.
func (p *pairs) refusals(ctx context.Context, engine store.Engine, n int, emit func(Measure)) error {
	forbidden := p.cases[0]
	err := p.Gate.Group(ctx, func(g *access.Gate) error {
		for range refusalNotes {
			if err := p.Cases.In(g).AddNote(ctx, p.lead(), ident.Command{}, forbidden, note()); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("write a history: %w", err)
	}
	stop := p.sequence(ctx)
	var known, unknown times
	for i := range n + n/10 {
		if i == n/10 { // the first warm up
			known, unknown = nil, nil
		}
		ids := []ident.Case{forbidden, ident.New[ident.Case]()}
		for j := range ids {
			k := (i + j) % 2
			into := []*times{&known, &unknown}[k]
			// Somebody new each time: repeated refusals of one person are slowed.
			stranger := p.as(ident.New[ident.Staff](), access.RoleCaseWorker, ident.New[ident.Unit]())
			err := into.add(func() error {
				_, err := p.Cases.Open(ctx, stranger, ids[k])
				if fault.Is(err, fault.NotFound) || fault.Is(err, fault.Denied) {
					return nil
				}
				return fmt.Errorf("a stranger was not refused: %w", err)
			})
			if err != nil {
				return errors.Join(err, stop())
			}
		}
	}
	ratio := known.at(.5) / unknown.at(.5)
	emit(atMost(string(engine)+": refusal of a forbidden case and of an unknown one, p50, the longer / the shorter",
		max(ratio, 1/ratio), "x", 1.1))
	return stop()
}

// reportPairs is how often each is tried: every answer takes a moment on purpose.
const reportPairs = 20

// reports compares how long somebody waits who writes down an emergency by the
// number of a case that they do not reach, and by one that no case has.
func (p *pairs) reports(ctx context.Context, engine store.Engine, emit func(Measure)) error {
	child, err := p.Cases.Open(ctx, p.lead(), p.cases[0])
	if err != nil {
		return fmt.Errorf("open a case: %w", err)
	}
	stop := p.sequence(ctx)
	var known, unknown times
	for i := range reportPairs {
		numbers := []ident.CaseNumber{child.Case.Number, ident.NewCaseNumber()}
		for j := range numbers {
			k := (i + j) % 2
			into := []*times{&known, &unknown}[k]
			stranger := p.as(ident.New[ident.Staff](), access.RoleCaseWorker, p.worker.Unit())
			done := casework.Done{
				Kind: casework.ActOther, Happened: p.Clock.Now(), Text: sealed.NewText("Brought to the hospital."), Why: sealed.NewText("She did not wake."),
			}
			err := into.add(func() error {
				return p.Cases.ReportEmergency(ctx, stranger, ident.Command{}, string(numbers[k]), done)
			})
			if err != nil {
				return errors.Join(err, stop())
			}
		}
	}
	ratio := known.at(.5) / unknown.at(.5)
	emit(atMost(string(engine)+": emergency told by the number of a case and by no case's, p50, the longer / the shorter",
		max(ratio, 1/ratio), "x", 1.1))
	return stop()
}
