package access_test

import (
	"bytes"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
)

// change runs a command about a case that does what fn does.
func change(o *accesstest.Office, c *access.Caller, id ident.Case, fn func(p *access.Pass) error) error {
	_, err := o.Gate.Do(ctx, c, access.Act{Action: "case.update", Purpose: "case-work", Case: id},
		func(p *access.Pass) (string, error) { return "", fn(p) })
	return err
}

// people opens a case as its page does and returns who reaches it.
func people(o *accesstest.Office, c *access.Caller, id ident.Case) (out []access.Reached, err error) {
	act := access.Act{Action: "case.open", Purpose: "case-work", Case: id}
	err = o.Gate.Open(ctx, c, act, func(p *access.Pass) (err error) {
		out, err = p.Reached(ctx)
		return err
	}, func(p *access.Pass) error { return p.CheckReached(out) })
	return out, err
}

// written returns the rows of the newest entry, as table and version.
func written(t testing.TB, o *accesstest.Office) (tables []string, rows []journal.RowState) {
	t.Helper()
	h := last(t, o, 1)[0]
	for _, r := range h.Rows {
		tables = append(tables, r.Table)
	}
	slices.Sort(tables)
	return tables, h.Rows
}

// TestRightsAreEntered: each row that a command writes about who reaches a case
// stands in its entry, with version and digest, and without the holder.
func TestRightsAreEntered(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		helper, from := ident.New[ident.Staff](), ident.New[ident.Staff]()
		id := register(t, o, worker, helper)
		tables, rows := written(t, o)
		equal(t, "registration", tables, []string{"access_reach", "access_reach", "access_reach", "access_reach", "casework_case"})
		first := rows
		steps := []struct {
			name    string
			do      func(p *access.Pass) error
			want    []string
			version int64
		}{
			{"end of help", func(p *access.Pass) error { return p.EndReach(ctx, access.RelationHelper) }, []string{"access_reach"}, 2},
			{"help again", func(p *access.Pass) error { return p.Reach(ctx, access.RelationHelper, helper) }, []string{"access_reach"}, 3},
			{"the same help", func(p *access.Pass) error { return p.Reach(ctx, access.RelationHelper, helper) }, nil, 0},
			{"a permit", func(p *access.Pass) error { return p.Permit(ctx, "sharing", "consent") }, []string{"access_permit"}, 1},
			{"the same permit", func(p *access.Pass) error { return p.Permit(ctx, "sharing", "consent") }, nil, 0},
			{"end of the permit", func(p *access.Pass) error { return p.EndPermit(ctx, "sharing") }, []string{"access_permit"}, 2},
			{"a withholding", func(p *access.Pass) error { return p.Withhold(ctx, from) }, []string{"access_reach", "access_withhold"}, 1},
			{"reach of whom it is withheld from", func(p *access.Pass) error { return p.Reach(ctx, access.RelationHelper, from) }, nil, 0},
		}
		for _, s := range steps {
			if err := change(o, worker, id, s.do); err != nil {
				t.Fatalf("%s: %v", s.name, err)
			}
			tables, rows = written(t, o)
			equal(t, s.name, tables, s.want)
			for _, r := range rows {
				if r.Version != s.version || len(r.MAC) != 16 {
					t.Errorf("%s: version %d with a digest of %d bytes, want %d and 16", s.name, r.Version, len(r.MAC), s.version)
				}
				for _, h := range [][]byte{helper[:], from[:], id[:]} {
					if bytes.Contains(r.Row, h) {
						t.Errorf("%s: the journal names whom the row is about", s.name)
					}
				}
			}
			if s.version > 1 && len(rows) == 1 && tables[0] == "access_reach" &&
				!slices.ContainsFunc(first, func(r journal.RowState) bool { return string(r.Row) == string(rows[0].Row) }) {
				t.Errorf("%s: the row has another name than when it was made", s.name)
			}
		}
	})
}

// TestReachFromTheDatabaseOpensNothing: somebody with the database, and not the
// keys, gives reach; it is shown to those who read rightly, and whoever comes by
// it reads nothing.
func TestReachFromTheDatabaseOpensNothing(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker, stranger := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, worker)
		if _, err := people(o, stranger, id); !fault.Is(err, fault.NotFound) {
			t.Fatalf("a stranger: %v, want refused", err)
		}
		for name, how := range map[string]string{
			"slipped in": `INSERT INTO access_reach (case_id, holder, relation, from_at, until_at) SELECT $1, $2, 'lead', 0, 4611686018427387904`,
			"copied": `INSERT INTO access_reach (case_id, holder, relation, from_at, until_at, id, version, row_mac)
				SELECT case_id, $2, relation, from_at, until_at, id, version, row_mac FROM access_reach WHERE case_id = $1 AND relation = 'lead'`,
		} {
			exec(t, o, how, id, stranger.Staff())
			if _, err := people(o, stranger, id); fault.CodeOf(err) != "record-altered" {
				t.Errorf("%s: %v, want record-altered", name, err)
			}
			got, err := people(o, worker, id)
			if err != nil {
				t.Errorf("%s: the lead is kept out: %v", name, err)
			}
			for _, r := range got {
				if r.Altered != (r.Holder == [16]byte(stranger.Staff())) {
					t.Errorf("%s: %s altered = %v", name, r.Relation, r.Altered)
				}
			}
			if len(got) != 4 {
				t.Errorf("%s: reached by %d, want 4", name, len(got))
			}
			err = change(o, worker, id, func(p *access.Pass) error { return p.EndReach(ctx, access.RelationLead) })
			if fault.CodeOf(err) != "record-altered" {
				t.Errorf("%s: written over: %v, want record-altered", name, err)
			}
			exec(t, o, `DELETE FROM access_reach WHERE case_id = $1 AND holder = $2`, id, stranger.Staff())
		}
		if _, err := people(o, worker, id); err != nil {
			t.Errorf("afterwards: %v", err)
		}
	})
}

// TestClockSetBack: what was granted counts, and what was ended does not, though
// the clock now stands before both.
func TestClockSetBack(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		before, after := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleCaseWorker, o.South)
		boss, kept := o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.South)
		id := register(t, o, before)
		o.Clock.Advance(time.Hour)
		err := change(o, boss, id, func(p *access.Pass) error {
			if err := p.EndReach(ctx, access.RelationLead); err != nil {
				return err
			}
			if err := p.Reach(ctx, access.RelationUnit, o.South); err != nil {
				return err
			}
			if err := p.Reach(ctx, access.RelationLead, after.Staff()); err != nil {
				return err
			}
			if err := p.Permit(ctx, "sharing", "consent"); err != nil {
				return err
			}
			return p.Withhold(ctx, kept.Staff())
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, back := range []time.Duration{-30 * time.Minute, -48 * time.Hour} {
			o.Clock.Advance(back)
			if _, err := people(o, after, id); err != nil {
				t.Errorf("%v: the new lead: %v", back, err)
			}
			if err := does(o, after, "case.note", id); err != nil {
				t.Errorf("%v: the new lead writes: %v", back, err)
			}
			if err := does(o, o.Person(access.RoleSupervisor, o.South), "case.note", id); err != nil {
				t.Errorf("%v: the new unit writes: %v", back, err)
			}
			refused(t, "the lead before", does(o, before, "case.note", id))
			refused(t, "whom it is withheld from", does(o, kept, "case.note", id))
			if got := shownTo(t, o, after, id); !got {
				t.Errorf("%v: the new lead's list lacks the case", back)
			}
			if got := shownTo(t, o, before, id); got {
				t.Errorf("%v: the list of the lead before shows the case", back)
			}
		}
	})
}

// shownTo reports whether a list may show a case to somebody.
func shownTo(t testing.TB, o *accesstest.Office, c *access.Caller, id ident.Case) (yes bool) {
	t.Helper()
	err := o.Gate.List(ctx, c, access.Act{Action: "case.list", Purpose: "case-work"}, func(p *access.Pass) ([]ident.Case, error) {
		v, err := p.Visible(ctx, []ident.Case{id})
		if err != nil {
			return nil, err
		}
		yes = v[0]
		return nil, nil
	}, func(*access.Pass) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	return yes
}

// TestWithholdAgain: an unknown case is not found, and a withholding in force is
// left alone.
func TestWithholdAgain(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		boss := o.Person(access.RoleSupervisor, o.North)
		id := register(t, o, boss)
		from := o.Person(access.RoleCaseWorker, o.North)
		if err := again(o, ident.New[ident.Case](), from.Staff()); !fault.Is(err, fault.NotFound) {
			t.Errorf("an unknown case: %v, want not found", err)
		}
		entries := len(o.Entries(t))
		for range 2 {
			if err := again(o, id, from.Staff()); err != nil {
				t.Fatal(err)
			}
		}
		if n := len(o.Entries(t)) - entries; n != 1 {
			t.Errorf("entries = %d, want one", n)
		}
		refused(t, "whom it is withheld from", does(o, from, "case.note", id))
		if n, err := chain(o, id); n != 1 || err != nil {
			t.Errorf("chain = %d, %v, want the registration alone", n, err)
		}
	})
}
