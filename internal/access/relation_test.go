package access_test

import (
	"slices"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// TestReceiverAndCircleReachNothing: whoever was handed something of a case, or
// stands in the child's circle, opens no case and finds none in a list, in any
// role, and no list counts it.
func TestReceiverAndCircleReachNothing(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := register(t, o, worker)
		people := []*access.Caller{o.Person(access.RoleSupervisor, o.South)}
		for _, role := range []string{access.RoleCaseWorker, access.RoleProvider, access.RoleGuardian, access.RoleInvestigator} {
			people = append(people, o.Person(role, o.South))
		}
		err := change(o, worker, id, func(p *access.Pass) error {
			if err := p.Reach(ctx, access.RelationReceiver, [16]byte(o.South)); err != nil {
				return err
			}
			for _, c := range people {
				if err := p.Reach(ctx, access.RelationCircle, [16]byte(c.Staff())); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range people {
			for _, action := range []string{"case.open", "case.note", "case.list", "case.wholooked", "document.open", "record.save"} {
				refused(t, c.Role()+" "+action, does(o, c, action, id))
				wait(o)
			}
			for way, n := range reaches(t, o, c, id) {
				if n != 0 {
					t.Errorf("%s: %s counts %d cases, want none", c.Role(), way, n)
				}
			}
		}
		for way, n := range reaches(t, o, worker, id) {
			if n != 1 {
				t.Errorf("the worker: %s counts %d cases, want one", way, n)
			}
		}
	})
}

// reaches asks the parts of a list's SELECT about one case.
func reaches(t *testing.T, o *accesstest.Office, c *access.Caller, id ident.Case) map[string]int64 {
	t.Helper()
	out := map[string]int64{}
	err := o.DB.Read(ctx, func(tx *store.Tx) error {
		n := access.HolderSlots + 1
		args := append(c.Holders(), o.Clock.Now().UnixMicro())
		for way, q := range map[string]string{
			"reach to a case": `SELECT COUNT(*) FROM (SELECT DISTINCT case_id AS id FROM access_reach WHERE case_id = $10) c WHERE ` + access.ReachTo(1),
			"reached cases":   `SELECT COUNT(*) FROM (` + access.ReachedCases(1) + `) x WHERE x.case_id = $10`,
		} {
			var got int64
			if err := tx.QueryRow(ctx, q, append(slices.Clone(args[:n]), id)...).Scan(&got); err != nil {
				return err
			}
			out[way] = got
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestReceiverKeepsWhatIsNearer: an offer to a unit takes nothing from it, and its
// end ends nothing else; a withholding is not lifted.
func TestReceiverKeepsWhatIsNearer(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		worker, kept := o.Person(access.RoleCaseWorker, o.North), ident.New[ident.Unit]()
		id := register(t, o, worker)
		relations := func() map[[16]byte]string {
			t.Helper()
			found, err := people(o, worker, id)
			if err != nil {
				t.Fatal(err)
			}
			out := map[[16]byte]string{}
			for _, r := range found {
				out[r.Holder] = r.Relation
			}
			wait(o)
			return out
		}
		for _, step := range []struct {
			name string
			do   func(p *access.Pass) error
			unit ident.Unit
			want string
		}{
			{"withheld", func(p *access.Pass) error { return p.Withhold(ctx, [16]byte(kept)) }, kept, "withheld"},
			{"offered to whom it is withheld from", func(p *access.Pass) error { return p.Reach(ctx, access.RelationReceiver, [16]byte(kept)) }, kept, "withheld"},
			{"offered to its own unit", func(p *access.Pass) error { return p.Reach(ctx, access.RelationReceiver, [16]byte(o.North)) }, o.North, access.RelationUnit},
			{"that offer ended", func(p *access.Pass) error { return p.EndReachOf(ctx, access.RelationReceiver, [16]byte(o.North)) }, o.North, access.RelationUnit},
			{"offered elsewhere", func(p *access.Pass) error { return p.Reach(ctx, access.RelationReceiver, [16]byte(o.South)) }, o.South, access.RelationReceiver},
			{"another offer ended", func(p *access.Pass) error { return p.EndReachOf(ctx, access.RelationReceiver, [16]byte(kept)) }, o.South, access.RelationReceiver},
			{"ended", func(p *access.Pass) error { return p.EndReachOf(ctx, access.RelationReceiver, [16]byte(o.South)) }, o.South, ""},
			{"given the case", func(p *access.Pass) error { return p.Reach(ctx, access.RelationUnit, [16]byte(o.South)) }, o.South, access.RelationUnit},
		} {
			if err := change(o, worker, id, step.do); err != nil {
				t.Fatalf("%s: %v", step.name, err)
			}
			if got := relations()[[16]byte(step.unit)]; got != step.want {
				t.Errorf("%s: %q, want %q", step.name, got, step.want)
			}
		}
	})
}
