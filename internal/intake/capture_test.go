package intake_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/intake"
	"causeway/internal/keys"
	"causeway/internal/person"
	"causeway/internal/screening"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/internal/web"
)

// authors stands in for the desk of accounts, which has tests of its own: a ticket
// is somebody's name.
type authors map[string]access.Author

func (a authors) Author(_ context.Context, ticket string, _ time.Time, w access.Carried, _ string) (access.Author, error) {
	out, ok := a[ticket]
	if !ok {
		return out, fault.New(fault.Invalid, "capture-ticket")
	}
	if out.Caller != nil {
		w.By = out.Staff
		out.Caller = out.Caller.Carrying(w)
	}
	return out, nil
}

// failing is the real filing, which fails while it is told to.
type failing struct {
	filing *web.Filing
	err    error
	calls  int
}

func (f *failing) File(ctx context.Context, c *access.Caller, cmd ident.Command, x *intake.Filled) (ident.Case, error) {
	f.calls++
	if f.err != nil {
		return ident.Case{}, f.err
	}
	return f.filing.File(ctx, c, cmd, x.Kind, x.Number, x.Answers, x.At)
}

// phones is an office where forms come in from phones.
type phones struct {
	*accesstest.Office
	room                             *casework.Room
	captures                         *intake.Captures
	authors                          authors
	filer                            *failing
	amal, sender, boss, other, boss2 *access.Caller
}

func eachPhones(t *testing.T, body func(t *testing.T, o *phones)) {
	accesstest.Each(t, func(t *testing.T, a *accesstest.Office) {
		index := person.NewIndex(a.Ring.Derive("person/identifier"))
		room, err := casework.New(a.Gate, person.New(a.Pack, index), index, a.Pack, a.Clock, a.Ring.Derive("casework/cursor"))
		if err != nil {
			t.Fatal(err)
		}
		o := &phones{
			Office: a, room: room, authors: authors{}, filer: &failing{filing: web.NewFiling(room, a.Pack, time.UTC)},
			amal: a.Person(access.RoleCaseWorker, a.North), sender: a.Person(access.RoleAuditor, a.Head),
			boss: a.Person(access.RoleSupervisor, a.North), other: a.Person(access.RoleCaseWorker, a.North),
			boss2: a.Person(access.RoleSupervisor, a.South),
		}
		o.authors["amal"] = access.Author{Staff: o.amal.Staff(), Unit: a.North, Caller: o.amal}
		o.authors["late"] = access.Author{Staff: o.amal.Staff(), Unit: a.North, Why: "capture-late"}
		o.captures = intake.NewCaptures(intake.CaptureConfig{
			DB: a.DB, Gate: a.Gate, Box: a.Custody, Authors: o.authors, Filer: o.filer, Clock: a.Clock, Log: slog.New(slog.DiscardHandler),
		})
		body(t, o)
	})
}

type fields map[string][]string

// form is what a phone makes of a filled form.
func form(kind, ticket, number string, at time.Time, answers fields) []byte {
	b, err := json.Marshal(map[string]any{
		"v": 1, "ticket": ticket, "kind": kind, "number": number, "at": at.UnixMilli(), "answers": answers,
	})
	if err != nil {
		panic(err)
	}
	return b
}

// seal seals a form to the office, as the phone does.
func (o *phones) seal(t testing.TB, id ident.Capture, text []byte) []byte {
	t.Helper()
	public, err := o.Custody.CaptureKey()
	if err != nil {
		t.Fatal(err)
	}
	envelope, err := keys.SealCapture(public, id, text)
	if err != nil {
		t.Fatal(err)
	}
	return envelope
}

// send seals a form and sends it.
func (o *phones) send(t testing.TB, text []byte) ident.Capture {
	t.Helper()
	id := ident.New[ident.Capture]()
	if err := o.captures.Receive(ctx, o.sender, id, o.seal(t, id, text)); err != nil {
		t.Fatal(err)
	}
	return id
}

func noteFields() fields {
	return fields{"kind": {"home_visit"}, "contact_on": {"2026-03-01"}, "words": {"zebrafinch sang"}, "seen": {"calm"}}
}

func registration() fields {
	return fields{
		"name": {"Quartzlily"}, "age": {"12"}, "birth_certainty": {"probable"}, "sex": {"female"}, "language": {"en"},
		"region": {"XA-01"}, "risk": {"high"}, "basis": {"vital_interest"},
	}
}

func (o *phones) check() fields {
	f := fields{"age_about": {"15-17"}, "place_met": {"street"}, "language": {"en"}}
	rules := o.Pack.Screening()
	for _, q := range append(rules.First(), rules.Cards("15-17", "street")...) {
		f[casework.AnswerField(q.Code)] = []string{string(screening.No)}
	}
	return f
}

// child registers a case of amal's and returns it.
func (o *phones) child(t testing.TB) *casework.Child {
	t.Helper()
	id, err := o.room.Register(ctx, o.amal, ident.New[ident.Command](), casework.Registration{
		Person: person.Details{Names: []person.Name{{Text: sealed.NewText("Flintwren"), Kind: "known_as"}}}, Risk: "low", Basis: "vital_interest",
	})
	if err != nil {
		t.Fatal(err)
	}
	return o.open(t, id)
}

func (o *phones) open(t testing.TB, id ident.Case) *casework.Child {
	t.Helper()
	c, err := o.room.Open(ctx, o.amal, id)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func (o *phones) count(t testing.TB, query string, args ...any) (n int) {
	t.Helper()
	if err := o.DB.Read(ctx, func(tx *store.Tx) error { return tx.QueryRow(ctx, query, args...).Scan(&n) }); err != nil {
		t.Fatal(err)
	}
	return n
}

// waits returns the only form that waits for somebody.
func (o *phones) waits(t testing.TB, c *access.Caller) *intake.Capture {
	t.Helper()
	list, err := o.captures.Waiting(ctx, c)
	if err != nil || len(list) != 1 {
		t.Fatalf("waiting = %v, %v; want one", list, err)
	}
	return list[0]
}

const allCases = "SELECT COUNT(*) FROM casework_case"

func TestFormsAreFiledInTheAuthorsName(t *testing.T) {
	eachPhones(t, func(t *testing.T, o *phones) {
		c := o.child(t)
		wrote := o.Clock.Now()
		o.Clock.Advance(26 * time.Hour)
		note := o.send(t, form("note", "amal", c.Case.Number.String(), wrote, noteFields()))
		o.send(t, form("registration", "amal", "", wrote, registration()))
		o.send(t, form("check", "amal", "", wrote, o.check()))

		e := o.open(t, c.Case.ID).Events[0]
		if e.Kind != casework.KindNote || e.Author != o.amal.Staff() || e.Words.Reveal() != "zebrafinch sang" || e.Captured == nil ||
			!bytes.Equal(e.Captured.Sent, idBytes(o.sender.Staff())) || e.Captured.At != wrote.UnixMicro() {
			t.Errorf("the note: %+v, captured %+v", e, e.Captured)
		}
		if n := o.count(t, allCases); n != 3 {
			t.Errorf("%d cases, want 3", n)
		}
		if n := o.count(t, "SELECT COUNT(*) FROM intake_capture WHERE state = 'filed' AND sealed IS NULL AND settled_by IS NOT NULL"); n != 3 {
			t.Errorf("%d filed forms without their content, want 3", n)
		}
		// The journal says who sent it and in whose name it was filed, under one identifier.
		cmd := (&intake.Capture{ID: note}).Command()
		var sent, filed bool
		for _, h := range o.Entries(t) {
			if !bytes.Equal(h.Command, cmd[:]) {
				continue
			}
			sent = sent || h.What == "capture.receive" && bytes.Equal(h.Actor, idBytes(o.sender.Staff()))
			filed = filed || h.What == "case.note" && bytes.Equal(h.Actor, idBytes(o.amal.Staff()))
		}
		if !sent || !filed {
			t.Errorf("the journal names the sender: %v, the author: %v", sent, filed)
		}
	})
}

func TestAFormIsFiledOnce(t *testing.T) {
	eachPhones(t, func(t *testing.T, o *phones) {
		id := ident.New[ident.Capture]()
		envelope := o.seal(t, id, form("registration", "amal", "", o.Clock.Now(), registration()))
		for _, sender := range []*access.Caller{o.sender, o.amal, o.boss2} {
			if err := o.captures.Receive(ctx, sender, id, envelope); err != nil {
				t.Fatal(err)
			}
		}
		if n := o.count(t, allCases); n != 1 {
			t.Errorf("%d cases, want 1", n)
		}
		other := o.seal(t, id, form("registration", "amal", "", o.Clock.Now(), registration()))
		if err := o.captures.Receive(ctx, o.sender, id, other); fault.CodeOf(err) != "capture-other" {
			t.Errorf("another form under the same identifier: %v, want capture-other", err)
		}
		if n := o.count(t, allCases); n != 1 {
			t.Errorf("%d cases, want 1", n)
		}
	})
}

// TestTheNodeStopsBeforeItFiles: the form is safe, and the job files it; a job that
// runs after a filing that was not marked files nothing twice.
func TestTheNodeStopsBeforeItFiles(t *testing.T) {
	eachPhones(t, func(t *testing.T, o *phones) {
		none := func(context.Context) ([]ident.Case, error) { return nil, nil }
		o.filer.err = fault.New(fault.Unavailable, "disk-full")
		id := o.send(t, form("registration", "amal", "", o.Clock.Now(), registration()))
		if n := o.count(t, "SELECT COUNT(*) FROM intake_capture WHERE state = 'received'"); n != 1 {
			t.Fatalf("%d forms are safe, want 1", n)
		}
		o.filer.err = nil
		if err := o.captures.Carry(ctx, none); err != nil || o.count(t, allCases) != 0 {
			t.Fatalf("the job took a form that a request is at work on: %v", err)
		}
		o.Clock.Advance(2 * time.Minute)
		for range 2 {
			if err := o.captures.Carry(ctx, none); err != nil {
				t.Fatal(err)
			}
			if n := o.count(t, allCases); n != 1 {
				t.Fatalf("%d cases, want 1", n)
			}
			// As if the process had died between filing and marking.
			err := o.DB.Write(ctx, func(tx *store.Tx) error {
				public, err := o.Custody.SealNode("intake_capture", id[:], 9, &struct {
					_    struct{} `cbor:",toarray"`
					Form sealed.Bytes
					Why  sealed.Text
				}{Form: sealed.NewBytes(form("registration", "amal", "", o.Clock.Now(), registration()))})
				if err == nil {
					_, err = tx.Exec(ctx, "UPDATE intake_capture SET state = 'received', version = 9, sealed = $1", public)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestWhatCannotBeFiledWaits(t *testing.T) {
	eachPhones(t, func(t *testing.T, o *phones) {
		c := o.child(t)
		number := c.Case.Number.String()
		bad := registration()
		bad["risk"] = []string{"purple"}
		theirs, err := o.room.Register(ctx, o.other, ident.New[ident.Command](), casework.Registration{
			Person: person.Details{Names: []person.Name{{Text: sealed.NewText("Saltcedar"), Kind: "known_as"}}}, Risk: "low", Basis: "vital_interest",
		})
		if err != nil {
			t.Fatal(err)
		}
		foreign, err := o.room.Open(ctx, o.other, theirs)
		if err != nil {
			t.Fatal(err)
		}
		tests := []struct {
			what   string
			before func()
			text   []byte
			want   string
		}{
			{"a value that the list does not have", nil, form("registration", "amal", "", o.Clock.Now(), bad), "capture-incomplete"},
			{"no such number", nil, form("note", "amal", string(ident.NewCaseNumber()), o.Clock.Now(), noteFields()), "capture-no-reach"},
			{"not their case", nil, form("note", "amal", foreign.Case.Number.String(), o.Clock.Now(), noteFields()), "capture-no-reach"},
			{"a ticket that ran out", nil, form("note", "late", number, o.Clock.Now(), noteFields()), "capture-late"},
			{"a number with a slip", nil, form("note", "amal", "3333-3333-4", o.Clock.Now(), noteFields()), "capture-incomplete"},
			{"closed meanwhile", func() {
				err := o.room.Close(ctx, o.amal, ident.New[ident.Command](), c.Case.ID,
					casework.Closing{Decision: casework.Decision{To: "error", Seen: o.open(t, c.Case.ID).Case.Version}})
				if err != nil {
					t.Fatal(err)
				}
			}, form("note", "amal", number, o.Clock.Now(), noteFields()), "capture-closed"},
		}
		for _, tt := range tests {
			if tt.before != nil {
				tt.before()
			}
			id := o.send(t, tt.text)
			row := o.waits(t, o.amal)
			if row.ID != id || row.Reason != tt.want || row.Filled != nil {
				t.Errorf("%s: waits with %q, want %q, unopened", tt.what, row.Reason, tt.want)
			}
			if err := o.captures.Discard(ctx, o.amal, ident.New[ident.Command](), id, sealed.NewText("a test")); err != nil {
				t.Fatal(err)
			}
		}
		if got := len(o.open(t, c.Case.ID).Events); got != 2 { // registered, closed
			t.Errorf("%d events, want 2: something was filed after all", got)
		}
	})
}

// TestWhoDecides: the author and the supervisors of the unit, nobody else, and
// nobody twice.
func TestWhoDecides(t *testing.T) {
	eachPhones(t, func(t *testing.T, o *phones) {
		id := o.send(t, form("note", "late", string(ident.NewCaseNumber()), o.Clock.Now(), noteFields()))
		for _, c := range []*access.Caller{o.other, o.boss2, o.sender, o.Person(access.RoleNodeOperator, o.Head), nil} {
			if list, err := o.captures.Waiting(ctx, c); len(list) != 0 {
				t.Errorf("somebody else sees what waits: %v, %v", list, err)
			}
			if row, err := o.captures.Open(ctx, c, id); err == nil || row != nil {
				t.Errorf("somebody else opens it: %v", row)
			}
			if err := o.captures.Settle(ctx, c, id); err == nil {
				t.Error("somebody else settles it")
			}
			if err := o.captures.Discard(ctx, c, ident.New[ident.Command](), id, sealed.NewText("gone")); err == nil {
				t.Error("somebody else discards it")
			}
		}
		for _, c := range []*access.Caller{o.amal, o.boss, o.Person(access.RoleSupervisor, o.Head)} {
			o.waits(t, c)
			row, err := o.captures.Open(ctx, c, id)
			if err != nil || row.Filled.Answers.Get("words") != "zebrafinch sang" {
				t.Fatalf("opened %+v, %v", row, err)
			}
		}
		if err := o.captures.Discard(ctx, o.boss, ident.New[ident.Command](), id, sealed.Text{}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("discarded without a reason: %v", err)
		}
		carrying, err := o.captures.Carrying(ctx, o.boss, id)
		if err != nil {
			t.Fatal(err)
		}
		if w, ok := carrying.Carried(); !ok || w.By != o.amal.Staff() || w.Sent != o.sender.Staff() {
			t.Errorf("carried %+v", w)
		}
		if err := o.captures.Settle(ctx, o.boss, id); err != nil {
			t.Fatal(err)
		}
		for what, err := range map[string]error{
			"settled twice": o.captures.Settle(ctx, o.amal, id),
			"discarded":     o.captures.Discard(ctx, o.amal, ident.New[ident.Command](), id, sealed.NewText("x")),
		} {
			if fault.CodeOf(err) != "no-such-page" {
				t.Errorf("%s: %v, want no-such-page", what, err)
			}
		}
	})
}

// TestOthersWaitingHidesNothing: however much waits for other people, one's own is
// found.
func TestOthersWaitingHidesNothing(t *testing.T) {
	eachPhones(t, func(t *testing.T, o *phones) {
		south := ident.New[ident.Staff]()
		err := o.DB.Write(ctx, func(tx *store.Tx) error {
			for i := range 450 {
				id := ident.New[ident.Capture]()
				_, err := tx.Exec(ctx, `INSERT INTO intake_capture (received_at, version, id, author, unit, sent_by, kind, state, reason, digest)
					VALUES ($1, 1, $2, $3, $4, $3, 'note', 'waiting', 'capture-late', $2)`, int64(i/7), id, south, o.South)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		id := o.send(t, form("note", "late", "", o.Clock.Now(), noteFields()))
		for who, c := range map[string]*access.Caller{"author": o.amal, "supervisor": o.boss} {
			if row := o.waits(t, c); row.ID != id {
				t.Errorf("the %s finds another's", who)
			}
			if n, err := o.captures.Undecided(ctx, c); n != 1 || err != nil {
				t.Errorf("%s: %d undecided, %v; want 1", who, n, err)
			}
		}
		if n, err := o.captures.Undecided(ctx, o.boss2); n != 200 || err != nil {
			t.Errorf("the other supervisor: %d undecided, %v; want 200, the most that is shown", n, err)
		}
		if n, err := o.captures.Undecided(ctx, o.other); n != 0 || err != nil {
			t.Errorf("a colleague: %d undecided, %v; want 0", n, err)
		}
	})
}

// TestAWaitingFormGoesWithItsCase: when the case that it names is erased, so is it.
func TestAWaitingFormGoesWithItsCase(t *testing.T) {
	eachPhones(t, func(t *testing.T, o *phones) {
		c := o.child(t)
		err := o.room.Close(ctx, o.amal, ident.New[ident.Command](), c.Case.ID,
			casework.Closing{Decision: casework.Decision{To: "error", Seen: c.Case.Version}})
		if err != nil {
			t.Fatal(err)
		}
		o.send(t, form("note", "amal", c.Case.Number.String(), o.Clock.Now(), noteFields()))
		kept := o.send(t, form("note", "late", "", o.Clock.Now(), noteFields()))
		err = o.captures.Carry(ctx, func(context.Context) ([]ident.Case, error) { return []ident.Case{c.Case.ID}, nil })
		if err != nil {
			t.Fatal(err)
		}
		if row := o.waits(t, o.amal); row.ID != kept {
			t.Error("the wrong form was forgotten")
		}
		if n := o.count(t, "SELECT COUNT(*) FROM intake_capture WHERE reason = 'capture-erased' AND sealed IS NULL AND meant_for IS NULL"); n != 1 {
			t.Errorf("%d forms forgotten, want 1", n)
		}
	})
}

func TestWaitingFormsAreSealedAnew(t *testing.T) {
	eachPhones(t, func(t *testing.T, o *phones) {
		id := o.send(t, form("note", "late", "", o.Clock.Now(), noteFields()))
		if err := o.DB.Write(ctx, func(tx *store.Tx) error { _, err := o.Custody.RotateEpoch(ctx, tx); return err }); err != nil {
			t.Fatal(err)
		}
		below := []byte{0, 0, 0, 2}
		if n, err := o.captures.Reseal(ctx, below); n != 1 || err != nil {
			t.Fatalf("sealed %d anew, %v; want 1", n, err)
		}
		if n, err := o.captures.Reseal(ctx, below); n != 0 || err != nil {
			t.Fatalf("sealed %d anew, %v; want 0", n, err)
		}
		if row, err := o.captures.Open(ctx, o.amal, id); err != nil || row.Filled.Answers.Get("words") != "zebrafinch sang" {
			t.Errorf("opened %+v, %v", row, err)
		}
	})
}

func TestWhatIsNoFormIsRefused(t *testing.T) {
	eachPhones(t, func(t *testing.T, o *phones) {
		now := o.Clock.Now()
		good := string(form("note", "amal", "", now, noteFields()))
		for what, text := range map[string]string{
			"not JSON": "zebrafinch", "cut": good[:len(good)-3], "more after it": good + "{}", "another version": strings.Replace(good, `"v":1`, `"v":2`, 1),
			"another kind": strings.Replace(good, `"note"`, `"erase"`, 1), "an unknown member": `{"role":"supervisor",` + good[1:],
			"a forged ticket": strings.Replace(good, `"amal"`, `"boss"`, 1), "no time": strings.Replace(good, `"at":1`, `"at":-1`, 1),
		} {
			id := ident.New[ident.Capture]()
			if err := o.captures.Receive(ctx, o.sender, id, o.seal(t, id, []byte(text))); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%s: %v, want a refusal", what, err)
			}
		}
		id := ident.New[ident.Capture]()
		whole := o.seal(t, id, []byte(good))
		for what, err := range map[string]error{
			"cut":                o.captures.Receive(ctx, o.sender, id, whole[:len(whole)-1]),
			"another identifier": o.captures.Receive(ctx, o.sender, ident.New[ident.Capture](), whole),
		} {
			if fault.CodeOf(err) != "capture-unreadable" {
				t.Errorf("%s: %v, want capture-unreadable", what, err)
			}
		}
		if err := o.captures.Receive(ctx, nil, id, whole); err == nil {
			t.Error("nobody sent a form")
		}
		if n := o.count(t, "SELECT COUNT(*) FROM intake_capture"); n != 0 || o.filer.calls != 0 {
			t.Errorf("%d forms stored, %d filed; want none", n, o.filer.calls)
		}
	})
}

// FuzzFilled: whatever was sealed, reading it neither panics nor takes in what the
// phone does not write.
func FuzzFilled(f *testing.F) {
	f.Add(form("note", "amal", "", time.Unix(1_700_000_000, 0), noteFields()))
	f.Add([]byte(`{"v":1,"kind":"check","at":5,"answers":{"q":null}}`))
	f.Add([]byte(`{}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		x, err := intake.ParseFilled(b)
		if err != nil {
			if fault.CodeOf(err) != "capture-unreadable" {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		if x.Kind == "" || x.At.IsZero() || len(x.Answers) > 200 {
			t.Fatalf("took %+v", x)
		}
	})
}

func idBytes(id ident.Staff) []byte { return id[:] }
