package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Life is where a case stands, beside its timeline.
type Life struct {
	Statuses []Status // all of them, newest first
	Acts     []Act    // newest first
	Missing  []Missing
	// Standing are the statuses in force; ChildRules says whether the rules for
	// children hold ([ChildRules]).
	Standing   Standing
	ChildRules bool
	// Ways are the stages that may follow, Acting the acts, each with its gate.
	Ways, Acting []Way
}

// MissingNow returns the time that the child is missing now, nil for none.
func (l *Life) MissingNow() *Missing {
	if len(l.Missing) > 0 && l.Missing[0].Found.IsZero() {
		return &l.Missing[0]
	}
	return nil
}

// TalkDue reports whether a child is back with whom nobody has talked yet.
func (l *Life) TalkDue() bool {
	return len(l.Missing) > 0 && !l.Missing[0].Found.IsZero() && l.Missing[0].Talked.IsZero()
}

// Unreviewed returns the acts done without a basis that no supervisor has looked
// at, newest first.
func (l *Life) Unreviewed() []Act {
	return slices.DeleteFunc(slices.Clone(l.Acts), func(a Act) bool { return !a.Unreviewed() })
}

// fetchLife reads it, sealed.
func fetchLife(ctx context.Context, tx *store.Tx, id ident.Case) (l Life, err error) {
	if l.Statuses, err = fetchStatuses(ctx, tx, id); err != nil {
		return l, err
	}
	if l.Acts, err = fetchActs(ctx, tx, id); err != nil {
		return l, err
	}
	l.Missing, err = fetchMissing(ctx, tx, id)
	return l, err
}

// open checks and opens what was fetched.
func (l *Life) open(o *keys.Opener, c *Case, events []Event) (err error) {
	if l.Statuses, err = openStatuses(o, c, l.Statuses, events); err != nil {
		return err
	}
	for i := range l.Acts {
		if err := l.Acts[i].check(o, c.ID); err != nil {
			return err
		}
	}
	for i := range l.Missing {
		if err := l.Missing[i].check(o, c.ID); err != nil {
			return err
		}
	}
	return nil
}

// stand works out what follows from it now.
func (r *Room) stand(child *Child) {
	now, l, row := r.clk.Now(), &child.Life, &child.Case
	l.Standing = StandingAt(l.Statuses, now)
	l.ChildRules = ChildRules(l.Standing, row, r.persons.AgeBand(child.Person.Details.Birth, now) == adults)
	l.Ways, l.Acting = waysOn(r.codes, l.Standing, row.Stage), waysToAct(r.codes, l.Standing)
}

// LastContact returns when somebody last met or spoke with the child, the opening of
// the case where nobody did.
func (c *Child) LastContact() time.Time {
	last := c.Case.OpenedAt
	for i := range c.Events {
		e := &c.Events[i]
		if !contactKinds[e.NoteKind] {
			continue
		}
		at := e.At
		if !e.On.IsZero() {
			at, _ = (&Note{On: e.On}).day()
		}
		last = later(last, at)
	}
	return last
}

// end closes the case row.
func (c *Case) end(now time.Time) { c.Stage, c.ClosedAt, c.NextContact = StageClosed, now, time.Time{} }

// eraseLife deletes the statuses, acts and times missing of a case.
func eraseLife(ctx context.Context, tx *store.Tx, of ident.Case) error {
	for _, query := range []string{sqlEraseStatuses, sqlEraseActs, sqlEraseMissing} {
		if _, err := tx.Exec(ctx, query, of); err != nil {
			return fmt.Errorf("erase the life of a case: %w", err)
		}
	}
	return nil
}

// eachLife gives fn the statuses, acts and times missing of a case as they are
// stored, for reconciliation.
func eachLife(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	err := eachRow(ctx, tx, func(scan func(...any) error) error {
		var at, seq, from int64
		var until, appeal *int64
		var id, author, blob, mac []byte
		var kind, state string
		if err := scan(&at, &seq, &from, &until, &appeal, &id, &kind, &state, &author, &blob, &mac); err != nil {
			return err
		}
		// In the order of Status.columns.
		return fn(statusTable, id, 1, mac, []any{at, seq, from, until, appeal, s[:], kind, state, orNull(author), blob})
	}, sqlSelectStatuses, s)
	if err != nil {
		return err
	}
	err = eachRow(ctx, tx, func(scan func(...any) error) error {
		var asked, planned, ended, happened, recorded, reviewed *int64
		var emergency, breach, version int64
		var id, basis, planner, recorder, reviewer, mac []byte
		var kind string
		if err := scan(&asked, &planned, &ended, &happened, &recorded, &reviewed, &emergency, &breach, &version, &id, &kind,
			&basis, &planner, &recorder, &reviewer, &mac); err != nil {
			return err
		}
		// In the order of Act.columns.
		return fn(actTable, id, version, mac, []any{
			asked, planned, ended, happened, recorded, reviewed, emergency, breach, s[:], kind,
			orNull(basis), orNull(planner), orNull(recorder), orNull(reviewer),
		})
	}, sqlSelectActs, s)
	if err != nil {
		return err
	}
	return eachRow(ctx, tx, func(scan func(...any) error) error {
		var since, made, version int64
		var told, reviewed, found, talked *int64
		var id, mac []byte
		var stage string
		if err := scan(&since, &made, &told, &reviewed, &found, &talked, &version, &id, &stage, &mac); err != nil {
			return err
		}
		// In the order of Missing.columns.
		return fn(missingTable, id, version, mac, []any{since, made, told, reviewed, found, talked, s[:], stage})
	}, sqlSelectMissing, s)
}
