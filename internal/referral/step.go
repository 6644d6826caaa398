package referral

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/protocol/handover"
)

const stepTable = "referral_step"

// Step is one thing that happened to a thread.
type Step struct {
	At     time.Time
	Seq    int64 // 1 is the offer
	Event  handover.Event
	State  handover.State // after it
	Author ident.Staff    // none: the clock
	Code   string         // of the reason or the outcome
	Said

	of     ident.Case
	id     [16]byte
	thread ThreadID
	blob   []byte
	mac    []byte
}

// Said is the sealed part of a step.
type Said struct {
	Text sealed.Text `cbor:"1,keyasint,omitzero"`
	Norm sealed.Text `cbor:"2,keyasint,omitzero"` // of the law the offer rests on
	Show *Package    `cbor:"3,keyasint,omitempty"`
	// Agency is that of an interpreter who signed to keep what is heard to themselves.
	Agency sealed.Text `cbor:"4,keyasint,omitzero"`

	// Of a thread between two nodes: what left or came, byte for byte, in which language
	// the words are, what the child thinks of it, the warnings, and what was answered.
	Wire     []byte   `cbor:"5,keyasint,omitempty"`
	Language string   `cbor:"6,keyasint,omitempty"`
	View     string   `cbor:"7,keyasint,omitempty"`
	Flags    []string `cbor:"8,keyasint,omitempty"`
	Reply    string   `cbor:"9,keyasint,omitempty"`
	When     int64    `cbor:"10,keyasint,omitempty"` // UTC microseconds: of a journey
	Files    []File   `cbor:"11,keyasint,omitempty"` // documents that went along
}

// Taken note of: the sender has seen how a thread ended.
const Noted handover.Event = "noted"

func (s *Step) columns() []any {
	return []any{
		s.At.UnixMicro(), s.Seq, s.of[:], s.id[:], s.thread[:], string(s.Event), string(s.State),
		optBytes(s.Author[:], s.Author.IsZero()), optText(s.Code), s.blob,
	}
}

func (s *Step) scan(scan func(...any) error) error {
	var at int64
	var event, state string
	var code *string
	var id []byte
	if err := scan(&at, &s.Seq, &s.of, &id, &s.thread, &event, &state, &s.Author, &code, &s.blob, &s.mac); err != nil {
		return err
	}
	copy(s.id[:], id)
	s.At, s.Event, s.State = clock.FromMicros(at), handover.Event(event), handover.State(state)
	if code != nil {
		s.Code = *code
	}
	return nil
}

// write stores a step of a thread of the pass's case.
func (s *Step) write(ctx context.Context, p *access.Pass, t *Thread) error {
	sealer, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	s.At, s.of, s.id, s.thread, s.State = p.Now(), p.Case(), ident.New[[16]byte](), t.ID, t.State
	s.Author = p.Caller().Staff()
	if err := p.Tx().QueryRow(ctx, sqlNextStep, s.of, s.thread).Scan(&s.Seq); err != nil {
		return fmt.Errorf("number of step: %w", err)
	}
	if s.blob, err = sealer.Seal(stepTable, s.id[:], 1, &s.Said); err != nil {
		return fmt.Errorf("seal step: %w", err)
	}
	s.mac = sealer.MAC(stepTable, s.id[:], 1, s.columns()...)
	if err := p.Tx().Put(ctx, sqlInsertStep, append(s.columns(), s.mac)...); err != nil {
		return fmt.Errorf("write step: %w", err)
	}
	p.Wrote(stepTable, s.id[:], 1, s.mac)
	return nil
}

// readSteps reads the steps of a thread of the pass's case, oldest first, sealed.
func readSteps(ctx context.Context, p *access.Pass, of ThreadID) ([]Step, error) {
	rows, err := p.Tx().Query(ctx, sqlSelectSteps, p.Case(), of)
	if err != nil {
		return nil, fmt.Errorf("read steps: %w", err)
	}
	defer rows.Close()
	var out []Step
	for rows.Next() {
		var s Step
		if err := s.scan(rows.Scan); err != nil {
			return nil, fmt.Errorf("read steps: %w", err)
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// open checks a step and opens what was said with it.
func (s *Step) open(o *keys.Opener) error {
	if err := o.CheckMAC(s.mac, stepTable, s.id[:], 1, s.columns()...); err != nil {
		return err
	}
	return o.Open(stepTable, s.id[:], 1, s.blob, &s.Said)
}
