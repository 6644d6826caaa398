package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fixture"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// told is one event of one child's story.
type told struct {
	child int
	event fixture.Event
	back  bool // the child was missing until then
}

// stories tells what happened to n children, day by day, each half day in one
// commit, and, where whole says so, the whole way of one more. It returns the number of
// that one's case.
func (t *teller) stories(ctx context.Context, n int, progress func(percent int)) (string, error) {
	children := make([]fixture.Child, 0, n)
	var all []told
	for c := range t.world.Children(n) {
		stage := ""
		for _, e := range t.world.Story(c, t.staff) {
			all = append(all, told{len(children), e, e.Kind == fixture.StageSet && stage == casework.StageMissing})
			if e.Stage != "" {
				stage = e.Stage
			}
		}
		children = append(children, c)
	}
	slices.SortStableFunc(all, func(a, b told) int { return a.event.At.Compare(b.event.At) })
	t.cases, t.leads = make(map[int]ident.Case, n), make(map[int]int, n)
	shown := -1
	one, left, reviewed := t.newWhole(n), wholeSteps, false
	if !t.whole {
		left = nil
	}
	for start := 0; start < len(all); {
		var err error
		if left, err = one.until(ctx, left, t.today, all[start].event.At); err != nil {
			return "", err
		}
		if at := t.today.Add(-reviewsAgo); !reviewed && all[start].event.At.After(at) {
			t.when.set(at)
			if err := t.reviews(ctx, children); err != nil {
				return "", err
			}
			reviewed = true
		}
		end := start + 1
		for end < len(all) && end-start < access.GroupMost && all[end].event.At.Sub(all[start].event.At) < 12*time.Hour {
			end++
		}
		t.when.set(all[start].event.At)
		if err := t.group(ctx, children, all[start:end]); err != nil {
			return "", err
		}
		start = end
		if p := 100 * start / len(all); p != shown && progress != nil {
			progress(p)
			shown = p
		}
	}
	if _, err := one.until(ctx, left, t.today, t.today); err != nil || !t.whole {
		return "", err
	}
	child, err := t.n.Cases.Open(ctx, one.worker, one.id)
	if err != nil {
		return "", err
	}
	return child.Case.Number.String(), nil
}

// group tells a few events in one commit.
func (t *teller) group(ctx context.Context, children []fixture.Child, events []told) error {
	made, leads := map[int]ident.Case{}, map[int]int{}
	err := t.n.Gate.Group(ctx, func(g *access.Gate) error {
		room := t.n.Cases.In(g)
		clear(made)
		clear(leads)
		for _, e := range events {
			if e.event.Kind == fixture.Registered {
				id, err := t.register(ctx, room, &children[e.child], e.event)
				if err != nil {
					return fmt.Errorf("child %d: %w", e.child, err)
				}
				made[e.child] = id
				leads[e.child] = t.world.Lead(children[e.child], t.staff)
				continue
			}
			id, ok := t.cases[e.child]
			if !ok {
				id = made[e.child]
			}
			lead, ok := leads[e.child]
			if !ok {
				lead = t.leads[e.child]
			}
			if e.event.Kind == fixture.Assigned {
				leads[e.child] = e.event.To
			}
			if err := t.tell(ctx, room, id, lead, e); err != nil {
				return fmt.Errorf("child %d, %s: %w", e.child, e.event.Kind, err)
			}
		}
		return nil
	})
	maps.Copy(t.cases, made)
	maps.Copy(t.leads, leads)
	return err
}

// register opens the case of a child.
func (t *teller) register(ctx context.Context, room *casework.Room, c *fixture.Child, e fixture.Event) (ident.Case, error) {
	d, err := Details(c)
	if err != nil {
		return ident.Case{}, err
	}
	lead := t.world.Lead(*c, t.staff)
	return room.Register(ctx, t.as(e.By, lead), ident.Command{}, casework.Registration{
		Person: d, Place: sealed.NewText(c.Place), Region: c.Region, Risk: e.Risk, RiskReasons: e.Reasons,
		RiskText: sealed.NewText(e.Text), Basis: c.Basis, NextContact: e.Due, Stage: e.Stage,
		Worker: t.ids[lead], Unit: t.units[t.staff[lead].Unit],
	})
}

// tell carries out one event as the person who did it.
func (t *teller) tell(ctx context.Context, room *casework.Room, id ident.Case, lead int, what told) error {
	e := what.event
	as, none := t.as(e.By, lead), ident.Command{}
	text := sealed.NewText(e.Text)
	switch e.Kind {
	case fixture.Noted:
		return room.AddNote(ctx, as, none, id, casework.Note{
			Kind: e.Note.Kind, Question: optText(e.Note.Question), Words: optText(e.Note.Words), Language: e.Note.Language,
			Seen: optText(e.Note.Seen), Thought: optText(e.Note.Thought), NextContact: e.Due,
		})
	case fixture.RiskSet:
		return room.ChangeRisk(ctx, as, none, id, casework.Decision{To: e.Risk, Reasons: e.Reasons, Text: text})
	case fixture.StageSet:
		return t.stage(ctx, room, as, id, what)
	case fixture.ContactSet:
		return room.SetContact(ctx, as, none, id, e.Due, text)
	case fixture.Assigned:
		return room.Assign(ctx, as, none, id, t.ids[e.To], t.units[t.staff[e.To].Unit], text, 0)
	case fixture.Closed:
		return t.close(ctx, room, as, id, e)
	case fixture.Reopened:
		return room.Reopen(ctx, as, none, id, casework.Decision{To: e.Reason, Text: text})
	}
	return fmt.Errorf("an event of kind %q", e.Kind)
}

// optText seals a text, nothing for an empty one.
func optText(s string) sealed.Text {
	if s == "" {
		return sealed.Text{}
	}
	return sealed.NewText(s)
}

// Details returns an invented child's details as the person room takes them.
func Details(c *fixture.Child) (person.Details, error) {
	d := person.Details{
		SexRecorded: c.SexRecorded, GenderTold: c.GenderTold, Nationalities: c.Nationalities, Languages: c.Languages,
		Birth: person.Birth{Source: c.Birth.Source, Certainty: c.Birth.Certainty, PresumedChild: c.Birth.PresumedChild},
	}
	var err error
	if c.Birth.Earliest != "" {
		if d.Birth.Earliest, err = sealed.ParseDate(c.Birth.Earliest); err != nil {
			return d, err
		}
		if d.Birth.Latest, err = sealed.ParseDate(c.Birth.Latest); err != nil {
			return d, err
		}
	}
	for _, n := range c.Names {
		d.Names = append(d.Names, person.Name{Text: sealed.NewText(n.Text), Kind: n.Kind, Script: n.Script})
	}
	for _, i := range c.Identifiers {
		d.Identifiers = append(d.Identifiers, person.Identifier{Kind: i.Kind, Value: sealed.NewText(i.Value)})
	}
	for _, r := range c.Restrictions {
		d.Restrictions = append(d.Restrictions, person.Restriction{Kind: r.Kind, Note: optText(r.Note)})
	}
	return d, nil
}
