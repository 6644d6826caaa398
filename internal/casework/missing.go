package casework

import (
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// Missing is a state of its own: a child who cannot be found is reported and
// searched for, the search is looked at again and again, and whoever is found is
// talked with. Nothing of it ends because time has passed.

// The events of a time a child was missing.
const (
	KindMissing    = "missing"
	KindToldOf     = "missing-told"
	KindSearch     = "missing-search"
	KindFound      = "found"
	KindReturnTalk = "return-talk"
)

// The deadlines of it (code list deadline_kind).
const (
	dueMissingReport = "missing_report"
	dueMissingReview = "missing_review"
	dueReturnTalk    = "return_talk"
)

type missingKind struct{}

// MissingID names one time that a child was missing.
type MissingID = ident.ID[missingKind]

const missingTable = "casework_missing"

// Missing is one time that a child was missing.
type Missing struct {
	ID       MissingID
	Since    time.Time
	Made     time.Time // when it was written down
	Told     time.Time // when the police or another body was told; zero: nobody was yet
	Reviewed time.Time // when the search was last looked at
	Found    time.Time // zero: not found yet
	Talked   time.Time // with the child who is back
	Stage    string    // where the case goes back to
	Version  int64

	mac []byte
}

func (m *Missing) columns(in ident.Case) []any {
	return []any{m.Since.UnixMicro(), m.Made.UnixMicro(), optTime(m.Told), optTime(m.Reviewed), optTime(m.Found), optTime(m.Talked), in[:], m.Stage}
}

func (m *Missing) scan(scan func(...any) error) error {
	var since, made int64
	var told, reviewed, found, talked *int64
	if err := scan(&since, &made, &told, &reviewed, &found, &talked, &m.Version, &m.ID, &m.Stage, &m.mac); err != nil {
		return err
	}
	m.Since, m.Made, m.Told, m.Reviewed = fromMicros(&since), fromMicros(&made), fromMicros(told), fromMicros(reviewed)
	m.Found, m.Talked = fromMicros(found), fromMicros(talked)
	return nil
}

func (m *Missing) check(k checker, in ident.Case) error {
	return k.CheckMAC(m.mac, missingTable, m.ID[:], m.Version, m.columns(in)...)
}

func (m *Missing) write(ctx context.Context, p *access.Pass, s *keys.Sealer) error {
	in, before := p.Case(), m.Version
	m.Version++
	m.mac = s.MAC(missingTable, m.ID[:], m.Version, m.columns(in)...)
	args := []any{
		in, m.Since.UnixMicro(), m.Made.UnixMicro(), optTime(m.Told), optTime(m.Reviewed), optTime(m.Found),
		optTime(m.Talked), m.Version, m.ID, m.Stage, m.mac,
	}
	if before == 0 {
		if err := p.Tx().Put(ctx, sqlInsertMissing, args...); err != nil {
			return fmt.Errorf("write missing: %w", err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, sqlUpdateMissing, append(args, before)...)
		if err != nil {
			return fmt.Errorf("write missing: %w", err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(missingTable, m.ID[:], m.Version, m.mac)
	return nil
}

func fetchMissing(ctx context.Context, tx *store.Tx, in ident.Case) ([]Missing, error) {
	var out []Missing
	err := eachRow(ctx, tx, func(scan func(...any) error) error {
		var m Missing
		if err := m.scan(scan); err != nil {
			return err
		}
		out = append(out, m)
		return nil
	}, sqlSelectMissing, in)
	if err != nil {
		return nil, fmt.Errorf("read missing: %w", err)
	}
	return out, nil
}

// Report is what is known when a child cannot be found, or of who was told of it.
type Report struct {
	Since     time.Time   // since when the child is missing
	Text      sealed.Text // how it was noticed, what the child wore, where the child may be
	Told      sealed.Text // who was told: police, hotline, guardian; "" nobody yet
	Reference sealed.Text // the number they gave
}

func (m *Report) check(c *fault.Check) {
	text(c, "what_happened", m.Text, mostText)
	text(c, "told", m.Told, mostReason)
	text(c, "reference", m.Reference, mostName)
}

// ReportMissing says that a child cannot be found. From now on the child is
// searched for; the police, or whom the law names, are told within the pack's time.
func (r *Room) ReportMissing(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, m Report) error {
	var chk fault.Check
	now := r.clk.Now()
	chk.Require(!m.Since.IsZero(), "missing_since", "required")
	chk.Require(!m.Since.After(now), "missing_since", "in-the-future")
	chk.Require(m.Since.IsZero() || m.Since.Year() >= firstYear, "missing_since", "out-of-range")
	chk.Require(!m.Text.IsZero(), "what_happened", "required")
	m.check(&chk)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onMissing(ctx, c, cmd, id, func(p *access.Pass, s *keys.Sealer, row *Case, _ *Missing) (*Event, error) {
		if row.Stage == StageMissing {
			return nil, fault.New(fault.Conflict, "missing-already")
		}
		e := &Event{Kind: KindMissing, Content: Content{Since: m.Since.UnixMicro(), From: row.Stage, Text: m.Text, Told: m.Told, Reference: m.Reference}}
		open := &Missing{ID: ident.New[MissingID](), Since: m.Since, Made: p.Now(), Stage: row.Stage}
		if m.Told.IsZero() {
			if err := r.setDue(ctx, p, row, dueMissingReport, [16]byte{}, r.codes.Clock(pack.MissingReport).After(p.Now())); err != nil {
				return nil, err
			}
		} else {
			open.Told = p.Now()
		}
		row.Stage = StageMissing
		e.About = open.ID[:]
		if err := r.cancelDue(ctx, p, dueReturnTalk); err != nil {
			return nil, err
		}
		return e, errors.Join(open.write(ctx, p, s), r.searchDue(ctx, p, row, open))
	})
}

// TellOfMissing says who was told that the child is missing, and the number they
// gave.
func (r *Room) TellOfMissing(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, m Report) error {
	var chk fault.Check
	chk.Require(!m.Told.IsZero(), "told", "required")
	m.check(&chk)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onMissing(ctx, c, cmd, id, func(p *access.Pass, s *keys.Sealer, row *Case, open *Missing) (*Event, error) {
		if open == nil {
			return nil, fault.New(fault.Invalid, "not-missing")
		}
		if open.Told.IsZero() {
			open.Told = p.Now()
		}
		e := &Event{Kind: KindToldOf, Content: Content{About: open.ID[:], Text: m.Text, Told: m.Told, Reference: m.Reference}}
		return e, errors.Join(open.write(ctx, p, s), r.meetDue(ctx, p, dueMissingReport))
	})
}

// ReviewSearch says what was done to find the child, and sets when the search is
// looked at again: every month at first, then less often, and never no more.
func (r *Room) ReviewSearch(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, what sealed.Text) error {
	var chk fault.Check
	chk.Require(!what.IsZero(), "what_happened", "required")
	text(&chk, "what_happened", what, mostText)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onMissing(ctx, c, cmd, id, func(p *access.Pass, s *keys.Sealer, row *Case, open *Missing) (*Event, error) {
		if open == nil {
			return nil, fault.New(fault.Invalid, "not-missing")
		}
		open.Reviewed = p.Now()
		e := &Event{Kind: KindSearch, Content: Content{About: open.ID[:], Text: what}}
		return e, errors.Join(r.meetDue(ctx, p, dueMissingReview), open.write(ctx, p, s), r.searchDue(ctx, p, row, open))
	})
}

// searchDue sets when the search is looked at again.
func (r *Room) searchDue(ctx context.Context, p *access.Pass, row *Case, m *Missing) error {
	clock := pack.MissingReview
	if !p.Now().Before(r.codes.Clock(pack.MissingFirstTime).After(m.Since)) {
		clock = pack.MissingReviewLater
	}
	return r.setDue(ctx, p, row, dueMissingReview, [16]byte{}, r.codes.Clock(clock).After(p.Now()))
}

// Return is how a child came back.
type Return struct {
	Found time.Time
	Place sealed.Text
	Text  sealed.Text // how, and who brought the child
	Words sealed.Text // what the child said
}

// FoundMissing says that the child is back. The case goes on where it stood, and
// somebody talks with the child within the pack's time.
func (r *Room) FoundMissing(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, b Return) error {
	var chk fault.Check
	chk.Require(!b.Found.IsZero(), "found_at", "required")
	chk.Require(!b.Found.After(r.clk.Now()), "found_at", "in-the-future")
	chk.Require(!b.Text.IsZero(), "what_happened", "required")
	text(&chk, "what_happened", b.Text, mostText)
	text(&chk, "place", b.Place, mostReason)
	text(&chk, "words", b.Words, mostText)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.onMissing(ctx, c, cmd, id, func(p *access.Pass, s *keys.Sealer, row *Case, open *Missing) (*Event, error) {
		if row.Stage != StageMissing {
			return nil, fault.New(fault.Invalid, "not-missing")
		}
		if open == nil { // the case came here as one of a missing child, from a file
			open = &Missing{ID: ident.New[MissingID](), Since: row.OpenedAt, Made: p.Now(), Stage: StageRegistered}
		}
		if b.Found.Before(open.Since) {
			return nil, fault.InvalidField("found_at", "date-order")
		}
		open.Found, row.Stage = b.Found, open.Stage
		e := &Event{Kind: KindFound, Content: Content{
			About: open.ID[:], Since: b.Found.UnixMicro(), To: row.Stage, Place: b.Place, Text: b.Text, Words: b.Words,
		}}
		return e, errors.Join(open.write(ctx, p, s), r.cancelDue(ctx, p, dueMissingReport, dueMissingReview),
			r.setDue(ctx, p, row, dueReturnTalk, [16]byte{}, r.codes.Clock(pack.ReturnTalk).After(b.Found)))
	})
}

// Talk is the talk with a child who is back: what was asked, said, seen and thought
// stay apart, as in every note.
type Talk struct {
	Question, Words, Seen, Thought sealed.Text
	Language                       string
	Alone                          string
}

// ReturnTalk writes down the talk with a child who was missing and is back.
func (r *Room) ReturnTalk(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, t Talk) error {
	n := Note{Kind: "conversation", Alone: t.Alone, Question: t.Question, Words: t.Words, Language: t.Language, Seen: t.Seen, Thought: t.Thought}
	if err := n.check(r.codes, r.clk.Now()); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "case.missing", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		all, err := fetchMissing(ctx, p.Tx(), row.ID)
		if err != nil {
			return nil, err
		}
		if len(all) == 0 || all[0].Found.IsZero() || !all[0].Talked.IsZero() {
			return nil, fault.New(fault.Invalid, "no-return")
		}
		last := &all[0]
		if err := last.check(s, row.ID); err != nil {
			return nil, err
		}
		last.Talked = p.Now()
		e := &Event{Kind: KindReturnTalk, Content: Content{
			About: last.ID[:], NoteKind: n.Kind, Question: n.Question, Words: n.Words, Language: n.Language,
			Seen: n.Seen, Thought: n.Thought, Alone: n.Alone,
		}}
		if !row.Closed() {
			row.NextContact = r.codes.Clock(nextContact(row.Risk)).After(p.Now())
			e.Due = row.NextContact.UnixMicro()
		}
		return e, errors.Join(last.write(ctx, p, s), r.meetDue(ctx, p, dueReturnTalk))
	})
}

// onMissing is the frame of the commands about a missing child. open is the time
// that the child is missing now, nil for none.
func (r *Room) onMissing(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case,
	apply func(p *access.Pass, s *keys.Sealer, row *Case, open *Missing) (*Event, error),
) error {
	return r.act(ctx, c, cmd, id, "case.missing", PurposeCare, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if row.Closed() {
			return nil, errClosed()
		}
		s, err := p.Sealer(ctx)
		if err != nil {
			return nil, err
		}
		all, err := fetchMissing(ctx, p.Tx(), row.ID)
		if err != nil {
			return nil, err
		}
		var open *Missing
		if len(all) > 0 && all[0].Found.IsZero() {
			open = &all[0]
			if err := open.check(s, row.ID); err != nil {
				return nil, err
			}
		}
		return apply(p, s, row, open)
	})
}
