package intake_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/forms"
	"causeway/internal/ident"
	"causeway/internal/intake"
	"causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// register puts rows into a real register and returns the room.
func register(t *testing.T, o *accesstest.Office, boss *access.Caller, rows []*intake.Row) *casework.Room {
	t.Helper()
	index := person.NewIndex([32]byte{1})
	room, err := casework.New(o.Gate, person.New(o.Pack, index), index, o.Pack, o.Clock, [32]byte{2})
	if err != nil {
		t.Fatal(err)
	}
	lib, err := forms.NewLibrary(o.Pack)
	if err != nil {
		t.Fatal(err)
	}
	if err := o.DB.Write(t.Context(), func(tx *store.Tx) error { return lib.Install(t.Context(), tx) }); err != nil {
		t.Fatal(err)
	}
	room.Fill(forms.New(lib))
	cases := &intake.Cases{Gate: o.Gate, Room: room, Staff: func(context.Context, string) (ident.Staff, bool) { return ident.Staff{}, false }}
	if err := cases.Register(t.Context(), boss, rows, func(context.Context, *access.Pass) error { return nil }); err != nil {
		t.Fatal(err)
	}
	return room
}

// wholeCases reads every case of the register back, by the name of its child.
func wholeCases(t *testing.T, room *casework.Room, boss *access.Caller, profile string) map[string]*intake.Whole {
	t.Helper()
	page, err := room.List(t.Context(), boss, casework.Query{})
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]*intake.Whole{}
	for _, row := range page.Rows {
		l, err := room.Records(t.Context(), boss, row.Case.ID, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		w := intake.WholeOf(l, profile)
		out[w.Person.Called().Reveal()+w.Person.Identifiers[0].Value.Reveal()] = w
	}
	return out
}

// Into the register and out of it again: the file of all 84 fields is what it was.
func TestHTCDSThroughTheRegister(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		content, want := htcdsFile(t)
		_, rows := wholes(t, content)
		boss := o.Person(access.RoleSupervisor, o.North)
		room := register(t, o, boss, rows)
		by := wholeCases(t, room, boss, intake.HTCDS)
		var cases []*intake.Whole
		for _, r := range rows {
			w := by[r.Names[0].Text+r.Identifiers[0].Value]
			if w == nil {
				t.Fatalf("the case of row %d is not there", r.Number)
			}
			cases = append(cases, w)
		}
		if n := len(cases[0].Answers); n < 3 {
			t.Errorf("the file became answers to %d forms, want 3", n)
		}
		header, got := writer(t, intake.HTCDS).Table(cases)
		if diff := cmp.Diff(want, append([][]string{header}, got...)); diff != "" {
			t.Errorf("want -, got +\n%s", diff)
		}
	})
}

// What people do in the record afterwards is what goes out.
func TestWhatHappenedSinceGoesOut(t *testing.T) {
	o := accesstest.New(t)
	content, _ := htcdsFile(t)
	_, rows := wholes(t, content)
	boss := o.Person(access.RoleSupervisor, o.North)
	room := register(t, o, boss, rows[:1])
	page, err := room.List(t.Context(), boss, casework.Query{})
	if err != nil {
		t.Fatal(err)
	}
	id := page.Rows[0].Case.ID
	l, err := room.Records(t.Context(), boss, id, time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range l.Records {
		if r.Form.ID != "plan" {
			continue
		}
		in := casework.RecordInput{Form: "plan", Record: r.Record, Base: r.Number, Answers: forms.Answers{
			"aim": {State: forms.Given, Text: sealed.NewText("A school near her aunt")},
		}}
		if _, err := room.SaveRecord(t.Context(), boss, ident.New[ident.Command](), id, in); err != nil {
			t.Fatal(err)
		}
	}
	for _, w := range wholeCases(t, room, boss, intake.HTCDS) {
		header, got := writer(t, intake.HTCDS).Table([]*intake.Whole{w})
		for i, name := range header {
			if name == "spl_Objectives" && got[0][i] != "A school near her aunt" {
				t.Errorf("the plan goes out as it came in: %q", got[0][i])
			}
		}
	}
}
