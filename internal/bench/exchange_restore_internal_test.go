package bench

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"causeway/internal/backup"
	"causeway/internal/casework"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/node"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
)

// vault is what stands outside a node when its machine is destroyed: a sealed backup, the
// recovery kit, and copies of keyring and restrictions.
type vault struct {
	kit    *backup.Kit
	folder string
	sealed []byte
}

// backsUp makes a backup of a node while it runs.
func (c *couple) backsUp(e *nodeEnd) *vault {
	c.t.Helper()
	v := &vault{folder: c.t.TempDir()}
	var err error
	v.kit, err = backup.NewKit()
	c.must("kit", err)
	e.Config.Backup.Folder, e.Config.Backup.Recipients = v.folder, []string{v.kit.Recipient()}
	saved, err := e.Backup(c.t.Context(), nil)
	c.must("back up", err)
	v.sealed, err = os.ReadFile(saved.Path)
	c.must("read the backup", err)
	return v
}

// restores destroys a node's machine, and puts its backup back on an empty one, on an engine.
func (c *couple) restores(e *nodeEnd, v *vault, dsn string) {
	c.t.Helper()
	ctx := c.t.Context()
	for _, name := range []string{"keyring", "restrictions"} {
		b, err := os.ReadFile(filepath.Join(e.Dir, name))
		c.must("a copy of "+name, err)
		c.must("keep it", os.WriteFile(filepath.Join(v.folder, name), b, 0o600))
	}
	c.must("stop", e.stop())
	c.must("close", e.close())
	if _, err := os.Stat(e.Dir); err == nil {
		c.t.Fatal("the machine is still there")
	}
	identities, err := backup.ReadIdentities(bytes.NewReader([]byte(v.kit.Page(backup.KitFacts{Node: e.Config.Name}))))
	c.must("the kit's page", err)
	dir := c.t.TempDir()
	o := node.RestoreOptions{
		Options: node.Options{Quiet: true}, Dir: filepath.Join(dir, "node"), Identities: identities,
		Keyring: filepath.Join(v.folder, "keyring"), KeyringOpens: keys.PlainFile(), Provider: "plain",
		Restrictions: filepath.Join(v.folder, "restrictions"), Postgres: dsn,
	}
	if dsn != "" {
		o.Schema = "bench_" + ident.New[ident.Command]().String()
	}
	open := func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(v.sealed)), nil }
	_, err = node.Restore(ctx, open, o)
	c.must("restore", err)
	c.restored = true
	n, err := node.Open(ctx, o.Dir, node.Options{Quiet: true})
	c.must("open what was restored", err)
	e.scratch = &scratch{Node: n, unit: e.unit, dir: dir, holder: ident.New[ident.Session]()}
	c.must("serve what was restored", e.serve(ctx))
}

// until waits for what comes over the line.
func (c *couple) until(what string, there func() bool) {
	c.t.Helper()
	for range 2400 {
		if there() {
			return
		}
		c.must("carry", c.carries(c.t.Context()))
	}
	c.t.Fatalf("%s never comes", what)
}

// peer is how a node stands with the other.
func (e *nodeEnd) peer(t testing.TB, of identity.NodeID) (p *exchange.Peer) {
	t.Helper()
	err := e.DB.Read(t.Context(), func(tx *store.Tx) (err error) {
		p, err = e.Exchange.Peer(t.Context(), tx, of)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// desk is what a page says of what a node has with other countries.
func (c *couple) desk(e *nodeEnd, who ident.Staff) *referral.AbroadList {
	c.t.Helper()
	role := "case_worker"
	out, err := e.Referrals.Abroad(c.t.Context(), e.known(who, role))
	c.must("the page of other countries", err)
	return out
}

// rowsOf counts rows of a table at a node.
func (c *couple) count(e *nodeEnd, query string) (n int) {
	c.t.Helper()
	c.must("count", e.DB.Read(c.t.Context(), func(tx *store.Tx) error { return tx.QueryRow(c.t.Context(), query).Scan(&n) }))
	return n
}

// steps lets a thread take steps, each known to both sides before the next.
func (c *couple) steps(legs []*leg, l *leg, events ...handover.Event) {
	c.t.Helper()
	for _, e := range events {
		by := handover.Receiver
		if slices.Contains([]handover.Event{handover.Release, handover.Confirm, handover.Info}, e) {
			by = handover.Sender
		}
		c.must(string(e), c.does(c.t.Context(), l, e, by))
		c.rests(legs)
	}
}

// live is a couple whose nodes answer at their doors.
func live(t *testing.T) *couple {
	t.Helper()
	c := wedded(t, &Options{})
	c.serves()
	return c
}

// sends sends the case of a new child.
func (c *couple) sends(purpose string) *leg {
	c.t.Helper()
	l := planned(purpose, nil)
	c.must("send", c.begins(c.t.Context(), l))
	return l
}

// rests waits until both ends have every thread where it has to stand, and look at it anew.
func (c *couple) rests(legs []*leg) {
	c.t.Helper()
	for _, l := range legs {
		l.rests = false
	}
	c.legs = legs
	c.must("rest", c.runs(c.t.Context()))
}

// here is a thread as its sender sees it.
func (c *couple) here(l *leg) *referral.View {
	c.t.Helper()
	v, err := c.a.Referrals.Thread(c.t.Context(), c.a.sender(), l.here.Case, l.here.Thread)
	c.must("look at the sender", err)
	return v
}

// places are the engines a backup is put back on: SQLite, and PostgreSQL where there is one.
func places() map[string]string {
	out := map[string]string{"sqlite": ""}
	if dsn := os.Getenv("CAUSEWAY_TEST_POSTGRES"); dsn != "" {
		out["postgres"] = dsn
	}
	return out
}

// TestReceiverRestored: a whole node is backed up, takes children on, is destroyed and put
// back. Nobody is lost and nobody is there twice; both sides say who answers for whom; whom
// it had taken on stands on its list until somebody takes the child up again.
func TestReceiverRestored(t *testing.T) {
	for name, dsn := range places() {
		t.Run(name, func(t *testing.T) {
			c := live(t)
			known, waits := c.sends("transfer"), c.sends("referral") // of both the backup knows the offer
			legs := []*leg{known, waits}
			c.rests(legs)
			kept := c.backsUp(c.b)
			epoch := c.b.Ring.ExchangeEpoch()

			c.steps(legs, known, handover.Accept, handover.Release, handover.Assume)
			c.steps(legs, waits, handover.Accept)
			unknown, begun, declined := c.sends("transfer"), c.sends("referral"), c.sends("referral")
			legs = append(legs, unknown, begun, declined)
			c.rests(legs)
			c.steps(legs, unknown, handover.Accept, handover.Release, handover.Assume)
			c.steps(legs, begun, handover.Accept, handover.Start)
			c.steps(legs, declined, handover.Decline)
			before := c.count(c.b, `SELECT COUNT(*) FROM casework_case`)

			c.restores(c.b, kept, dsn)
			lost := []*leg{known, unknown, begun}
			c.until("what was taken on", func() bool { return len(c.desk(c.b, c.b.crew.taker).Back.Lines) == len(lost) })
			c.until("the end of what came again", func() bool {
				return c.count(c.b, `SELECT COUNT(*) FROM exchange_inbox WHERE state = 'stored'`) == 0 && c.count(c.b, `SELECT COUNT(*) FROM exchange_back`) == 0
			})
			if got := c.b.Ring.ExchangeEpoch(); got != epoch+1 {
				t.Errorf("the epoch rose from %d to %d", epoch, got)
			}
			if a, b := c.a.peer(t, c.b.id), c.b.peer(t, c.a.id); a.State != exchange.OK || b.State != exchange.OK {
				t.Errorf("after the restore the two stand %s (%s) and %s (%s)", a.State, a.Why, b.State, b.Why)
			}
			if list := c.desk(c.b, c.b.crew.taker); len(list.Missing) != 0 {
				t.Errorf("%d handovers are missing although their offers came again", len(list.Missing))
			}
			if n := c.count(c.b, `SELECT COUNT(*) FROM casework_case`); n != before {
				t.Errorf("%d cases at the receiver, before there were %d", n, before)
			}
			for _, l := range legs {
				l.there = place{}
			}
			c.found(legs)
			for _, l := range legs {
				if got := c.here(l).Thread.Thread; got != l.should {
					t.Errorf("the sender has %+v, want %+v", got, l.should)
				}
				if l.should.State.Final() && !l.checked {
					continue // it has forgotten what it declined
				}
				got, err := c.b.Look(t.Context(), handover.Receiver, l.there)
				c.must("look at the receiver", err)
				if got.Thread != l.should {
					t.Errorf("the receiver has %+v, want %+v", got.Thread, l.should)
				}
			}
			for _, l := range lost {
				c.takesUp(c.b, c.b.crew.taker, l.there.Case, l.there.Thread)
			}
			if list := c.desk(c.b, c.b.crew.taker); len(list.Back.Lines) != 0 {
				t.Errorf("%d handovers wait to be taken up although they were", len(list.Back.Lines))
			}

			// And on as if nothing had been.
			for _, l := range lost {
				c.must("protect", c.b.protects(t.Context(), c.b.receiver(), l.there.Case, sendingCountry))
			}
			c.steps(legs, known, handover.Complete, handover.Confirm)
			c.steps(legs, unknown, handover.Complete, handover.Confirm)
			c.steps(legs, begun, handover.Complete)
			c.steps(legs, waits, handover.Start)
		})
	}
}

// TestSenderRestored: the same for the node that sent. What the backup knew nothing of
// finds its case, or is a child on the list of whoever answers the other country.
func TestSenderRestored(t *testing.T) {
	for name, dsn := range places() {
		t.Run(name, func(t *testing.T) {
			c := live(t)
			known, later := c.sends("transfer"), c.sends("referral")
			legs := []*leg{known, later}
			c.rests(legs)
			c.steps(legs, later, handover.Accept)
			kept := c.backsUp(c.a)
			epoch := c.a.Ring.ExchangeEpoch()

			c.steps(legs, known, handover.Accept, handover.Release, handover.Assume)
			c.steps(legs, later, handover.Start, handover.Complete, handover.Confirm)
			again := c.sendsMore(known, "information") // of a case that the backup has
			unknown := c.sends("transfer")             // of one that it has not
			legs = append(legs, again, unknown)
			c.rests(legs)
			c.steps(legs, unknown, handover.Accept, handover.Release, handover.Assume)
			c.steps(legs, again, handover.Accept)

			c.restores(c.a, kept, dsn)
			c.until("a child of whom there is no record", func() bool { return len(c.desk(c.a, c.a.crew.worker).Back.Lines) == 1 })
			if got := c.a.Ring.ExchangeEpoch(); got != epoch+1 {
				t.Errorf("the epoch rose from %d to %d", epoch, got)
			}
			l := c.desk(c.a, c.a.crew.worker).Back.Lines[0]
			unknown.here.Case, unknown.here.Thread = l.Case, l.ID
			c.until("the thread of a known case", func() bool { return c.refound(again) })
			c.rests(legs)
			if a, b := c.a.peer(t, c.b.id), c.b.peer(t, c.a.id); a.State != exchange.OK || b.State != exchange.OK {
				t.Errorf("after the restore the two stand %s (%s) and %s (%s)", a.State, a.Why, b.State, b.Why)
			}
			for _, l := range []*leg{known, unknown} {
				if v := c.here(l); v.Responsible() != handover.Receiver {
					t.Errorf("the sender says that the %s answers for the child", v.Responsible())
				}
			}
			if n := c.count(c.a, `SELECT COUNT(*) FROM referral_abroad`); n != len(legs) {
				t.Errorf("%d threads at the sender, want %d", n, len(legs))
			}
			c.takesUp(c.a, c.a.crew.worker, unknown.here.Case, unknown.here.Thread)
			if list := c.desk(c.a, c.a.crew.worker); len(list.Back.Lines) != 0 || len(list.Missing) != 0 {
				t.Errorf("%d and %d handovers are still to be dealt with", len(list.Back.Lines), len(list.Missing))
			}
			c.steps(legs, known, handover.Complete, handover.Confirm)
			c.must("protect", c.a.protects(t.Context(), c.a.sender(), unknown.here.Case, receivingCountry)) // the check was lost with the case
			c.steps(legs, unknown, handover.Complete, handover.Confirm)
		})
	}
}

// found finds the receiver's ends again, of every thread that is not over.
func (c *couple) found(legs []*leg) {
	c.t.Helper()
	for _, l := range legs {
		_ = c.finds(c.t.Context(), l) // it may be on the list of what came back
	}
	for _, line := range c.desk(c.b, c.b.crew.taker).Back.Lines {
		v, err := c.b.Referrals.Thread(c.t.Context(), c.b.receiver(), line.Case, line.ID)
		c.must("look at what came back", err)
		for _, l := range legs {
			if l.here.Wire == v.Abroad.Wire {
				l.there = place{line.Case, line.ID, l.here.Wire}
			}
		}
	}
}

// refound finds a thread of a known case at the sender again.
func (c *couple) refound(l *leg) bool {
	c.t.Helper()
	sent, err := c.a.Referrals.Sent(c.t.Context(), c.a.sender(), l.here.Case)
	c.must("what was sent", err)
	for _, t := range sent.Threads {
		v, err := c.a.Referrals.Thread(c.t.Context(), c.a.sender(), l.here.Case, t.ID)
		c.must("look at the sender", err)
		if l.here.Wire == v.Abroad.Wire {
			l.here.Thread = t.ID
			return true
		}
	}
	return false
}

// takesUp lets somebody take a child up of whom there is no record, after seeing that the
// page says so; then the child has a name and a lead.
func (c *couple) takesUp(e *nodeEnd, who ident.Staff, of ident.Case, id referral.ThreadID) {
	c.t.Helper()
	ctx := c.t.Context()
	as := e.known(who, "case_worker")
	v, err := e.Referrals.Thread(ctx, as, of, id)
	c.must("look", err)
	if v.Back == nil || !v.Back.Taken || !slices.Contains(v.May, referral.TakeUp) {
		c.t.Fatalf("the page does not say that the record is lost: %+v, may %v", v.Back, v.May)
	}
	if _, err := e.Cases.Open(ctx, as, of); !fault.Is(err, fault.NotFound) {
		c.t.Errorf("a case that nobody took up was opened: %v", err)
	}
	c.must("take up", e.Referrals.MoveAbroad(ctx, e.known(who, "case_worker"), newCommand(), of, id, referral.Answer{Event: referral.TakeUp}))
	child, err := e.Cases.Open(ctx, e.known(who, "case_worker"), of)
	c.must("open the case", err)
	if len(child.Person.Details.Names) == 0 || child.Case.Worker != who || child.Case.Stage != casework.StageRegistered {
		c.t.Errorf("taken up: %d names, stage %s", len(child.Person.Details.Names), child.Case.Stage)
	}
	if err := e.Referrals.MoveAbroad(ctx, e.known(who, "case_worker"), newCommand(), of, id, referral.Answer{Event: referral.TakeUp}); err == nil {
		c.t.Error("a child was taken up twice")
	}
}

// sendsMore asks something else about a child.
func (c *couple) sendsMore(of *leg, purpose string) *leg {
	c.t.Helper()
	ctx := c.t.Context()
	l := planned(purpose, nil)
	l.here.Case = of.here.Case
	f := referral.Outgoing{
		To: c.b.id, Purpose: purpose, Urgency: "soon", Language: "en", Written: "en", Basis: "vital_interest",
		Norm: sealed.NewText("Children's Act, article 4"), Reason: sealed.NewText("Has she a brother there?"), Parts: least[purpose],
		View: "agrees", Service: "emergency_shelter",
	}
	p, err := c.a.Referrals.PreviewAbroad(ctx, c.a.sender(), l.here.Case, f)
	c.must("preview "+purpose, err)
	f.Seen = p.Seen
	l.here.Thread, err = c.a.Referrals.SendAbroad(ctx, c.a.sender(), newCommand(), l.here.Case, f)
	c.must(fmt.Sprintf("send %s (second person %q)", purpose, p.Second), err)
	c.must("offer", l.steps(handover.Offer, handover.Sender))
	l.here.Wire = c.here(l).Abroad.Wire
	return l
}
