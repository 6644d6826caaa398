package casework

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/deadline"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// Team is who carries what in the units a supervisor answers for.
type Team struct {
	Workers []Load
	Most    int // points one worker carries at most, by the pack
	// Units are the units that are shown; Others are those below that are left
	// out because they are too many for one page.
	Units, Others []ident.Unit
	Nobody        []DueChild // what nobody owns by name, by child
	MoreNobody    bool
	Entry         ident.Entry
}

// Load is what one person carries.
type Load struct {
	Staff     ident.Staff
	Unit      ident.Unit
	Gone      bool // the account has ended, and cases are still theirs
	Open      int  // open cases
	Points    int  // of these, by risk
	Late      int  // deadlines whose time is over
	Escalated int  // of these, how many went up
}

// teamMost is how many people one page shows; a larger team is shown unit by unit.
const teamMost = 400

// Team returns the load of the people in a unit that the caller supervises and in
// the units below it; without a unit, in all units that are the caller's.
func (r *Room) Team(ctx context.Context, c *access.Caller, unit ident.Unit) (*Team, error) {
	people, err := r.roster(ctx)
	if err != nil {
		return nil, err
	}
	posts, err := teamOf(c, people, unit)
	if err != nil {
		return nil, err
	}
	t := &Team{Most: r.codes.Clock(pack.CaseloadMost).Value}
	posts = t.choose(posts)
	var nobody []deadline.Deadline
	var rows []*Case
	err = r.gate.List(ctx, c, access.Act{Action: "team.view", Purpose: PurposeSupervision},
		func(p *access.Pass) (ids []ident.Case, err error) {
			t.Workers, nobody = nil, nil
			for _, post := range posts {
				if err := r.loads(ctx, p, people, post, t); err != nil {
					return nil, err
				}
				owned, err := deadline.Nobodys(ctx, p, post.Unit, p.Now().AddDate(0, 0, teamAhead), todayOthers+1)
				if err != nil {
					return nil, err
				}
				nobody = append(nobody, owned...)
			}
			slices.SortStableFunc(nobody, byDue)
			if t.MoreNobody = len(nobody) > todayOthers; t.MoreNobody {
				nobody = nobody[:todayOthers]
			}
			for _, d := range nobody {
				if !slices.Contains(ids, d.Case) {
					ids = append(ids, d.Case)
				}
			}
			if ids, err = visible(ctx, p, ids, len(ids)); err != nil {
				return nil, err
			}
			rows, err = readRows(ctx, p.Tx(), ids)
			return caseIDs(rows), err
		},
		func(p *access.Pass) error {
			t.Entry = p.Entry()
			shown, err := r.show(ctx, p, rows)
			if err != nil {
				return err
			}
			at := make(map[ident.Case]Row, len(shown))
			for _, row := range shown {
				at[row.Case.ID] = row
			}
			nobody = slices.DeleteFunc(nobody, func(d deadline.Deadline) bool { _, there := at[d.Case]; return !there })
			t.Nobody, err = byChild(p, nobody, at)
			return err
		})
	if err != nil {
		return nil, err
	}
	return t, nil
}

// teamAhead is how many days ahead a team sees what nobody owns.
const teamAhead = 7

// teamOf returns the units that a supervisor may look at.
func teamOf(c *access.Caller, people Roster, unit ident.Unit) ([]Post, error) {
	var units []ident.Unit
	if c != nil {
		units = c.Supervises()
	}
	posts := people.Team(units...)
	if unit.IsZero() {
		return posts, nil
	}
	if !slices.ContainsFunc(posts, func(p Post) bool { return p.Unit == unit }) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	return people.Team(unit), nil
}

// TeamUnits returns the units that the caller supervises, and those below them.
func (r *Room) TeamUnits(ctx context.Context, c *access.Caller) ([]ident.Unit, error) {
	people, err := r.roster(ctx)
	if err != nil {
		return nil, err
	}
	posts, err := teamOf(c, people, ident.Unit{})
	out := make([]ident.Unit, len(posts))
	for i, post := range posts {
		out[i] = post.Unit
	}
	return out, err
}

// Supervisors returns who supervises a unit, or the nearest one above it where somebody
// does.
func (r *Room) Supervisors(ctx context.Context, unit ident.Unit) ([]ident.Staff, error) {
	people, err := r.roster(ctx)
	if err != nil {
		return nil, err
	}
	for _, post := range people.Above(unit) {
		if len(post.Staff) > 0 {
			return post.Staff, nil
		}
	}
	return nil, nil
}

// choose leaves the units that one page has room for, and notes which.
func (t *Team) choose(posts []Post) []Post {
	n := 0
	for i, post := range posts {
		if n += len(post.Staff); n > teamMost && i > 0 {
			for _, left := range posts[i:] {
				t.Others = append(t.Others, left.Unit)
			}
			posts = posts[:i]
			break
		}
	}
	for _, post := range posts {
		t.Units = append(t.Units, post.Unit)
	}
	return posts
}

// loads adds what the people of one unit carry.
func (r *Room) loads(ctx context.Context, p *access.Pass, people Roster, post Post, t *Team) error {
	open, points, err := r.caseloads(ctx, p, post.Staff)
	if err != nil {
		return err
	}
	late, err := deadline.Tallies(ctx, p, post.Unit)
	if err != nil {
		return err
	}
	for _, who := range post.Staff {
		l := Load{
			Staff: who, Unit: post.Unit, Gone: !people.Works(who), Open: open[who], Points: points[who],
			Late: late[who].Late, Escalated: late[who].Escalated,
		}
		if l.Gone && l.Open == 0 && l.Late == 0 {
			continue
		}
		t.Workers = append(t.Workers, l)
	}
	return nil
}

// caseloads counts the open cases of some people, and their points by risk.
func (r *Room) caseloads(ctx context.Context, p *access.Pass, staff []ident.Staff) (open, points map[ident.Staff]int, err error) {
	open, points = map[ident.Staff]int{}, map[ident.Staff]int{}
	for len(staff) > 0 {
		some := staff[:min(pageMost, len(staff))]
		staff = staff[len(some):]
		args := make([]any, pageMost)
		for i := range args {
			args[i] = some[min(i, len(some)-1)]
		}
		rows, err := p.Tx().Query(ctx, sqlCaseloads, args...)
		if err != nil {
			return nil, nil, fmt.Errorf("count cases of workers: %w", err)
		}
		for rows.Next() {
			var who ident.Staff
			var risk string
			var n int
			if err := rows.Scan(&who, &risk, &n); err != nil {
				_ = rows.Close() // the scan's error says more
				return nil, nil, err
			}
			open[who] += n
			points[who] += n * r.codes.Clock(pack.ClockName("caseload_"+risk)).Value
		}
		if err := errors.Join(rows.Err(), rows.Close()); err != nil {
			return nil, nil, err
		}
	}
	return open, points, nil
}

// Carried is what one person of a team carries, child by child.
type Carried struct {
	Staff ident.Staff
	Rows  []Row
	More  bool
	Entry ident.Entry
}

// carriedMost is how many cases of a worker one page shows, those left longest first.
const carriedMost = pageMost

// Carries returns the open cases that somebody leads and that the caller sees.
func (r *Room) Carries(ctx context.Context, c *access.Caller, who ident.Staff) (*Carried, error) {
	out := &Carried{Staff: who}
	err := r.teamCases(ctx, c, out, func(p *access.Pass) ([]ident.Case, error) {
		ids, err := openCasesOf(ctx, p.Tx(), who, carriedMost+1)
		if out.More = len(ids) > carriedMost; out.More {
			ids = ids[:carriedMost]
		}
		return ids, err
	})
	return out, err
}

// Moved returns some cases as they stand, for the page that says what became of an
// assignment: at most as many as one page shows.
func (r *Room) Moved(ctx context.Context, c *access.Caller, ids []ident.Case) (*Carried, error) {
	out := &Carried{}
	err := r.teamCases(ctx, c, out, func(*access.Pass) ([]ident.Case, error) { return ids[:min(len(ids), carriedMost)], nil })
	return out, err
}

func (r *Room) teamCases(ctx context.Context, c *access.Caller, out *Carried, pick func(*access.Pass) ([]ident.Case, error)) error {
	var rows []*Case
	return r.gate.List(ctx, c, access.Act{Action: "team.view", Purpose: PurposeSupervision},
		func(p *access.Pass) ([]ident.Case, error) {
			ids, err := pick(p)
			if err != nil {
				return nil, err
			}
			if ids, err = visible(ctx, p, ids, len(ids)); err != nil {
				return nil, err
			}
			rows, err = readRows(ctx, p.Tx(), ids)
			return caseIDs(rows), err
		},
		func(p *access.Pass) (err error) {
			out.Entry = p.Entry()
			out.Rows, err = r.show(ctx, p, rows)
			return err
		})
}

// Assigned is what became of one case of many that were given to somebody, or that
// something else was done with at once.
type Assigned struct {
	Case ident.Case
	Err  error // nil: it was done
}

// AssignMany gives several cases to one lead worker, each by a command of its own: a
// case that cannot be given is named and does not hold up the others. The same
// command again changes nothing.
func (r *Room) AssignMany(ctx context.Context, c *access.Caller, cmd ident.Command, ids []ident.Case, worker ident.Staff, unit ident.Unit, why sealed.Text) ([]Assigned, error) {
	var chk fault.Check
	chk.Require(len(ids) > 0, "case", "choose-one")
	chk.Require(len(ids) <= carriedMost, "case", "too-many")
	chk.Require(!worker.IsZero() && !unit.IsZero(), "worker", "required")
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	people, err := r.roster(ctx)
	if err != nil {
		return nil, err
	}
	chk.Require(worker.IsZero() || people.Works(worker), "worker", "not-in-list")
	if err := chk.Err(); err != nil {
		return nil, err
	}
	return many(ctx, cmd, ids, func(one ident.Command, id ident.Case) error {
		return r.Assign(ctx, c, one, id, worker, unit, why, 0)
	})
}

// each derives the command on one case from the command on many, so that the form
// sent again finds each carried out.
func each(cmd ident.Command, id ident.Case) (out ident.Command) {
	sum := sha256.Sum256(append(append([]byte("each "), cmd[:]...), id[:]...))
	copy(out[:], sum[:])
	return out
}
