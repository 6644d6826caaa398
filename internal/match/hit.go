package match

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/mask"
	"causeway/protocol/matching"
)

// How long an officer has to decide.
const (
	urgentFor = time.Hour
	decideFor = 7 * 24 * time.Hour
)

// questionCame keeps a letter of questions until it is looked up. That it was opened is
// said before anybody looks, so that nothing can be learned from when. What is no point
// refuses the whole letter.
func (r *Room) questionCame(ctx context.Context, m *cx.Message, settle Settle) error {
	said, _, err := matching.ReadQuestion(m.Payload)
	if err != nil || m.Schema != matching.SchemaQuestion {
		return r.refuse(ctx, settle, cx.BadFormat)
	}
	a, code, err := r.under(ctx, m, said.Agreement, Holder)
	if err != nil {
		return err
	}
	now := r.Clock.Now()
	way, most := wayQuestion, letters2(a)
	if said.Urgent {
		way = wayUrgent
		if a != nil {
			most = a.UrgentPerDay
		}
	}
	if code == "" && (!a.live(said.Epoch, now) && said.Epoch+1 != a.EpochAt(now) || said.Part >= most || !near(said.Day, now)) {
		code = cx.LabelRefused
	}
	if code != "" {
		return r.refuse(ctx, settle, code)
	}
	return r.keepOnce(ctx, a, settle, way, said.Day, said.Part, said.Epoch, m.Payload)
}

func letters2(a *Agreement) int {
	if a == nil {
		return 0
	}
	return letters(a)
}

// near reports whether a letter is of these days.
func near(day int64, now time.Time) bool {
	d := dayOf(now) - day
	return d >= -1 && d <= 30
}

// under returns the agreement in force that a message of the other node names.
func (r *Room) under(ctx context.Context, m *cx.Message, id string, side Side) (*Agreement, cx.Code, error) {
	b, err := hex.DecodeString(id)
	if err != nil || len(b) != len(AgreementID{}) {
		return nil, cx.BadFormat, nil
	}
	var a *Agreement
	err = r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		a, err = r.inForce(ctx, tx, AgreementID(b))
		return err
	})
	switch {
	case fault.Is(err, fault.NotFound), fault.CodeOf(err) == "match-not-in-force":
		return nil, cx.LabelRefused, nil
	case err != nil:
		return nil, "", err
	case a.Peer != m.From, side != 0 && a.Side != side:
		return nil, cx.LabelRefused, nil
	}
	return a, "", nil
}

// keepOnce keeps a letter; a second one of the same day and part is refused.
func (r *Room) keepOnce(ctx context.Context, a *Agreement, settle Settle, way string, day int64, part int, epoch uint32, body []byte) error {
	return r.job(ctx, func(p *access.Pass) error {
		if _, err := r.inForce(ctx, p.Tx(), a.ID); err != nil {
			return err
		}
		there, err := r.hasLetter(ctx, p.Tx(), a, way, day, part)
		if err != nil {
			return err
		}
		if there {
			return settle(ctx, p.Tx(), cx.Opened{Refused: cx.Conflict})
		}
		if err := p.Tx().Put(ctx, sqlInsertLetter, day, part, p.Now().UnixMicro(), epoch, 0, way, a.ID[:], body); err != nil {
			return fmt.Errorf("keep letter: %w", err)
		}
		return settle(ctx, p.Tx(), cx.Opened{})
	})
}

// waitingLetter is a letter that was not looked up yet.
type waitingLetter struct {
	day   int64
	part  int
	epoch uint32
	way   string
	body  []byte
}

// lookUpAll looks up every letter that waits, urgent ones first. It may be stopped at any
// time: what was found stands, once, and the letter is looked up again.
func (r *Room) lookUpAll(ctx context.Context, a *Agreement) error {
	for {
		var w waitingLetter
		err := r.DB.Read(ctx, func(tx *store.Tx) error {
			return tx.QueryRow(ctx, sqlWaiting, a.ID[:]).Scan(&w.day, &w.part, &w.epoch, &w.way, &w.body)
		})
		if fault.Is(err, fault.NotFound) {
			return nil
		}
		if err == nil {
			err = r.lookUpLetter(ctx, a, &w)
		}
		if fault.CodeOf(err) == "match-no-table" && w.epoch >= a.EpochAt(r.Clock.Now()) {
			return nil // it is being prepared
		}
		if err != nil && fault.CodeOf(err) != "match-no-table" {
			return err
		}
		err = r.job(ctx, func(p *access.Pass) error {
			_, err := p.Tx().Exec(ctx, sqlLookedUp, a.ID[:], w.way, w.day, w.part, []byte{})
			return err
		})
		if err != nil {
			return err
		}
	}
}

func (r *Room) lookUpLetter(ctx context.Context, a *Agreement, w *waitingLetter) error {
	_, slots, err := matching.ReadQuestion(w.body)
	if err != nil {
		return fault.Wrap(fault.Internal, "record-altered", err)
	}
	s, err := r.secret(a, w.epoch)
	if fault.CodeOf(err) == "key-destroyed" {
		return fault.New(fault.Unavailable, "match-no-table")
	}
	if err != nil {
		return err
	}
	for i := range slots {
		tags, err := raised(s, &slots[i])
		if err != nil {
			return err
		}
		found, _, err := r.lookUp(ctx, a, w.epoch, tags)
		if err != nil {
			return err
		}
		for j := range found {
			if err := r.found(ctx, a, w, &slots[i], &found[j]); err != nil {
				return err
			}
		}
	}
	return nil
}

func raised(s *mask.Secret, slot *matching.Slot) ([]mask.Tag, error) {
	out := make([]mask.Tag, len(slot.Points))
	for i, p := range slot.Points {
		up, err := s.Raise(p)
		if err != nil {
			return nil, err
		}
		out[i] = up.Tag()
	}
	return out, nil
}

type askedKind struct{}

// HitID names what was found on the node that is asked.
type HitID = ident.ID[askedKind]

// What an officer decides about a child who was found. To the other node all but an answer
// are as if nobody had been found.
const (
	AOpen     = "open"
	AAnswered = "answered"
	ASilent   = "silent"
	AGuardian = "guardian" // the guardian decides
	AOfficer  = "officer"  // the data-protection officer decides
)

// Choices are what can be decided.
func Choices() []string { return []string{AAnswered, ASilent, AGuardian, AOfficer} }

// Hit is a child of ours who agrees with a question of another node.
type Hit struct {
	access.Stamp
	ID               HitID
	At, Due, Decided time.Time
	Epoch            uint32
	Urgent           bool
	Agreement        AgreementID
	Question         [16]byte
	Decider          ident.Staff
	State            string
	HitBody

	blob []byte
}

// HitBody is the sealed part.
type HitBody struct {
	Kinds             []string `cbor:"1,keyasint"` // of keys that agreed
	Why               string   `cbor:"2,keyasint"`
	Agreed            bool     `cbor:"3,keyasint"` // somebody there agreed to the search; else it rests on a determination
	Officer, Approver string   // there, for this question alone
}

var askedLedger = access.Ledger{Table: "match_asked", Insert: sqlInsertAsked, Update: sqlUpdateAsked, Of: sqlAskedOf}

func (x *Hit) columns() []any {
	return []any{
		micros(x.At), micros(x.Due), micros(x.Decided), int64(x.Epoch), bit(x.Urgent), x.Agreement[:], x.Question[:], x.Decider[:], x.State, x.blob,
	}
}

func (x *Hit) scan(scan func(...any) error) error {
	var at, due, decided, urgent int64
	var question []byte
	err := scan(&x.Case, &x.ID, &x.Version, &x.MAC, &at, &due, &decided, &x.Epoch, &urgent, &x.Agreement, &question, &x.Decider, &x.State, &x.blob)
	x.At, x.Due, x.Decided, x.Urgent = fromMicros(at), fromMicros(due), fromMicros(decided), urgent == 1
	copy(x.Question[:], question)
	return err
}

func (x *Hit) write(ctx context.Context, p *access.Pass) error {
	return askedLedger.Keep(ctx, p, x.ID[:], &x.Stamp, &x.blob, &x.HitBody, x.columns)
}

// found notes a child who was found, once, for an officer to decide.
func (r *Room) found(ctx context.Context, a *Agreement, w *waitingLetter, s *matching.Slot, f *Found) error {
	act := access.Act{Action: "match.found", Purpose: "maintenance", Case: f.Case}
	_, err := r.gate.Do(ctx, r.gate.Job("match"), act, func(p *access.Pass) (string, error) {
		var n int64
		if err := p.Tx().QueryRow(ctx, sqlHasAsked, a.ID[:], s.ID[:], f.Case).Scan(&n); err != nil {
			return "", err
		}
		if n > 0 {
			return "", errLooked
		}
		x := &Hit{
			ID: ident.New[HitID](), At: p.Now(), Due: p.Now().Add(decideFor), Epoch: w.epoch, Urgent: w.way == wayUrgent, Agreement: a.ID,
			Question: s.ID, State: AOpen,
			HitBody: HitBody{f.Kinds, whyOf(s.Why), s.By == matching.ByConsent, hex.EncodeToString(s.Officer[:]), hex.EncodeToString(s.Approver[:])},
		}
		if x.Urgent {
			x.Due = p.Now().Add(urgentFor)
		}
		return "", r.Cases.Tell(ctx, p, KindFound, x.ID, func() error {
			return errors.Join(x.write(ctx, p), r.Cases.Due(ctx, p, x.ID, x.Due))
		})
	})
	if errors.Is(err, errLooked) || gone(err) {
		err = nil
	}
	return err
}
