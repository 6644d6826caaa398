package access_test

import (
	"errors"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
)

// permit is a command that leaves something behind.
func permit(g *access.Gate, c *access.Caller, action string, id ident.Case, purpose string) error {
	_, err := g.Do(ctx, c, access.Act{Action: action, Purpose: "case-work", Case: id},
		func(p *access.Pass) (string, error) {
			p.Wrote("casework_case", id[:], 2, id[:])
			return "", p.Permit(ctx, purpose, "test")
		})
	return err
}

// counted returns how many permits there are and how many entries of each
// outcome.
func counted(t testing.TB, o *accesstest.Office) (permits, ok, denied int) {
	t.Helper()
	rows := int64(0)
	err := o.DB.Dump(ctx, func(table string, _ []string, _ []any) error {
		if table == "access_permit" {
			rows++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range o.Entries(t) {
		if h.Outcome == journal.OK {
			ok++
		} else {
			denied++
		}
	}
	return int(rows), ok, denied
}

// TestGroupIsAllOrNothing: each command is decided and entered by itself, and one
// that fails takes all with it.
func TestGroupIsAllOrNothing(t *testing.T) {
	broken := errors.New("broken")
	tests := []struct {
		name string
		run  func(t *testing.T, g *access.Gate, worker, stranger *access.Caller, id ident.Case) error
		want error
		kind fault.Kind
		// How many permits and denials it leaves.
		permits, denied int
	}{
		{"all well", func(_ *testing.T, g *access.Gate, worker, _ *access.Caller, id ident.Case) error {
			return errors.Join(permit(g, worker, "case.note", id, "a"), permit(g, worker, "case.note", id, "b"), permit(g, worker, "case.risk", id, "c"))
		}, nil, 0, 3, 0},
		{"the last is refused", func(_ *testing.T, g *access.Gate, worker, stranger *access.Caller, id ident.Case) error {
			if err := errors.Join(permit(g, worker, "case.note", id, "a"), permit(g, worker, "case.note", id, "b")); err != nil {
				return err
			}
			return permit(g, stranger, "case.note", id, "c")
		}, nil, fault.NotFound, 0, 1},
		{"a refusal is swallowed", func(_ *testing.T, g *access.Gate, worker, stranger *access.Caller, id ident.Case) error {
			_ = permit(g, stranger, "case.note", id, "c") // on purpose
			return permit(g, worker, "case.note", id, "a")
		}, nil, fault.NotFound, 0, 1},
		{"the function fails", func(_ *testing.T, g *access.Gate, worker, _ *access.Caller, id ident.Case) error {
			return errors.Join(permit(g, worker, "case.note", id, "a"), broken)
		}, broken, 0, 0, 0},
		{"a group in a group", func(_ *testing.T, g *access.Gate, worker, _ *access.Caller, id ident.Case) error {
			if err := permit(g, worker, "case.note", id, "a"); err != nil {
				return err
			}
			return g.Group(ctx, func(*access.Gate) error { return nil })
		}, nil, fault.Internal, 0, 0},
		{"too many", func(_ *testing.T, g *access.Gate, worker, _ *access.Caller, id ident.Case) error {
			for range access.GroupMost + 1 {
				if err := permit(g, worker, "case.note", id, "a"); err != nil {
					return err
				}
			}
			return nil
		}, nil, fault.Internal, 0, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
				worker, stranger := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
				id := register(t, o, worker)
				err := o.Gate.Group(ctx, func(g *access.Gate) error { return tt.run(t, g, worker, stranger, id) })
				switch {
				case tt.want != nil && !errors.Is(err, tt.want), tt.want == nil && tt.permits == 0 && !fault.Is(err, tt.kind), tt.permits > 0 && err != nil:
					t.Errorf("group = %v", err)
				}
				permits, ok, denied := counted(t, o)
				if permits != tt.permits || ok != 1+tt.permits || denied != tt.denied {
					t.Errorf("left %d permits, %d entries, %d denials, want %d, %d, %d", permits, ok, denied, tt.permits, 1+tt.permits, tt.denied)
				}
				if n, err := chain(o, id); err != nil || n != int64(1+tt.permits) {
					t.Errorf("chain of the case = %d, %v, want %d", n, err, 1+tt.permits)
				}
			})
		})
	}
}

// TestGateOfAGroupEnds with its function.
func TestGateOfAGroupEnds(t *testing.T) {
	o := accesstest.New(t)
	worker := o.Person(access.RoleCaseWorker, o.North)
	id := register(t, o, worker)
	var kept *access.Gate
	if err := o.Gate.Group(ctx, func(g *access.Gate) error { kept = g; return nil }); err != nil {
		t.Fatal(err)
	}
	if err := permit(kept, worker, "case.note", id, "a"); !fault.Is(err, fault.Denied) {
		t.Errorf("the gate of a group that is over = %v, want denied", err)
	}
}
