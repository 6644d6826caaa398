package intake

import (
	"context"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/intake/calendar"
	"causeway/internal/sealed"
)

// What an entry says, as the register takes it, and back: what stands in the
// register, as an entry says it.

// keepParts writes the entries of a row into its case.
func keepParts(ctx context.Context, room *casework.Room, c *access.Caller, id ident.Case, row *Row) error {
	for i := range row.Parts {
		p := &row.Parts[i]
		from := room.From(casework.Origin{
			Profile: row.Profile, Form: p.Form, Place: int64(p.Place), By: sealed.NewText(p.Said["by"]),
		})
		var err error
		switch p.What {
		case PersonPart:
			err = from.AddOther(ctx, c, ident.Command{}, id, p.Said.other())
		case NeedPart:
			err = from.AddNeed(ctx, c, ident.Command{}, id, p.Said.need())
		default:
			var n casework.Note
			if n, err = p.Said.note(); err == nil {
				err = from.AddNote(ctx, c, ident.Command{}, id, n)
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s Said) text(field string) sealed.Text { return sealed.NewText(s[field]) }

// at is the middle of a day, in microseconds; 0 for none.
func (s Said) at(field string) int64 {
	d := calendar.Parse(s[field], calendar.YMD, calendar.Bounds{First: firstDay, Last: lastDay}).From
	if d.IsZero() {
		return 0
	}
	return noon(d).UnixMicro()
}

func (s Said) other() casework.Other {
	return casework.Other{
		Name: s.text("name"), Relation: s["relation"], Safe: s["safe"], Why: s.text("why"), Phone: s.text("phone"),
		Address: s.text("address"), Language: s["language"], Note: s.text("note"),
	}
}

func saidOther(o *casework.Other) Said {
	return said(map[string]string{
		"name": o.Name.Reveal(), "relation": o.Relation, "safe": o.Safe, "why": o.Why.Reveal(), "phone": o.Phone.Reveal(),
		"address": o.Address.Reveal(), "language": o.Language, "note": o.Note.Reveal(),
	})
}

// need is a need with what had become of it: the furthest of what is said.
func (s Said) need() casework.NewNeed {
	past := &casework.PastNeed{
		State: casework.NeedNeeded, Asked: s.at("asked"), Due: s.at("due"), Delivered: s.at("delivered"), Ended: s.at("ended"),
		Provider: s.text("provider"), Outcome: s["outcome"], Unmet: s["unmet"],
	}
	switch {
	case s["outcome"] != "":
		past.State = casework.NeedEnded
	case s["unmet"] != "":
		past.State = casework.NeedUnmet
	case s["done"] != "" || s["delivered"] != "":
		past.State = casework.NeedDelivered
	case s["referred"] != "" || s["due"] != "" && s["provider"] != "":
		past.State = casework.NeedRequested
	}
	return casework.NewNeed{Service: s["service"], Words: s.text("words"), Note: s.text("note"), Past: past}
}

// saidPast is what an imported need said when it came.
func saidPast(e *casework.Event) Said {
	p := e.Past
	s := said(map[string]string{
		"service": e.Service, "words": e.Words.Reveal(), "note": e.Text.Reveal(), "provider": p.Provider.Reveal(),
		"asked": onDay(p.Asked), "due": onDay(p.Due), "delivered": onDay(p.Delivered), "ended": onDay(p.Ended),
		"outcome": p.Outcome, "unmet": p.Unmet,
	})
	s.reached(p.State == casework.NeedRequested, p.State == casework.NeedDelivered || p.Delivered != 0)
	return s
}

// saidNeed is what a need says now; told are all the events about it, oldest first.
func saidNeed(n *casework.Need, told []*casework.Event) Said {
	var words, note string
	for _, e := range told {
		words, note = join(words, e.Words.Reveal(), "\n"), join(note, e.Text.Reveal(), "\n")
	}
	s := said(map[string]string{
		"service": n.Service, "words": words, "note": note, "provider": n.Provider.Reveal(), "asked": dayText(n.Asked),
		"due": dayText(n.Due), "delivered": dayText(n.Delivered), "ended": dayText(n.Ended), "outcome": n.Outcome, "unmet": n.Unmet,
	})
	s.reached(!n.Requested.IsZero(), n.State == casework.NeedDelivered || !n.Delivered.IsZero())
	return s
}

// reached says how far a need has come.
func (s Said) reached(referred, done bool) {
	if referred {
		s["referred"] = "yes"
	}
	if done {
		s["done"] = "yes"
	}
}

func (s Said) note() (casework.Note, error) {
	n := casework.Note{Kind: s["kind"], Question: s.text("question"), Words: s.text("words"), Seen: s.text("seen"), Thought: s.text("thought")}
	if s["on"] == "" {
		return n, nil
	}
	var err error
	n.On, err = sealed.ParseDate(s["on"])
	return n, err
}

// saidNote is what a note says; of a corrected one, texts is the newest correction.
func saidNote(e, texts *casework.Event) Said {
	return said(map[string]string{
		"kind": e.NoteKind, "on": e.On.Reveal(), "question": texts.Question.Reveal(), "words": texts.Words.Reveal(),
		"seen": texts.Seen.Reveal(), "thought": texts.Thought.Reveal(),
	})
}

// said leaves out what nothing is said of.
func said(m map[string]string) Said {
	for field, text := range m {
		if text == "" {
			delete(m, field)
		}
	}
	return m
}

func onDay(at int64) string {
	if at == 0 {
		return ""
	}
	return dayText(time.UnixMicro(at))
}
