package demo

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fixture"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// The stories pass the same gates as everybody: what a gate asks for is recorded
// before, as a paper of the invented office.

// stage tells a change of stage.
func (t *teller) stage(ctx context.Context, room *casework.Room, as *access.Caller, id ident.Case, what told) error {
	e, now := what.event, t.when.Now()
	text := sealed.NewText(e.Text)
	if e.Stage == casework.StageMissing {
		return room.ReportMissing(ctx, as, ident.Command{}, id, casework.Report{
			Since: now.Add(-missedAfter), Text: text, Told: sealed.NewText("Police, night desk"), Reference: sealed.NewText("M-" + id.String()[:4]),
		})
	}
	if what.back {
		if err := room.FoundMissing(ctx, as, ident.Command{}, id, casework.Return{Found: now, Text: text}); err != nil {
			return err
		}
		return room.ReturnTalk(ctx, as, ident.Command{}, id, casework.Talk{
			Question: sealed.NewText("What made you go, and what would keep you here?"), Words: sealed.NewText("I wanted to see somebody. I am tired now."),
			Language: "en", Alone: "yes",
		})
	}
	if record := recordFor[e.Stage]; record != "" {
		if err := t.record(ctx, room, as, id, record); err != nil {
			return err
		}
	}
	return room.ChangeStage(ctx, as, ident.Command{}, id, casework.Decision{To: e.Stage, Text: text})
}

// missedAfter is how long somebody was away before it was noticed.
const missedAfter = 40 * time.Minute

// recordFor is the record that the stories finish before a stage.
var recordFor = map[string]string{"assessed": "full_assessment", "planned": "plan", "solution": "durable_solution"}

// record records that a paper of the case was finished.
func (t *teller) record(ctx context.Context, room *casework.Room, as *access.Caller, id ident.Case, state string) error {
	return room.RecordStatus(ctx, as, ident.Command{}, id, casework.Status{
		State: state, From: t.when.Now(),
		StatusDetails: casework.StatusDetails{Reference: sealed.NewText("Folder " + id.String()[:4])},
	})
}

// close tells a closing.
func (t *teller) close(ctx context.Context, room *casework.Room, as *access.Caller, id ident.Case, e fixture.Event) error {
	d := casework.Closing{
		Decision: casework.Decision{To: e.Reason, Text: sealed.NewText(e.Text)}, LastWord: optText(e.Words),
		Continues: sealed.NewText("The door stays open."),
	}
	for _, need := range t.n.Pack.CloseGate(e.Reason).Needs {
		switch need {
		case pack.NeedTransition:
			if err := t.record(ctx, room, as, id, "transition_planned"); err != nil {
				return err
			}
		case pack.NeedChildDeclined:
			d.Declined = "child"
			if d.LastWord.IsZero() {
				d.LastWord = sealed.NewText("I can go on alone now.")
			}
		}
	}
	return room.CloseUnread(ctx, as, ident.Command{}, id, d)
}
