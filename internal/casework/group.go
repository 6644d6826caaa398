package casework

import (
	"context"
	"errors"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// StrandGroup is a child's place in a group of children who belong together:
// brothers and sisters, a mother and her baby. Code is of the code list
// group_kind. Each child keeps an own case, plan and record.
const StrandGroup = "group"

// The events of groups.
const (
	KindGroupJoined    = "group-joined"
	KindGroupSeparated = "group-separated"
)

// groupMost is how many children one group may have.
const groupMost = 20

// Group is a group as the page of one of its children shows it.
type Group struct {
	Strand
	Members []Row // the others whom the reader may see
	// Elsewhere: somebody in the group is out of the reader's reach.
	Elsewhere bool
}

// current returns the strand of a kind that goes on, -1 for none.
func (c *Child) current(kind string) int {
	return slices.IndexFunc(c.Strands, func(s Strand) bool { return s.Kind == kind && !s.Ended() })
}

// InGroup reports whether the child belongs to a group.
func (c *Child) InGroup() bool { return c.current(StrandGroup) >= 0 }

// groupOf returns the group of a child.
func groupOf(c *Child, tied []Strand, seen map[ident.Case]*Row) *Group {
	i := c.current(StrandGroup)
	if i < 0 {
		return nil
	}
	g := &Group{Strand: c.Strands[i]}
	for _, s := range tied {
		if s.Tie != g.Tie || s.Kind != StrandGroup {
			continue
		}
		if row := seen[s.of]; row != nil {
			g.Members = append(g.Members, *row)
		} else {
			g.Elsewhere = true
		}
	}
	return g
}

// openGroup returns a case's place in a group, nil for none.
func openGroup(ctx context.Context, p *access.Pass, of ident.Case) (*Strand, error) {
	all, err := readStrands(ctx, p.Tx(), sqlSelectOpenGroup, of)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	return &all[0], nil
}

// JoinGroup makes one group of a child and others whom the caller works with too.
// Where one of them is in a group already, the others join it.
func (r *Room) JoinGroup(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, kind string, with []ident.Case, number sealed.Text) error {
	var chk fault.Check
	chk.Require(r.codes.Valid("group_kind", kind), "group_kind", "required")
	chk.Require(len(with) > 0 || !number.IsZero(), "number", "required")
	chk.Require(len(with) < groupMost, "with", "too-many")
	if err := chk.Err(); err != nil {
		return err
	}
	if !number.IsZero() {
		other, err := r.byNumber(ctx, c, number, id)
		if err != nil {
			return err
		}
		with = append(slices.Clone(with), other)
	}
	return r.together(ctx, c, access.Act{Action: "case.group", Command: eachOf(cmd, id)}, r.joining(ctx, c, cmd, kind, distinct(id, with))...)
}

// distinct puts a case before others and leaves out repetitions.
func distinct(first ident.Case, others []ident.Case) []ident.Case {
	out := []ident.Case{first}
	for _, id := range others {
		if !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	return out
}

// joining are the commands that make one group of cases.
func (r *Room) joining(ctx context.Context, c *access.Caller, cmd ident.Command, kind string, ids []ident.Case) []func(*Room) error {
	var tie ident.Tie
	out := make([]func(*Room) error, len(ids))
	for i, id := range ids {
		out[i] = func(room *Room) error {
			return room.act(ctx, c, eachOf(cmd, id), id, "case.group", PurposeCare, 0, func(p *access.Pass, row *Case) (e *Event, err error) {
				if row.Closed() {
					return nil, errClosed()
				}
				if i == 0 { // once for the whole group, in each run of it
					if tie, err = tieOf(ctx, p, ids); err != nil {
						return nil, err
					}
				}
				return room.join(ctx, p, kind, tie, len(ids)-1)
			})
		}
	}
	return out
}

// tieOf returns the tie of the group that some of the cases are in, or a new one.
func tieOf(ctx context.Context, p *access.Pass, ids []ident.Case) (ident.Tie, error) {
	var tie ident.Tie
	for _, id := range ids {
		s, err := openGroup(ctx, p, id)
		switch {
		case err != nil:
			return tie, err
		case s == nil || s.Tie == tie:
		case !tie.IsZero():
			return tie, fault.New(fault.Invalid, "in-another-group")
		default:
			tie = s.Tie
		}
	}
	if tie.IsZero() {
		tie = ident.New[ident.Tie]()
	}
	return tie, nil
}

// join writes the pass's case into a group; one that is in it already learns that
// others came.
func (r *Room) join(ctx context.Context, p *access.Pass, kind string, tie ident.Tie, others int) (*Event, error) {
	e := &Event{Kind: KindGroupJoined, Content: Content{To: kind, Together: int64(others)}}
	s, err := openGroup(ctx, p, p.Case())
	if err != nil {
		return nil, err
	}
	if s == nil {
		s = &Strand{Kind: StrandGroup, Code: kind, Tie: tie}
		return s.begin(ctx, p, e)
	}
	if s, err = strandOf(ctx, p, s.ID, StrandGroup); err != nil {
		return nil, err
	}
	e.Strand, s.Code = s.ID[:], kind
	return e, s.write(ctx, p)
}

// LeaveGroup separates a child's record from the group, with the reason: it is an
// event in the case of every child of the group, or nothing happens. Who does not
// reach all of them asks somebody who does. That children live apart is another
// act, with a basis of its own.
func (r *Room) LeaveGroup(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, why sealed.Text) error {
	var chk fault.Check
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	page, err := r.People(ctx, c, id)
	if err != nil {
		return err
	}
	members := []ident.Case{id}
	if page.Group != nil {
		if page.Group.Elsewhere {
			return fault.New(fault.Invalid, "group-out-of-reach")
		}
		for i := range page.Group.Members {
			members = append(members, page.Group.Members[i].Case.ID)
		}
	}
	commands := make([]func(*Room) error, len(members))
	for i, of := range members {
		commands[i] = func(room *Room) error {
			return room.act(ctx, c, eachOf(cmd, of), of, "case.group", PurposeCare, 0, func(p *access.Pass, _ *Case) (*Event, error) {
				return leave(ctx, p, id, members, why)
			})
		}
	}
	return r.together(ctx, c, access.Act{Action: "case.group", Command: eachOf(cmd, id)}, commands...)
}

// leave writes into the pass's case that a child was separated from its group. A
// group of one is none.
func leave(ctx context.Context, p *access.Pass, who ident.Case, members []ident.Case, why sealed.Text) (*Event, error) {
	open, err := openGroup(ctx, p, p.Case())
	if err != nil {
		return nil, err
	}
	if open == nil {
		return nil, fault.New(fault.Conflict, "ended-already")
	}
	s, err := strandOf(ctx, p, open.ID, StrandGroup)
	if err != nil {
		return nil, err
	}
	if p.Case() == who {
		tied, err := readStrands(ctx, p.Tx(), sqlSelectTied, who)
		if err != nil {
			return nil, err
		}
		n := 1
		for i := range tied {
			if tied[i].Kind != StrandGroup || tied[i].Tie != s.Tie {
				continue
			}
			if n++; !slices.Contains(members, tied[i].of) {
				return nil, fault.New(fault.Conflict, "changed-meanwhile") // somebody joined since the page was read
			}
		}
		if n != len(members) {
			return nil, fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	e := &Event{Kind: KindGroupSeparated, Content: Content{From: s.Code, Text: why, Strand: s.ID[:], Together: int64(len(members) - 1)}}
	if p.Case() == who || len(members) <= 2 {
		s.EndedAt = p.Now()
	}
	return e, s.write(ctx, p)
}

// AddNotes writes one visit into the cases of several children of a group, each a
// record of its own, all or none. What the first child said stays with that child:
// the others get what the worker saw and thinks.
func (r *Room) AddNotes(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, with []ident.Case, n Note) error {
	if len(with) == 0 {
		return r.AddNote(ctx, c, cmd, id, n)
	}
	ids := distinct(id, with)
	n.together = len(ids) - 1
	of := n
	of.Question, of.Words, of.Language, of.Alone = sealed.Text{}, sealed.Text{}, "", ""
	if err := n.check(r.codes, r.clk.Now()); err != nil {
		return err
	}
	if of.Seen.IsZero() && of.Thought.IsZero() {
		return fault.InvalidField("seen", "seen-for-several")
	}
	commands := make([]func(*Room) error, len(ids))
	for i, to := range ids {
		commands[i] = func(room *Room) error {
			if i == 0 {
				return room.addNote(ctx, c, eachOf(cmd, to), to, n, func(p *access.Pass) error { return sameGroup(ctx, p, ids) })
			}
			return room.AddNote(ctx, c, eachOf(cmd, to), to, of)
		}
	}
	return r.together(ctx, c, access.Act{Action: "case.note", Command: eachOf(cmd, id)}, commands...)
}

// sameGroup refuses cases that are not in one group.
func sameGroup(ctx context.Context, p *access.Pass, ids []ident.Case) error {
	var tie ident.Tie
	for i, id := range ids {
		s, err := openGroup(ctx, p, id)
		if err != nil || s == nil || i > 0 && s.Tie != tie {
			return errors.Join(err, fault.InvalidField("with", "not-in-group"))
		}
		tie = s.Tie
	}
	return nil
}
