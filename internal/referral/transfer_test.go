package referral_test

import (
	"errors"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/pack"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
	"causeway/protocol/handover"
)

// leads counts who answers for a case: leads in force, and whether the case row names
// the same.
func (o *town) leads(t testing.TB, of ident.Case) (leads, agree int) {
	t.Helper()
	leads = o.number(t, `SELECT COUNT(*) FROM access_reach WHERE case_id = $1 AND relation = 'lead' AND until_at > 0`, of)
	agree = o.number(t, `SELECT COUNT(*) FROM access_reach r JOIN casework_case c ON c.id = r.case_id
		WHERE r.case_id = $1 AND r.relation = 'lead' AND r.until_at > 0 AND r.holder = c.worker_id`, of)
	return leads, agree
}

// TestTransfer moves the responsibility in the step that assumes, and in no other.
func TestTransfer(t *testing.T) {
	each(t, func(t *testing.T, o *town) {
		of := o.child(t)
		id := o.offers(t, of, o.ask(handover.Transfer))
		step := func(c *access.Caller, e handover.Event, want handover.Party) {
			t.Helper()
			o.must(t, c, of, id, e)
			if leads, agree := o.leads(t, of); leads != 1 || agree != 1 {
				t.Fatalf("after %s %d answer for the child, %d as the case says", e, leads, agree)
			}
			_, sender := o.cases.Open(ctx, o.again(o.amal), of)
			_, receiver := o.cases.Open(ctx, o.again(o.taker), of)
			if (sender == nil) != (want == handover.Sender) || (receiver == nil) != (want == handover.Receiver) {
				t.Fatalf("after %s the sender: %v, the receiver: %v", e, sender, receiver)
			}
		}
		step(o.taker, handover.Accept, handover.Sender)
		if err := o.does(o.taker, of, id, handover.Assume); fault.CodeOf(err) != "referral-moved" {
			t.Errorf("assumed before it was released: %v", err)
		}
		step(o.amal, handover.Release, handover.Sender)
		refused(t, "a provider taking a case over", o.does(o.shelter, of, id, handover.Assume))
		step(o.taker, handover.Assume, handover.Receiver)
		if err := o.does(o.taker, of, id, handover.HandBack); err == nil {
			t.Error("what was assumed was handed back")
		}
		refused(t, "who led it withdrawing", o.does(o.amal, of, id, handover.Withdraw))
		step(o.taker, handover.Complete, handover.Receiver)
		v := o.view(t, o.amal, of, id)
		if !v.Sends() || v.Receives() || v.Number != "" || v.Outcome != "met" {
			t.Errorf("what comes back to the sender: %+v", v)
		}
		step(o.amal, handover.Confirm, handover.Receiver)
		_, err := o.room.Thread(ctx, o.again(o.amal), of, id)
		refused(t, "the sender after the end", err)
		o.sound(t)
	})
}

// TestTransferKilled breaks every operation of every step of a transfer off: somebody
// answers for the child all the time, one, whom case and reach both name.
func TestTransferKilled(t *testing.T) {
	dead := errors.New("the machine died")
	steps := []struct {
		taker bool
		event handover.Event
	}{{true, handover.Accept}, {false, handover.Release}, {true, handover.Assume}}
	killed := 0
	for _, op := range []string{"begin", "exec", "query", "batch", "commit", "committed"} {
		faults := &storetest.Faults{}
		o := build(t, faulty(t, faults.Hook))
		of := o.child(t)
		id := o.offers(t, of, o.ask(handover.Transfer))
		for _, s := range steps {
			c := o.amal
			if s.taker {
				c = o.taker
			}
			for n := 0; ; n++ {
				faults.Add(op, append(make([]error, n), dead)...)
				err := o.does(c, of, id, s.event)
				faults.Add(op) // none
				*faults = storetest.Faults{}
				leads, agree := o.leads(t, of)
				if leads != 1 || agree != 1 {
					t.Fatalf("%s, broken off at %s %d: %d answer for the child, %d as the case says", s.event, op, n, leads, agree)
				}
				if err != nil {
					killed++
				}
				if err == nil || o.moved(t, c, of, id, s.event) {
					break
				}
			}
		}
		o.sound(t)
	}
	if killed < 20 {
		t.Errorf("only %d steps were broken off", killed)
	}
}

// moved reports whether a step that was answered with an error was taken all the same:
// its commit got through.
func (o *town) moved(t *testing.T, c *access.Caller, of ident.Case, id [16]byte, e handover.Event) bool {
	t.Helper()
	state := map[handover.Event]string{handover.Accept: "accepted", handover.Release: "released", handover.Assume: "active"}[e]
	return o.number(t, `SELECT COUNT(*) FROM referral_thread WHERE case_id = $1 AND id = $2 AND state = $3`, of, id[:], state) == 1
}

// faulty is an office on SQLite whose database asks hook before every operation.
func faulty(t *testing.T, hook func(string) error) *accesstest.Office {
	t.Helper()
	o := accesstest.New(t)
	db := storetest.New(t, storetest.WithClock(o.Clock), storetest.WithFault(hook))
	err := db.Write(ctx, func(tx *store.Tx) error {
		_, err := o.Custody.CurrentEpoch(ctx, tx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	j, err := journal.Open(ctx, db, o.Clock, o.Ring, journal.Config{Node: "XA-test"})
	if err != nil {
		t.Fatal(err)
	}
	policies, err := access.ParsePolicies(o.Pack.Version(), o.Pack.Policies(), o.Pack.Codes(pack.Purposes))
	if err != nil {
		t.Fatal(err)
	}
	o.DB, o.Journal = db, j
	if o.Gate, err = access.NewGate(db, o.Clock, j, o.Custody, policies, o); err != nil {
		t.Fatal(err)
	}
	return o
}
