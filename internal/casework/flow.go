package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/deadline"
	"causeway/internal/facts"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// PurposeCoordination is the purpose of whoever looks after the whole and no child.
const PurposeCoordination = "coordination"

// Flows is how children come to help and where they wait, in figures in which no
// child can be found: small numbers are hidden, the others rounded.
type Flows struct {
	AsOf  time.Time // the figures are counted anew every few minutes
	Least int       // the small-cell number of the pack

	Months []FlowMonth // children registered, oldest month first
	Stages []FlowCode
	Risks  []FlowCode // of open cases
	Units  []FlowDelay
	Kinds  []FlowDelay
	Entry  ident.Entry
}

// FlowMonth is how many children were registered in a month.
type FlowMonth struct {
	From time.Time
	N    facts.Cell
}

// FlowCode is how many cases have a code.
type FlowCode struct {
	Code string
	N    facts.Cell
}

// FlowDelay is what is late in a unit, or of a kind.
type FlowDelay struct {
	Unit            ident.Unit
	Kind            string
	Late, Escalated facts.Cell
	Oldest          time.Time
}

// flowMonths is how many months are shown.
const flowMonths = 12

// Flows returns the figures of the whole node.
func (r *Room) Flows(ctx context.Context, c *access.Caller) (*Flows, error) {
	var out Flows
	err := r.gate.View(ctx, c, access.Act{Action: "flow.view", Purpose: PurposeCoordination}, func(p *access.Pass) (err error) {
		out, err = r.flows.Get(p.Now(), func() (*Flows, error) { return r.countFlows(ctx, p) })
		out.Entry = p.Entry()
		return err
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

func (r *Room) countFlows(ctx context.Context, p *access.Pass) (*Flows, error) {
	f := &Flows{AsOf: p.Now(), Least: r.codes.Clock(pack.SmallCell).Value}
	var err error
	if f.Stages, err = f.codes(ctx, p, sqlCountStage); err != nil {
		return nil, err
	}
	if f.Risks, err = f.codes(ctx, p, sqlCountOpenRisk); err != nil {
		return nil, err
	}
	if err := f.months(ctx, p); err != nil {
		return nil, err
	}
	units, kinds, err := deadline.Delays(ctx, p)
	if err != nil {
		return nil, err
	}
	for unit, d := range units {
		f.Units = append(f.Units, f.delay(FlowDelay{Unit: unit}, d))
	}
	for kind, d := range kinds {
		f.Kinds = append(f.Kinds, f.delay(FlowDelay{Kind: kind}, d))
	}
	for _, list := range [][]FlowDelay{f.Units, f.Kinds} {
		slices.SortFunc(list, func(a, b FlowDelay) int { return a.Oldest.Compare(b.Oldest) }) // who waits longest first
	}
	return f, nil
}

// EachRegion gives fn the region of every case, in the order of the cases, for figures of
// the whole.
func (r *Room) EachRegion(ctx context.Context, p *access.Pass, fn func(of ident.Case, region string)) error {
	rows, err := p.Tx().Query(ctx, sqlRegions)
	if err != nil {
		return fmt.Errorf("read regions: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var of ident.Case
		var region string
		if err := rows.Scan(&of, &region); err != nil {
			return fmt.Errorf("read regions: %w", err)
		}
		fn(of, region)
	}
	return rows.Err()
}

func (f *Flows) delay(at FlowDelay, d deadline.Delay) FlowDelay {
	at.Late, at.Escalated, at.Oldest = facts.Safe(d.Late, f.Least), facts.Safe(d.Escalated, f.Least), d.Oldest
	return at
}

func (f *Flows) codes(ctx context.Context, p *access.Pass, query string) (out []FlowCode, err error) {
	rows, err := p.Tx().Query(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("count cases: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var code string
		var n int
		if err := rows.Scan(&code, &n); err != nil {
			return nil, fmt.Errorf("count cases: %w", err)
		}
		out = append(out, FlowCode{code, facts.Safe(n, f.Least)})
	}
	return out, rows.Err()
}

// months counts the children registered in each of the last months.
func (f *Flows) months(ctx context.Context, p *access.Pass) error {
	this := time.Date(p.Now().Year(), p.Now().Month(), 1, 0, 0, 0, 0, time.UTC)
	var args, into []any
	numbers := make([]int, flowMonths)
	f.Months = make([]FlowMonth, flowMonths)
	for i := range flowMonths {
		f.Months[i].From = this.AddDate(0, i-flowMonths+1, 0)
		args = append(args, f.Months[i].From.UnixMicro())
		into = append(into, &numbers[i])
	}
	args = append(args, this.AddDate(0, 1, 0).UnixMicro())
	if err := p.Tx().QueryRow(ctx, sqlCountMonths, args...).Scan(into...); err != nil {
		return fmt.Errorf("count months: %w", err)
	}
	for i, n := range numbers {
		f.Months[i].N = facts.Safe(n, f.Least)
	}
	return nil
}
