package casework

import (
	"context"
	"errors"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// emergencyBasis is the lawful basis of what is done in an emergency (code list
// legal_basis): the child's life or safety.
const emergencyBasis = "vital_interest"

// Emergency is a case that was reopened in an emergency and that no supervisor
// has confirmed yet.
type Emergency struct {
	Row
	Since time.Time
	Until time.Time // by when a supervisor confirms, by the pack's clock
}

// Confirm says that a supervisor knows of the emergency in which a case was
// reopened and stands by it. Nobody confirms what they did themselves. A
// supervisor who does not stand by it closes the case, and confirms with the
// reason: the confirmation says that somebody looked, not that it was right.
func (r *Room) Confirm(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, seen int64, why sealed.Text) error {
	var chk fault.Check
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.confirm", PurposeSupervision, seen, func(p *access.Pass, _ *Case) (*Event, error) {
		if open, err := p.Permitted(ctx, access.PurposeEmergency); err != nil || !open {
			return nil, errors.Join(err, fault.New(fault.Invalid, "no-emergency"))
		}
		var author ident.Staff
		if err := p.Tx().QueryRow(ctx, sqlLastReopening, id).Scan(&author); err != nil {
			return nil, err
		}
		if author == c.Staff() {
			return nil, fault.New(fault.Invalid, "own-emergency")
		}
		return &Event{Kind: KindConfirmed, Content: Content{Text: why}}, p.EndPermit(ctx, access.PurposeEmergency)
	})
}

// unconfirmed returns since when an emergency of a case waits to be confirmed: it
// is the newest among its events, newest first.
func unconfirmed(ctx context.Context, p *access.Pass, events []Event) (since time.Time, err error) {
	open, err := p.Permitted(ctx, access.PurposeEmergency)
	if err != nil || !open {
		return since, err
	}
	for i := range events {
		if events[i].Emergency {
			return events[i].At, nil
		}
	}
	return since, nil
}

// emergencies are those that a list will show.
type emergencies struct {
	rows  []*Case
	since map[ident.Case]time.Time
}

// pickEmergencies chooses the unconfirmed emergencies that a list may show.
func pickEmergencies(ctx context.Context, p *access.Pass) (out emergencies, err error) {
	all, err := p.Emergencies(ctx)
	if err != nil || len(all) == 0 {
		return out, err
	}
	out.since = make(map[ident.Case]time.Time, len(all))
	ids := make([]ident.Case, len(all))
	for i, e := range all {
		ids[i], out.since[e.Case] = e.Case, e.Since
	}
	if ids, err = visible(ctx, p, ids, pageMost); err != nil {
		return out, err
	}
	out.rows, err = readRows(ctx, p.Tx(), ids)
	return out, err
}

// showEmergencies opens the persons of what was picked.
func (r *Room) showEmergencies(ctx context.Context, p *access.Pass, picked emergencies) ([]Emergency, error) {
	if len(picked.rows) == 0 {
		return nil, nil
	}
	rows, err := r.show(ctx, p, picked.rows)
	if err != nil {
		return nil, err
	}
	out := make([]Emergency, len(rows))
	for i, row := range rows {
		since := picked.since[row.Case.ID]
		out[i] = Emergency{row, since, r.confirmBy(since)}
	}
	return out, nil
}

// Deed is what somebody did in an emergency, of a case in the reader's care, that
// no supervisor has looked at yet.
type Deed struct {
	Row
	Act   Act
	Until time.Time // by when a supervisor looks at it, by the pack's clock
}

// dueDeeds are the deadlines that such a deed opens: of whoever leads the case, and
// of whoever supervises it.
var dueDeeds = [3]string{DueEmergencyConfirm, DueEmergencyAssessment, dueBreachReview}

// deeds are those that a list will show.
type deeds struct {
	rows []*Case
	acts map[ident.Case][]Act
}

// pickDeeds chooses, of the cases in which some deadlines are open, the deeds that
// a list may show.
func pickDeeds(ctx context.Context, p *access.Pass, dues ...[]deadline.Deadline) (out deeds, err error) {
	var ids []ident.Case
	for _, d := range slices.Concat(dues...) {
		if slices.Contains(dueDeeds[:], d.Kind) && !slices.Contains(ids, d.Case) {
			ids = append(ids, d.Case)
		}
	}
	if ids, err = visible(ctx, p, ids, pageMost); err != nil || len(ids) == 0 {
		return out, err
	}
	out.acts = map[ident.Case][]Act{}
	for _, id := range ids {
		all, err := fetchActs(ctx, p.Tx(), id)
		if err != nil {
			return out, err
		}
		all = slices.DeleteFunc(all, func(a Act) bool { return !a.Emergency || !a.Unreviewed() })
		if len(all) > 0 {
			out.acts[id] = all
		}
	}
	ids = slices.DeleteFunc(ids, func(id ident.Case) bool { return len(out.acts[id]) == 0 })
	if len(ids) == 0 {
		return out, nil
	}
	out.rows, err = readRows(ctx, p.Tx(), ids)
	return out, err
}

// showDeeds opens the persons of what was picked; the oldest deed comes first.
func (r *Room) showDeeds(ctx context.Context, p *access.Pass, picked deeds) ([]Deed, error) {
	if len(picked.rows) == 0 {
		return nil, nil
	}
	rows, err := r.show(ctx, p, picked.rows)
	if err != nil {
		return nil, err
	}
	var out []Deed
	for _, row := range rows {
		o, err := p.Opener(row.Case.ID)
		if err != nil {
			return nil, err
		}
		for _, a := range picked.acts[row.Case.ID] {
			if err := a.check(o, row.Case.ID); err != nil {
				return nil, err
			}
			out = append(out, Deed{row, a, r.confirmBy(a.Recorded)})
		}
	}
	slices.SortStableFunc(out, func(a, b Deed) int { return a.Act.Recorded.Compare(b.Act.Recorded) })
	return out, nil
}

// confirmBy returns by when a supervisor confirms an emergency.
func (r *Room) confirmBy(since time.Time) time.Time {
	return r.codes.Clock(pack.EmergencyConfirm).After(since)
}
