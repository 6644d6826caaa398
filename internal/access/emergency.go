package access

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/clock"
	"causeway/internal/ident"
)

// PurposeEmergency is the purpose of an act that cannot wait: a child is in
// danger. Whoever states it is believed at once, says why, and answers for it:
// the entry carries the purpose, and an act that was permitted only because of
// it waits for a supervisor's confirmation.
const PurposeEmergency = "emergency"

// statesEmergency reports whether the policies are to be asked about an
// emergency: it widens only what the table of actions says.
func (a *Act) statesEmergency() bool {
	return a.Purpose == PurposeEmergency && actions[a.Action].emergency
}

// Emergency reports whether this command is permitted only because its caller
// states an emergency.
func (p *Pass) Emergency() bool { return p != nil && p.writes && p.act.emergency }

// MayInEmergency reports whether the caller could do something with the pass's
// case by stating an emergency, and not without, for the buttons of its page.
func (p *Pass) MayInEmergency(ctx context.Context, action string) (bool, error) {
	may, err := p.May(ctx, action)
	if err != nil || may[action] || p.reach == nil {
		return false, err
	}
	a := Act{Action: action, Purpose: PurposeEmergency, Case: p.act.Case, button: true}
	if !a.statesEmergency() {
		return false, nil
	}
	a.emergency = true
	_, reason := p.gate.decide(p.caller, a, *p.reach, p.gate.clk.Now())
	return reason == "", nil
}

// Emergency is a case in which something was done in an emergency that no
// supervisor has confirmed yet.
type Emergency struct {
	Case  ident.Case
	Since time.Time
}

// emergenciesMost is how many unconfirmed emergencies a list names.
const emergenciesMost = 50

// Emergencies returns the unconfirmed emergencies in what a list's reader
// reaches, oldest first, at most fifty. Each still needs [Pass.Visible].
func (p *Pass) Emergencies(ctx context.Context) ([]Emergency, error) {
	if p == nil || p.tx == nil || p.visible == nil {
		return nil, errNoPass
	}
	rows, err := p.tx.Query(ctx, sqlSelectEmergencies, append(p.caller.Holders(), p.tx.Micros(), emergenciesMost)...)
	if err != nil {
		return nil, fmt.Errorf("read emergencies: %w", err)
	}
	defer rows.Close()
	var out []Emergency
	for rows.Next() {
		var e Emergency
		var since int64
		if err := rows.Scan(&e.Case, &since); err != nil {
			return nil, fmt.Errorf("read emergencies: %w", err)
		}
		e.Since = clock.FromMicros(since)
		out = append(out, e)
	}
	return out, rows.Err()
}

// Permitted reports whether a basis for a purpose is in force for the pass's
// case.
func (p *Pass) Permitted(ctx context.Context, purpose string) (bool, error) {
	if p != nil && p.reach != nil {
		return slices.Contains(p.reach.permits, purpose), nil
	}
	d, err := p.desk(ctx)
	if err != nil {
		return false, err
	}
	for _, r := range d.rows {
		if r.table == tablePermit && r.purpose == purpose && r.inForce(d.tx.Micros()) {
			return true, nil
		}
	}
	return false, nil
}
