package casework_test

import (
	"context"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/person"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// office is an office with its case room.
type office struct {
	*accesstest.Office
	room    *casework.Room
	persons *person.Room
	index   *person.Index
}

func open(t testing.TB, o *accesstest.Office) *office {
	t.Helper()
	index := person.NewIndex(o.Ring.Derive("person/identifier"))
	persons := person.New(o.Pack, index)
	room, err := casework.New(o.Gate, persons, index, o.Pack, o.Clock, o.Ring.Derive("casework/cursor"))
	if err != nil {
		t.Fatal(err)
	}
	o.Gate.EraseWith(casework.EraseRows)
	fill(t, o, room, trialForm)
	return &office{o, room, persons, index}
}

func each(t *testing.T, body func(t *testing.T, o *office)) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) { body(t, open(t, o)) })
}

var ctx = context.Background()

// girl is the registration of an invented child.
func girl() casework.Registration {
	return casework.Registration{
		Person: person.Details{
			Names:       []person.Name{{Text: sealed.NewText("Ilara Tesh"), Kind: "known_as", Script: "Latn"}},
			Birth:       person.Birth{Earliest: date("2011-01-01"), Latest: date("2012-12-31"), Source: "child", PresumedChild: true},
			SexRecorded: "female",
			Languages:   []string{"en"},
			Identifiers: []person.Identifier{{Kind: "other", Value: sealed.NewText("XA-77 401")}},
		},
		Risk: "high", RiskReasons: []string{"threats"}, Basis: "vital_interest",
	}
}

func date(s string) sealed.Date {
	d, err := sealed.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

func command() ident.Command { return ident.New[ident.Command]() }

func (o *office) register(t testing.TB, c *access.Caller) ident.Case {
	t.Helper()
	id, err := o.room.Register(ctx, c, command(), girl())
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestRegisterOpenNote(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		err := o.room.AddNote(ctx, worker, command(), id, casework.Note{
			Kind: "conversation", Words: sealed.NewText("I want to go to school."), Seen: sealed.NewText("Calm."),
		})
		if err != nil {
			t.Fatal(err)
		}
		child, err := o.room.Open(ctx, worker, id)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := child.Person.Details.Called().Reveal(), "Ilara Tesh"; got != want {
			t.Errorf("name = %q, want %q", got, want)
		}
		if len(child.Events) != 2 || child.Events[0].Words.Reveal() != "I want to go to school." {
			t.Errorf("events = %d, want the note first of 2", len(child.Events))
		}
		if want := accesstest.Start.AddDate(0, 0, 7); !child.Case.NextContact.Equal(want) {
			t.Errorf("next contact = %v, want %v after a talk at high risk", child.Case.NextContact, want)
		}
		if child.Case.Stage != casework.StageRegistered || child.Case.AgeBand != "12-14" {
			t.Errorf("stage, age band = %s, %s", child.Case.Stage, child.Case.AgeBand)
		}
		var actions []string
		for _, h := range o.Entries(t) {
			actions = append(actions, h.What)
		}
		if len(actions) != 3 || actions[0] != "case.register" || actions[2] != "case.open" {
			t.Errorf("entries = %v, want register, note, open", actions)
		}
	})
}

func TestSameFormTwiceIsOneCase(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		cmd := command()
		first, err := o.room.Register(ctx, worker, cmd, girl())
		if err != nil {
			t.Fatal(err)
		}
		second, err := o.room.Register(ctx, worker, cmd, girl())
		if err != nil || first != second {
			t.Errorf("second = %v, %v, want %v", second, err, first)
		}
		if n := len(o.Entries(t)); n != 1 {
			t.Errorf("entries = %d, want 1", n)
		}
		other := o.Person(access.RoleCaseWorker, o.North)
		if _, err := o.room.Register(ctx, other, cmd, girl()); !fault.Is(err, fault.NotFound) {
			t.Errorf("somebody else's command = %v, want refused", err)
		}
	})
}

func TestWhoMayNotOpen(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		for name, c := range map[string]*access.Caller{
			"a colleague of the unit":     o.Person(access.RoleCaseWorker, o.North),
			"a supervisor of another":     o.Person(access.RoleSupervisor, o.South),
			"the node operator":           o.Person(access.RoleNodeOperator, o.Head),
			"the auditor":                 o.Person(access.RoleAuditor, o.Head),
			"nobody":                      nil,
			"a caller not from the gate":  new(access.Caller),
			"a job that is not for cases": o.Gate.Job("search-index"),
		} {
			_, err := o.room.Open(ctx, c, id)
			unknown := func() error { _, err := o.room.Open(ctx, c, ident.New[ident.Case]()); return err }()
			if !fault.Is(err, fault.NotFound) || err.Error() != unknown.Error() {
				t.Errorf("%s: open = %v, unknown = %v, want the same not found", name, err, unknown)
			}
		}
		for _, c := range []*access.Caller{o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.Head)} {
			if _, err := o.room.Open(ctx, c, id); err != nil {
				t.Errorf("supervisor above the case: %v", err)
			}
		}
		denied := 0
		for _, h := range o.Entries(t) {
			if h.Outcome == journal.Denied {
				denied++
			}
		}
		if denied != 14 {
			t.Errorf("denials in the journal = %d, want 14", denied)
		}
	})
}

func TestWithheldBeatsRole(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, worker)
		if err := o.room.Withhold(ctx, worker, command(), id, boss.Staff(), sealed.NewText("A relative of the accused.")); err != nil {
			t.Fatal(err)
		}
		if _, err := o.room.Open(ctx, boss, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("open of a withheld case = %v, want not found", err)
		}
		head := o.Person(access.RoleSupervisor, o.Head)
		err := o.room.Assign(ctx, head, command(), id, boss.Staff(), o.North, sealed.Text{}, 0)
		if fields := fault.FieldsOf(err); len(fields) != 1 || fields[0].Code != "withheld-from" {
			t.Errorf("assigning to whom it is withheld from = %v, want refused", err)
		}
		page, err := o.room.List(ctx, boss, casework.Query{})
		if err != nil || len(page.Rows) != 0 || page.Total != 0 {
			t.Errorf("list = %d rows, total %d, %v; want none", len(page.Rows), page.Total, err)
		}
	})
}

func TestDeputyActsForLead(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		lead := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, lead)
		deputy := o.As(access.Signed{
			Staff: ident.New[ident.Staff](), Role: access.RoleCaseWorker, Unit: o.North,
			DeputyFor: []ident.Staff{lead.Staff()},
		})
		if _, err := o.room.Open(ctx, deputy, id); err != nil {
			t.Errorf("open by deputy: %v", err)
		}
		today, err := o.room.Today(ctx, deputy, accesstest.Start.AddDate(0, 0, 30))
		if err != nil || len(today.Mine) != 1 {
			t.Errorf("today = %v, want the lead's child", err)
		}
	})
}

func TestAssignMovesReach(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		next := o.Person(access.RoleCaseWorker, o.South)
		id := o.register(t, worker)
		if err := o.room.Assign(ctx, worker, command(), id, next.Staff(), o.South, sealed.Text{}, 0); !fault.Is(err, fault.NotFound) {
			t.Errorf("a worker assigned a case: %v", err)
		}
		if err := o.room.Assign(ctx, boss, command(), id, next.Staff(), o.South, sealed.NewText("Moved."), 1); err != nil {
			t.Fatal(err)
		}
		if _, err := o.room.Open(ctx, worker, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("the lead before still opens: %v", err)
		}
		if _, err := o.room.Open(ctx, boss, id); !fault.Is(err, fault.NotFound) {
			t.Errorf("the unit before still opens: %v", err)
		}
		if _, err := o.room.Open(ctx, next, id); err != nil {
			t.Errorf("the new lead: %v", err)
		}
	})
}

func TestLifeOfACase(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.North)
		id := o.register(t, boss)
		if err := o.room.ChangeRisk(ctx, boss, command(), id, casework.Decision{To: "low", Text: sealed.NewText("Settled."), Seen: 1}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.ChangeStage(ctx, boss, command(), id, casework.Decision{To: "assessed", Seen: 1}); !fault.Is(err, fault.Conflict) {
			t.Errorf("decision on an old page = %v, want conflict", err)
		}
		missing := casework.Report{Since: o.Clock.Now(), Text: sealed.NewText("Not in the room at seven.")}
		if err := o.room.ReportMissing(ctx, boss, command(), id, missing); err != nil {
			t.Fatal(err)
		}
		if err := o.room.Close(ctx, boss, command(), id, casework.Closing{Decision: casework.Decision{To: "other"}, Continues: sealed.NewText("School.")}); fault.CodeOf(err) != "missing-not-closed" {
			t.Errorf("closing a missing child's case = %v, want refused", err)
		}
		if err := o.room.FoundMissing(ctx, boss, command(), id, casework.Return{Found: o.Clock.Now(), Text: sealed.NewText("Came back.")}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.Close(ctx, boss, command(), id, casework.Closing{
			Decision: casework.Decision{To: "other"}, LastWord: sealed.NewText("Goodbye."), Continues: sealed.NewText("School."),
		}); err != nil {
			t.Fatal(err)
		}
		if err := o.room.ChangeRisk(ctx, boss, command(), id, casework.Decision{To: "high", Text: sealed.NewText("x")}); fault.CodeOf(err) != "case-closed" {
			t.Errorf("risk of a closed case = %v, want case-closed", err)
		}
		if err := o.room.Reopen(ctx, boss, command(), id, casework.Decision{To: "other", Text: sealed.NewText("Came back.")}); err != nil {
			t.Fatal(err)
		}
		child, err := o.room.Open(ctx, boss, id)
		if err != nil || child.Case.Closed() || child.Case.NextContact.IsZero() {
			t.Errorf("reopened = %+v, %v", child, err)
		}
	})
}

func TestSearchFindsNumberAndIdentifier(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		child, err := o.room.Open(ctx, worker, id)
		if err != nil {
			t.Fatal(err)
		}
		fresh := person.NewIndex(o.Ring.Derive("person/identifier"))
		if err := fresh.Refresh(ctx, o.Gate); err != nil {
			t.Fatal(err)
		}
		if got := fresh.Find("xa77401"); len(got) != 1 || got[0] != id {
			t.Errorf("a reloaded index found %d cases, want 1", len(got))
		}
		for _, q := range []string{child.Case.Number.String(), "xa 77-401", "XA٧٧٤٠١"} {
			rows, _, err := o.room.Search(ctx, worker, sealed.NewText(q))
			if err != nil || len(rows) != 1 {
				t.Errorf("search = %d rows, %v, want 1", len(rows), err)
			}
			rows, _, err = o.room.Search(ctx, o.Person(access.RoleCaseWorker, o.South), sealed.NewText(q))
			if err != nil || len(rows) != 0 {
				t.Errorf("a stranger's search = %d rows, %v, want none", len(rows), err)
			}
		}
	})
}

func TestListPagesAndFilters(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker, boss := o.Person(access.RoleCaseWorker, o.North), o.Person(access.RoleSupervisor, o.North)
		var many []casework.Registration
		for i := range 120 {
			g := girl()
			g.Person.Identifiers = nil
			if i%3 == 0 {
				g.Risk = "low"
			}
			many = append(many, g)
		}
		err := o.Gate.Group(ctx, func(g *access.Gate) error {
			for _, reg := range many {
				if _, err := o.room.In(g).Register(ctx, worker, ident.Command{}, reg); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []*access.Caller{worker, boss} {
			seen := map[ident.Case]bool{}
			q := casework.Query{Risk: "high"}
			var prev string
			for range 3 {
				page, err := o.room.List(ctx, c, q)
				if err != nil {
					t.Fatal(err)
				}
				if q.Cursor == "" && page.Total != 80 {
					t.Errorf("total = %d, want 80", page.Total)
				}
				for _, r := range page.Rows {
					if seen[r.Case.ID] || r.Case.Risk != "high" {
						t.Errorf("row twice or of another risk")
					}
					seen[r.Case.ID] = true
				}
				q.Cursor, prev = page.Next, page.Prev
				if q.Cursor == "" {
					break
				}
			}
			if len(seen) != 80 || prev == "" {
				t.Errorf("paged %d cases, want 80; previous page offered: %v", len(seen), prev != "")
			}
			back, err := o.room.List(ctx, c, casework.Query{Risk: "high", Cursor: prev})
			if err != nil || len(back.Rows) != 50 || back.Next == "" || back.Prev != "" {
				t.Errorf("back = %v", err)
			}
			if _, err := o.room.List(ctx, c, casework.Query{Risk: "low", Cursor: prev}); !fault.Is(err, fault.Invalid) {
				t.Errorf("a cursor of another filter = %v, want invalid", err)
			}
		}
	})
}

func TestAlteredRowsAreFound(t *testing.T) {
	edits := map[string]string{
		"edited column":    `UPDATE casework_case SET risk = 'low'`,
		"moved sealed":     `UPDATE person_person SET sealed = row_mac`,
		"event deleted":    `DELETE FROM casework_event`,
		"event edited":     `UPDATE casework_event SET kind = 'note'`,
		"version set back": `UPDATE casework_case SET version = version - 1`,
	}
	for name, edit := range edits {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, o *office) {
				worker := o.Person(access.RoleCaseWorker, o.North)
				id := o.register(t, worker)
				err := o.DB.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, edit); return err })
				if err != nil {
					t.Fatal(err)
				}
				if _, err := o.room.Open(ctx, worker, id); err == nil {
					t.Error("an altered record opened")
				}
				if name == "edited column" || name == "version set back" {
					if err := o.room.AddNote(ctx, worker, command(), id, casework.Note{Kind: "other", Seen: sealed.NewText("x")}); err == nil {
						t.Error("an altered record was written over")
					}
				}
			})
		})
	}
}

func TestOlderRowPutBackIsFound(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		exec := func(q string) {
			t.Helper()
			if err := o.DB.Write(ctx, func(tx *store.Tx) error { _, err := tx.Exec(ctx, q); return err }); err != nil {
				t.Fatal(err)
			}
		}
		exec(`CREATE TABLE casework_old AS SELECT * FROM casework_case`)
		exec(`CREATE TABLE casework_oldevent AS SELECT * FROM casework_event`)
		if err := o.room.SetContact(ctx, worker, command(), id, accesstest.Start.Add(48*time.Hour), sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		exec(`DELETE FROM casework_case`)
		exec(`DELETE FROM casework_event`)
		exec(`INSERT INTO casework_case SELECT * FROM casework_old`)
		exec(`INSERT INTO casework_event SELECT * FROM casework_oldevent`)
		if _, err := o.room.Open(ctx, worker, id); fault.CodeOf(err) != "record-altered" {
			t.Errorf("open of an older row = %v, want record-altered", err)
		}
	})
}

func TestBadInputStoresNothing(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		for name, spoil := range map[string]func(*casework.Registration){
			"no name":     func(g *casework.Registration) { g.Person.Names = nil },
			"no risk":     func(g *casework.Registration) { g.Risk = "" },
			"forged code": func(g *casework.Registration) { g.Region = "'; DROP" },
			"override":    func(g *casework.Registration) { g.Person.Names[0].Text = sealed.NewText("A\u202Ecba") },
			"control":     func(g *casework.Registration) { g.RiskText = sealed.NewText("a\x00b") },
			"too long":    func(g *casework.Registration) { g.Person.Names[0].Text = sealed.NewText(string(make([]byte, 300))) },
		} {
			g := girl()
			spoil(&g)
			if _, err := o.room.Register(ctx, worker, command(), g); !fault.Is(err, fault.Invalid) || len(fault.FieldsOf(err)) == 0 {
				t.Errorf("%s: %v, want invalid with a field", name, err)
			}
		}
		if n := len(o.Entries(t)); n != 0 {
			t.Errorf("entries = %d, want none", n)
		}
	})
}
