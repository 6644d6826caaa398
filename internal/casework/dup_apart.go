package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// StrandApart is of two cases of which somebody said that they are of two children; a tie
// joins the two.
const StrandApart = "apart"

// What two children are to each other who are not one: the codes of [StrandApart].
const (
	ApartOther  = "other"
	ApartFamily = "family"
)

// KindApart says that another case is of another child.
const KindApart = "said-apart"

// SayApart says that two cases are of two children, of one family or not, and why. It is
// an event of both cases; the pair is not asked about again.
func (r *Room) SayApart(ctx context.Context, c *access.Caller, cmd ident.Command, a, b ident.Case, code string, why sealed.Text) error {
	var chk fault.Check
	chk.Require(code == ApartOther || code == ApartFamily, "same_answer", "required")
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.tying(ctx, c, cmd, "case.same", [2]ident.Case{a, b}, func(ctx context.Context, p *access.Pass, tie ident.Tie, other ident.Case) (*Event, error) {
		s := &Strand{Kind: StrandApart, Code: code, Tie: tie}
		return s.begin(ctx, p, &Event{Kind: KindApart, Content: Content{To: code, Text: why, Of: other[:]}})
	})
}

// tying is the frame of what begins a tie of two cases: all or nothing, and once.
func (r *Room) tying(ctx context.Context, c *access.Caller, cmd ident.Command, action string, pair [2]ident.Case,
	begin func(context.Context, *access.Pass, ident.Tie, ident.Case) (*Event, error),
) error {
	if pair[0] == pair[1] {
		return fault.New(fault.NotFound, "no-such-page")
	}
	var tie ident.Tie
	commands := make([]func(*Room) error, len(pair))
	for i, id := range pair {
		commands[i] = func(room *Room) error {
			return room.act(ctx, c, eachOf(cmd, id), id, action, PurposeCare, 0, func(p *access.Pass, _ *Case) (*Event, error) {
				if i == 0 { // once for both, in each run of it
					tie = ident.New[ident.Tie]()
				} else if own, err := decided(ctx, p, pair[0], pair[1]); err != nil || own {
					return nil, orConflict(err) // asked when both cases are known to be the caller's
				}
				return begin(ctx, p, tie, pair[1-i])
			})
		}
	}
	return r.together(ctx, c, access.Act{Action: action, Command: eachOf(cmd, pair[0])}, commands...)
}

// orConflict is err, or that somebody decided meanwhile.
func orConflict(err error) error {
	if err == nil {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	return err
}

// decided reports whether people have said what two cases are to each other.
func decided(ctx context.Context, p *access.Pass, a, b ident.Case) (bool, error) {
	var id ident.Strand
	err := p.Tx().QueryRow(ctx, sqlDecided, a, b).Scan(&id)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	return err == nil, err
}

// ofPairs reports whether an event says what another case is to this one.
func ofPairs(kind string) bool { return kind == KindApart }

// seenPairs returns the other cases of pairs that the reader may open.
func seenPairs(ctx context.Context, p *access.Pass) (map[ident.Case]bool, error) {
	rows, err := p.Tx().Query(ctx, sqlSelectPaired, p.Case())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []ident.Case
	for rows.Next() {
		var id ident.Case
		if err := rows.Scan(&id); err != nil {
			return nil, err
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil || len(ids) == 0 {
		return nil, err
	}
	return p.Sees(ctx, ids)
}

// leavePairsOut leaves out of a case what is about a case that the reader may not see:
// nobody learns from one that there is another.
func (c *Child) leavePairsOut(seen map[ident.Case]bool) {
	hidden := map[ident.Strand]bool{}
	events := c.Events[:0:0]
	for _, e := range c.Events {
		if ofPairs(e.Kind) && (len(e.Of) != 16 || !seen[ident.Case(e.Of)]) {
			if len(e.Strand) == 16 {
				hidden[ident.Strand(e.Strand)] = true
			}
			continue
		}
		events = append(events, e)
	}
	strands := c.Strands[:0:0]
	for _, s := range c.Strands {
		if !hidden[s.ID] {
			strands = append(strands, s)
		}
	}
	c.Events, c.Strands = events, strands
}
