package staff_test

import (
	"strings"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// posting is an office that can send letters.
func (w *world) posting() *staff.Office {
	o := w.newOffice(config())
	o.Mails(func(s string) bool { return strings.Contains(s, "@") })
	return o
}

func (w *world) letters(o *staff.Office) []staff.Letter {
	w.t.Helper()
	got, err := o.Letters(w.ctx, 10)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func (w *world) sent(o *staff.Office, all []staff.Letter) {
	w.t.Helper()
	for _, l := range all {
		if err := o.Sent(w.ctx, l); err != nil {
			w.t.Fatal(err)
		}
	}
}

func (w *world) tells(o *staff.Office, who ident.Staff, urgent bool) {
	w.t.Helper()
	w.write(func(tx *store.Tx) error { return o.TellByMail(w.ctx, tx, urgent, who) })
}

// reachable gives somebody a confirmed address.
func (w *world) reachable(o *staff.Office, s staff.Session) {
	w.t.Helper()
	if err := o.AskMail(w.ctx, s, "amal@example.org"); err != nil {
		w.t.Fatal(err)
	}
	all := w.letters(o)
	if len(all) != 1 || all[0].Kind != staff.LetterCode || all[0].To != "amal@example.org" {
		w.t.Fatalf("%d letters, want the code", len(all))
	}
	w.sent(o, all)
	if err := o.ConfirmMail(w.ctx, s, all[0].Code); err != nil {
		w.t.Fatal(err)
	}
}

// TestMailIsConfirmed: an address counts once its person typed the code, in time, and not
// by guessing.
func TestMailIsConfirmed(t *testing.T) {
	each(t, func(w *world) {
		o, id := w.posting(), w.worker("amal", ident.Staff{})
		s := w.signIn("amal").Session
		want(t, o.AskMail(w.ctx, s, "nothing"), fault.Invalid, "check-fields")
		if err := o.AskMail(w.ctx, s, "amal@example.org"); err != nil {
			t.Fatal(err)
		}
		w.tells(o, id, true)
		all := w.letters(o)
		if len(all) != 1 || all[0].Code == "" {
			t.Fatalf("%d letters before it is confirmed, want only the code", len(all))
		}
		for range 5 {
			if err := o.ConfirmMail(w.ctx, s, "3"); !fault.Is(err, fault.Invalid) {
				t.Errorf("a wrong code: %v", err)
			}
		}
		if err := o.ConfirmMail(w.ctx, s, all[0].Code); !fault.Is(err, fault.Invalid) {
			t.Errorf("the right code after five wrong ones: %v", err)
		}
		w.reachable(o, s)
		if m, err := o.OwnMail(w.ctx, s); err != nil || m.Address != "amal@example.org" || m.Asked != "" {
			t.Errorf("the address: %v", err)
		}
		if n := w.count("SELECT COUNT(*) FROM staff_mail WHERE confirmed"); n != 1 {
			t.Errorf("%d confirmed addresses", n)
		}
		w.clk.Advance(6 * time.Minute)
		if err := o.AskMail(w.ctx, s, "other@example.org"); !fault.Is(err, fault.Expired) {
			t.Errorf("another address without a fresh check: %v", err)
		}
		if err := o.EndMail(w.ctx, s); err != nil {
			t.Fatal(err)
		}
		if n := w.count("SELECT COUNT(*) FROM staff_mail") + w.count("SELECT COUNT(*) FROM staff_outbox"); n != 0 {
			t.Errorf("%d rows are left", n)
		}
		if err := w.office.AskMail(w.ctx, w.signIn("amal").Session, "amal@example.org"); !fault.Is(err, fault.NotFound) {
			t.Errorf("where no letters are sent: %v", err)
		}
	})
}

// TestWordByMail: once an hour what is not urgent, at once what is; tried again after a
// stop at any point; given up after a day, and counted.
func TestWordByMail(t *testing.T) {
	each(t, func(w *world) {
		o, id := w.posting(), w.worker("amal", ident.Staff{})
		w.reachable(o, w.signIn("amal").Session)
		w.tells(o, id, false)
		w.tells(o, id, false)
		all := w.letters(o)
		if len(all) != 1 || all[0].Kind != staff.LetterWaits || all[0].Language != "en" || all[0].Code != "" {
			t.Fatalf("%d letters, want one for both", len(all))
		}
		w.sent(o, all)
		w.tells(o, id, false)
		if got := w.letters(o); len(got) != 0 {
			t.Error("a second letter within the hour")
		}
		w.tells(o, id, true)
		all = w.letters(o) // taken, and then the node is killed
		if len(all) != 1 {
			t.Fatal("what is urgent waits")
		}
		if got := w.letters(w.posting()); len(got) != 0 {
			t.Error("tried again at once")
		}
		w.clk.Advance(2 * time.Minute)
		all = w.letters(w.posting())
		if len(all) != 1 {
			t.Fatal("not tried again after a stop")
		}
		w.sent(o, all)
		w.clk.Advance(time.Hour)
		if got := w.letters(o); len(got) != 0 {
			t.Error("sent again")
		}
		w.tells(o, id, false)
		tries := 0
		for range 30 {
			tries += len(w.letters(o))
			w.clk.Advance(time.Hour)
		}
		if n, err := o.Unsent(w.ctx); n != 1 || err != nil || tries < 20 || tries > 25 {
			t.Errorf("%d given up after %d tries, %v", n, tries, err)
		}
		w.tells(o, id, false)
		w.sent(o, w.letters(o))
		if n, err := o.Unsent(w.ctx); n != 0 || err != nil {
			t.Errorf("%d given up after one went, %v", n, err)
		}
		w.write(func(tx *store.Tx) error { _, err := w.custody.RotateEpoch(w.ctx, tx); return err })
		w.write(func(tx *store.Tx) error { _, err := o.Reseal(w.ctx, tx); return err })
		w.tells(o, id, true)
		if got := w.letters(o); len(got) != 1 || got[0].To != "amal@example.org" {
			t.Error("after the keys turned the address is gone")
		}
		w.write(func(tx *store.Tx) error {
			return o.Leave(w.ctx, tx, staff.Shell(), id, w.version(id), ident.Staff{})
		})
		if got := w.letters(o); len(got) != 0 {
			t.Error("a letter to somebody who left")
		}
		if err := o.Tend(w.ctx); err != nil {
			t.Fatal(err)
		}
		if n := w.count("SELECT COUNT(*) FROM staff_mail") + w.count("SELECT COUNT(*) FROM staff_outbox"); n != 0 {
			t.Errorf("%d rows of somebody who left", n)
		}
	})
}
