package referral

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/facts"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/protocol/handover"
)

// Flows is what became of referrals and transfers lately, in figures in which no child can
// be found: what concerns few children is not counted out, and other numbers are rounded.
type Flows struct {
	Whole    Flow
	Months   []Flow // oldest first
	Regions  []Flow
	Sectors  []Flow
	Declined []FlowCode // by reason
	Outcomes []FlowCode // of what was delivered
	Late     []FlowLate // who has not acted, the longest delay first
	AsOf     time.Time
	Least    int
	Entry    ident.Entry
}

// Flow counts referrals and transfers of one month, one region, or one pair of sectors.
// Where few children were asked for, nothing else is told of them.
type Flow struct {
	Month    time.Time
	Region   string
	From, To string // sectors

	Asked, InTime, Late, Unanswered, Declined, Delivered facts.Cell
}

// FlowCode is how many have a code.
type FlowCode struct {
	Code string
	N    facts.Cell
}

// FlowLate is how much waits for one agency although its time is over.
type FlowLate struct {
	Agency ident.Agency
	N      facts.Cell
	Oldest time.Time
}

// flowMonths is how many months are counted.
const flowMonths = 12

// Flows returns the figures of referrals of the whole node.
func (r *Room) Flows(ctx context.Context, c *access.Caller) (*Flows, error) {
	var out Flows
	err := r.gate.View(ctx, c, access.Act{Action: "flow.view", Purpose: casework.PurposeCoordination}, func(p *access.Pass) (err error) {
		out, err = r.flows.Get(p.Now(), func() (*Flows, error) { return r.countFlows(ctx, p) })
		out.Entry = p.Entry()
		return err
	})
	if err != nil {
		return nil, err
	}
	return &out, nil
}

// countFlows reads the threads in the order of their cases, so that children can be
// counted without keeping them.
func (r *Room) countFlows(ctx context.Context, p *access.Pass) (*Flows, error) {
	agencies, err := r.houses.Agencies(ctx)
	if err != nil {
		return nil, err
	}
	now := p.Now()
	since := time.Date(now.Year(), now.Month()-flowMonths+1, 1, 0, 0, 0, 0, time.UTC)
	c := counter{now: now, since: since, agencies: agencies, rows: map[flowKey]*flowRow{}, codes: map[flowKey]*count{}, late: map[ident.Agency]*lateCount{}}
	for i := range flowMonths {
		c.row(flowKey{by: "month", a: since.AddDate(0, i, 0).Format(monthForm)})
	}
	regions, err := r.regions(ctx, p)
	if err != nil {
		return nil, err
	}
	err = eachFlow(ctx, p, since, func(t *Thread) { c.add(t, regions(t.Case)) })
	if err != nil {
		return nil, err
	}
	return c.flows(r.codes.Clock(pack.SmallCell).Value), nil
}

// regions returns the region of each case to whoever asks in the order of the cases.
func (r *Room) regions(ctx context.Context, p *access.Pass) (func(ident.Case) string, error) {
	var cases []ident.Case
	var at []int32
	var names []string
	known := map[string]int32{}
	err := r.cases.EachRegion(ctx, p, func(of ident.Case, region string) {
		if _, ok := known[region]; !ok {
			known[region] = int32(len(names))
			names = append(names, region)
		}
		cases, at = append(cases, of), append(at, known[region])
	})
	next := 0
	return func(of ident.Case) string {
		for next < len(cases) && bytes.Compare(cases[next][:], of[:]) < 0 {
			next++
		}
		if next == len(cases) || cases[next] != of {
			return ""
		}
		return names[at[next]]
	}, err
}

// eachFlow gives fn the threads that are counted, in the order of their cases.
func eachFlow(ctx context.Context, p *access.Pass, since time.Time, fn func(*Thread)) error {
	rows, err := p.Tx().Query(ctx, sqlFlowThreads, since.UnixMicro(), p.Now().UnixMicro())
	if err != nil {
		return fmt.Errorf("count referrals: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var t Thread
		var offered, respond int64
		var answered, due *int64
		var kind, state string
		var reason, outcome *string
		err := rows.Scan(&t.Case, &offered, &respond, &answered, &due, &kind, &state, &t.From, &t.To, &reason, &outcome)
		if err != nil {
			return fmt.Errorf("count referrals: %w", err)
		}
		t.Kind, t.State = handover.Kind(kind), handover.State(state)
		t.OfferedAt, t.RespondBy = clock.FromMicros(offered), clock.FromMicros(respond)
		if answered != nil {
			t.Answered = clock.FromMicros(*answered)
		}
		if due != nil {
			t.Due = clock.FromMicros(*due)
		}
		if reason != nil {
			t.Reason = *reason
		}
		if outcome != nil {
			t.Outcome = *outcome
		}
		fn(&t)
	}
	return rows.Err()
}

// count is a number of threads, and of how many children they are. Threads come in the
// order of their cases.
type count struct {
	n, children int
	last        ident.Case
}

func (c *count) add(of ident.Case) {
	if c.n == 0 || c.last != of {
		c.children, c.last = c.children+1, of
	}
	c.n++
}

func (c *count) safe(least int) facts.Cell { return facts.SafeOf(c.n, c.children, least) }

// flowKey names a row of figures: by month, region or sectors, or of a list of codes.
type flowKey struct{ by, a, b string }

type flowRow struct{ asked, inTime, late, unanswered, declined, delivered count }

type lateCount struct {
	count
	oldest time.Time
}

// counter adds threads up.
type counter struct {
	now, since time.Time
	agencies   map[ident.Unit]Agency
	rows       map[flowKey]*flowRow
	codes      map[flowKey]*count
	late       map[ident.Agency]*lateCount
}

const monthForm = "2006-01"

func (c *counter) row(k flowKey) *flowRow {
	if c.rows[k] == nil {
		c.rows[k] = new(flowRow)
	}
	return c.rows[k]
}

func (c *counter) add(t *Thread, region string) {
	if t.Late(c.now) {
		c.lags(t)
	}
	if t.OfferedAt.Before(c.since) {
		return
	}
	from, to := c.agencies[t.From].Sector, c.agencies[t.To].Sector
	for _, k := range []flowKey{{by: "whole"}, {by: "month", a: t.OfferedAt.UTC().Format(monthForm)}, {by: "region", a: region}, {by: "sector", a: from, b: to}} {
		c.row(k).add(t)
	}
	switch {
	case t.State == handover.Declined:
		c.code("declined", t.Reason, t.Case)
	case t.Outcome != "":
		c.code("outcome", t.Outcome, t.Case)
	}
}

func (r *flowRow) add(t *Thread) {
	r.asked.add(t.Case)
	switch {
	case t.Answered.IsZero() && t.State == handover.Expired:
		r.unanswered.add(t.Case)
	case t.Answered.IsZero():
	case t.Answered.After(t.RespondBy):
		r.late.add(t.Case)
	default:
		r.inTime.add(t.Case)
	}
	if t.State == handover.Declined {
		r.declined.add(t.Case)
	}
	if t.Outcome != "" {
		r.delivered.add(t.Case)
	}
}

func (c *counter) code(list, code string, of ident.Case) {
	k := flowKey{by: list, a: code}
	if c.codes[k] == nil {
		c.codes[k] = new(count)
	}
	c.codes[k].add(of)
}

// lags counts a thread that is late for the agency whose turn it is.
func (c *counter) lags(t *Thread) {
	unit := t.From
	if t.WaitsFor() == handover.Receiver {
		unit = t.To
	}
	at := c.agencies[unit].ID
	if c.late[at] == nil {
		c.late[at] = &lateCount{oldest: t.Due}
	}
	c.late[at].add(t.Case)
	if t.Due.Before(c.late[at].oldest) {
		c.late[at].oldest = t.Due
	}
}

// flows turns the counts into what may be shown.
func (c *counter) flows(least int) *Flows {
	f := &Flows{AsOf: c.now, Least: least}
	for k, row := range c.rows {
		shown := row.safe(least)
		switch k.by {
		case "whole":
			f.Whole = shown
		case "month":
			shown.Month, _ = time.Parse(monthForm, k.a) // written by Format
			f.Months = append(f.Months, shown)
		case "region":
			shown.Region = k.a
			f.Regions = append(f.Regions, shown)
		case "sector":
			shown.From, shown.To = k.a, k.b
			f.Sectors = append(f.Sectors, shown)
		}
	}
	for k, n := range c.codes {
		into := &f.Declined
		if k.by == "outcome" {
			into = &f.Outcomes
		}
		*into = append(*into, FlowCode{k.a, n.safe(least)})
	}
	for agency, n := range c.late {
		f.Late = append(f.Late, FlowLate{agency, n.safe(least), n.oldest})
	}
	slices.SortFunc(f.Months, func(a, b Flow) int { return a.Month.Compare(b.Month) })
	slices.SortFunc(f.Regions, func(a, b Flow) int { return cmp.Compare(a.Region, b.Region) })
	slices.SortFunc(f.Sectors, func(a, b Flow) int { return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To)) })
	slices.SortFunc(f.Late, func(a, b FlowLate) int { return a.Oldest.Compare(b.Oldest) })
	return f
}

func (r *flowRow) safe(least int) Flow {
	f := Flow{Asked: r.asked.safe(least)}
	if f.Asked.Few { // what all of a few children met says it of each of them
		return f
	}
	f.InTime, f.Late, f.Unanswered = r.inTime.safe(least), r.late.safe(least), r.unanswered.safe(least)
	f.Declined, f.Delivered = r.declined.safe(least), r.delivered.safe(least)
	return f
}
