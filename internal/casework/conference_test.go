package casework_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/journal"
	"causeway/internal/sealed"
)

func held(o *office, lead *access.Caller) casework.Held {
	staff := lead.Staff()
	return casework.Held{
		Conference: casework.Conference{
			Day: date("2026-01-05"), TookPart: "asked", View: sealed.NewText("I want to stay with my friend."),
			Attended: []casework.Attendee{{Staff: staff[:], Sector: "child_protection"}, {Name: sealed.NewText("Dr. Amara"), Sector: "health", Absent: true}},
			Points: []casework.Point{
				{Topic: sealed.NewText("School"), Said: sealed.NewText("There is a place."), Decision: sealed.NewText("She starts.")},
				{Topic: sealed.NewText("Safety")},
			},
		},
		Tasks: []*casework.Task{{Text: sealed.NewText("Take her there."), For: casework.ForLead, Day: o.in(3)}, nil},
	}
}

// TestDecisionsOfAConferenceBecomeTasks in the same act.
func TestDecisionsOfAConferenceBecomeTasks(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		h, cmd := held(o, worker), command()
		h.Day = date(o.Clock.Now().Format("2006-01-02"))
		for range 2 { // the same form twice is one conference
			if err := o.room.Confer(ctx, worker, cmd, id, h); err != nil {
				t.Fatal(err)
			}
		}
		child := o.child(t, worker, id)
		e := child.Events[0]
		if len(child.Events) != 2 || e.Kind != casework.KindConference || e.Conference == nil || len(e.Conference.Attended) != 2 || !e.Conference.Attended[1].Absent {
			t.Fatalf("event = %+v", e)
		}
		if e.Conference.View.Reveal() != "I want to stay with my friend." || e.Conference.Points[0].Decision.Reveal() != "She starts." {
			t.Errorf("conference = %+v", e.Conference)
		}
		if len(child.Tasks) != 1 || string(e.Conference.Points[0].Task) != string(child.Tasks[0].ID[:]) || string(e.Of) != string(child.Tasks[0].About[:]) || len(e.Conference.Points[1].Task) != 0 {
			t.Errorf("tasks = %+v, want that of the first point", child.Tasks)
		}
		if due := o.duesOf(t, worker, id, "task"); len(due) != 1 || due[0].Owner != worker.Staff() {
			t.Errorf("due = %+v", due)
		}
		if r := o.reconcile(t); r.Exit != journal.Sound {
			t.Errorf("reconciliation = %+v", r)
		}
	})
}

func TestWhatAConferenceNeedsAndWhoMayNot(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		id := o.register(t, worker)
		today := date(o.Clock.Now().Format("2006-01-02"))
		for field, change := range map[string]func(*casework.Held){
			"contact_on":      func(h *casework.Held) { h.Day = date("2090-01-01") },
			"took_part":       func(h *casework.Held) { h.TookPart = "" },
			"attend_name_1":   func(h *casework.Held) { h.Attended[1].Name = sealed.Text{} },
			"attend_sector_0": func(h *casework.Held) { h.Attended[0].Sector = "circus" },
			"attend_name_0":   func(h *casework.Held) { h.Attended = nil },
			"point_topic_0":   func(h *casework.Held) { h.Points, h.Tasks = nil, nil },
			"point_topic_1":   func(h *casework.Held) { h.Points[1].Topic = sealed.Text{} },
			"task_day_0":      func(h *casework.Held) { h.Tasks[0].Day = o.in(-9) },
			"task_for_0": func(h *casework.Held) {
				h.Tasks[0].For = casework.ForHelper
				h.Tasks[0].Helper = o.Person(access.RoleCaseWorker, o.North).Staff()
			},
		} {
			h := held(o, worker)
			h.Day = today
			change(&h)
			err := o.room.Confer(ctx, worker, command(), id, h)
			if f := fault.FieldsOf(err); len(f) == 0 || f[0].Name != field {
				t.Errorf("%s = %v %v, want refused there", field, err, f)
			}
		}
		h := held(o, worker)
		h.Day = today
		for name, c := range map[string]*access.Caller{
			"a colleague": o.Person(access.RoleCaseWorker, o.North), "another unit": o.Person(access.RoleSupervisor, o.South),
			"the auditor": o.Person(access.RoleAuditor, o.Head), "nobody": nil,
		} {
			if err := o.room.Confer(ctx, c, command(), id, h); !fault.Is(err, fault.NotFound) {
				t.Errorf("by %s = %v, want not found", name, err)
			}
		}
		if child := o.child(t, worker, id); len(child.Tasks) != 0 || len(child.Events) != 1 {
			t.Errorf("%d tasks, %d events, want none of it", len(child.Tasks), len(child.Events))
		}
	})
}
