package casework

import (
	"context"
	"fmt"
	"math"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// Slice says which events of a case are asked for. Empty fields choose all.
type Slice struct {
	Kind     string
	From, To time.Time // at or after From, before To
	Before   int64     // events with a lower number; 0: from the newest
}

// Timeline is one page of what happened in a case, newest first.
type Timeline struct {
	Case        Case
	Person      person.Record
	Events      []Event
	Corrections []Event  // of the notes of the case, newest first, as many as a page may need
	Kinds       []string // that there are
	Next        int64    // where the next page begins; 0: this is the last
	May         map[string]bool
	Entry       ident.Entry
}

const (
	timelineRows    = 50
	mostCorrections = 500
)

// ReadTimeline reads one page of what happened in a case. It opens no event but
// those on the page, however long the case is.
func (r *Room) ReadTimeline(ctx context.Context, c *access.Caller, id ident.Case, s Slice) (*Timeline, error) {
	if s.Before <= 0 {
		s.Before = math.MaxInt64
	}
	from, to := int64(0), int64(math.MaxInt64)
	if !s.From.IsZero() {
		from = s.From.UnixMicro()
	}
	if !s.To.IsZero() {
		to = s.To.UnixMicro()
	}
	var t Timeline
	var who *person.Fetched
	var events, corrections []storedEvent
	err := r.gate.Open(ctx, c, access.Act{Action: "case.open", Purpose: PurposeCare, Case: id}, func(p *access.Pass) error {
		row, err := readCase(ctx, p.Tx(), id)
		if err != nil {
			return err
		}
		t = Timeline{Case: *row}
		if who, err = r.persons.Fetch(ctx, p, row.Person); err != nil {
			return err
		}
		if events, err = readEvents(ctx, p, sqlSelectTimeline, id, s.Before, from, to, s.Kind, timelineRows+1); err != nil {
			return err
		}
		if corrections, err = readEvents(ctx, p, sqlCorrections, id, mostCorrections); err != nil {
			return err
		}
		t.Kinds, err = eventKinds(ctx, p, id)
		return err
	}, func(p *access.Pass) error {
		o, err := p.Opener(id)
		if err != nil {
			return err
		}
		if err := o.CheckMAC(t.Case.mac, caseTable, id[:], t.Case.Version, t.Case.columns()...); err != nil {
			return err
		}
		rec, err := who.Open(p, id)
		if err != nil {
			return err
		}
		t.Person, t.Entry = *rec, p.Entry()
		if len(events) > timelineRows {
			events = events[:timelineRows]
			t.Next = events[timelineRows-1].event.Seq
		}
		if s.Kind == "" && s.From.IsZero() && s.To.IsZero() && !unbroken(events) {
			return errAltered()
		}
		if t.Events, err = r.openSome(o, &t.Case, events, p); err != nil {
			return err
		}
		if t.Corrections, err = r.openSome(o, &t.Case, corrections, p); err != nil {
			return err
		}
		if t.May, err = p.May(ctx, "case.note", "consent.withheld"); err != nil {
			return err
		}
		knows := t.May["consent.withheld"]
		t.Events, t.Corrections, t.Kinds = leaveOut(t.Events, p, knows), leaveOut(t.Corrections, p, knows), kindsFor(t.Kinds, p, knows)
		return nil
	})
	return &t, err
}

// unbroken reports whether no event is missing between others.
func unbroken(events []storedEvent) bool {
	for i := 1; i < len(events); i++ {
		if events[i-1].event.Seq != events[i].event.Seq+1 {
			return false
		}
	}
	return true
}

func eventKinds(ctx context.Context, p *access.Pass, id ident.Case) ([]string, error) {
	rows, err := p.Tx().Query(ctx, sqlEventKinds, id)
	if err != nil {
		return nil, fmt.Errorf("read kinds: %w", err)
	}
	defer rows.Close()
	var out []string
	for rows.Next() {
		var kind string
		if err := rows.Scan(&kind); err != nil {
			return nil, err
		}
		out = append(out, kind)
	}
	return out, rows.Err()
}

// KindCorrected is the event of a correction: the note it corrects stays.
const KindCorrected = "corrected"

// CorrectNote says what a note should have said, and why it is corrected. The note
// stays as it is; both are shown. A correction of a correction is one of the note.
func (r *Room) CorrectNote(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, of ident.Event, n Note, why sealed.Text) error {
	var chk fault.Check
	n.checkTexts(&chk, r.codes)
	chk.Require(!why.IsZero(), "reason", "required")
	text(&chk, "reason", why, mostReason)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.note", PurposeCare, 0, func(p *access.Pass, _ *Case) (*Event, error) {
		var kind string
		err := p.Tx().QueryRow(ctx, sqlEventKind, id, of).Scan(&kind)
		if fault.Is(err, fault.NotFound) || err == nil && kind != KindNote {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		if err != nil {
			return nil, fmt.Errorf("read event: %w", err)
		}
		return &Event{Kind: KindCorrected, Content: Content{
			Question: n.Question, Words: n.Words, Language: n.Language, Seen: n.Seen, Thought: n.Thought, Text: why, Of: of[:],
		}}, nil
	})
}
