package demo

import (
	"context"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/oversight"
)

// complaint is one complaint of the demo, and how far it has come.
type complaint struct {
	matter, by, how, language, safe, text string

	received, note, answer, outcome, change string
}

var complaints = []complaint{
	{matter: "no_language", by: "child", how: "in_person", language: "ar", safe: "safe", text: "At the station nobody spoke Arabic. I signed and did not know what."},
	{
		matter: "slow_help", by: "guardian", how: "phone", language: "fr", safe: "unknown", text: "We have asked for a school place three times since spring.",
		received: "We have it, and ask the team why.", note: "The first two letters lie unread in the team's post.",
	},
	{
		matter: "wrong_data", by: "parent", how: "letter", language: "en", safe: "safe", text: "The paper says that I was there that night. I was at work.",
		received: "We have your letter.", answer: "You are right. The two nights were mixed up.", outcome: "upheld",
		change: "Correct the record, and tell the court that has the paper.",
	},
}

// oversight lets people complain through a worker whom nobody signs in as, and the
// ombudsperson look into it and into who was refused.
func (t *teller) oversight(ctx context.Context, all []*partner) error {
	i := slices.IndexFunc(all, func(p *partner) bool { return p.role == access.RoleOmbudsperson })
	worker := -1
	for j := range t.staff {
		if t.staff[j].Role == access.RoleCaseWorker && !t.visitor(j) {
			worker = j
		}
	}
	if i < 0 || worker < 0 {
		return nil
	}
	as, room, target := t.as(worker, worker), t.n.Oversight, oversight.Target{About: oversight.AboutSystem}
	if agency, ok := t.agency(ctx); ok {
		target = oversight.Target{About: oversight.AboutAgency, Agency: agency}
	}
	ombud := t.partner(all[i])
	for i := range complaints {
		c := &complaints[i]
		id, err := room.File(ctx, as, newCommand(), oversight.Filing{
			Target: target, Matter: c.matter, By: c.by, How: c.how, Language: c.language, Safe: c.safe, Words: words(c.text),
		})
		if err == nil && c.received != "" {
			err = room.Acknowledge(ctx, ombud, newCommand(), id, target, words(c.received))
		}
		if err == nil && c.note != "" {
			err = room.Note(ctx, ombud, newCommand(), id, words(c.note))
		}
		if err == nil && c.answer != "" {
			err = room.Answer(ctx, ombud, newCommand(), id, oversight.Answer{
				Outcome: c.outcome, Words: words(c.answer), Change: words(c.change), Unit: t.units[t.staff[worker].Unit],
				By: t.when.Now().Add(14 * 24 * time.Hour), ToldHow: c.how,
			})
		}
		if err != nil {
			return fmt.Errorf("complaint %d: %w", i, err)
		}
	}
	return t.inquiry(ctx, ombud)
}

// agency is the one that the staff of the demo works for.
func (t *teller) agency(ctx context.Context) (ident.Agency, bool) {
	dir, err := t.n.Office.Directory(ctx)
	if err != nil {
		return ident.Agency{}, false
	}
	a, ok := dir.AgencyOf(t.units[0])
	return a.ID, ok
}

// inquiry looks into refusals.
func (t *teller) inquiry(ctx context.Context, ombud *access.Caller) error {
	id, err := t.n.Oversight.Begin(ctx, ombud, newCommand(), oversight.Question{
		About: oversight.AboutAct, Act: "denials", From: t.when.Now().Add(-90 * 24 * time.Hour), Reason: words("More people were refused this season than in the one before."),
	})
	if err == nil {
		err = t.n.Oversight.Find(ctx, ombud, newCommand(), id, words("Most were colleagues who looked for a child that had moved to another team."))
	}
	if err != nil {
		return fmt.Errorf("inquiry: %w", err)
	}
	return nil
}
