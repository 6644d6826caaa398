package match

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/match/ask"
	"causeway/internal/sealed"
	"causeway/internal/store"
	"causeway/protocol/identity"
	"causeway/protocol/mask"
	"causeway/protocol/matching"
)

// Cases is the file of a child, in which everything that is asked or found stands.
type Cases interface {
	// Tell writes what happened into the pass's case, as the one event of the command; about
	// names the question.
	Tell(ctx context.Context, p *access.Pass, kind string, about [16]byte, do func() error) error
	// Due lets somebody decide by a time, and Met ends that.
	Due(ctx context.Context, p *access.Pass, about [16]byte, by time.Time) error
	Met(ctx context.Context, p *access.Pass, about [16]byte) error
	// Agreed reports whether somebody agreed to tracing there; otherwise what permits it
	// stands in the place of a consent.
	Agreed(ctx context.Context, p *access.Pass, to identity.NodeID) (bool, error)
}

// The events of a case that follow from questions.
const (
	KindAsked    = "match-asked"    // an officer of ours wants to ask another country
	KindApproved = "match-approved" // a second one agreed
	KindReturned = "match-returned" // a second one did not
	KindSent     = "match-sent"     // the question left: they learn that we look for this child
	KindStopped  = "match-stopped"  // it may not leave any more
	KindFound    = "match-found"    // this child agrees with a question of another country
	KindReplied  = "match-replied"  // what an officer of ours decided about that
	KindAnswered = "match-answered" // an answer came
	KindAccepted = "match-accepted" // an officer of ours goes on with it, or does not
	KindCompared = "match-compared" // which exact values agree
)

type questionKind struct{}

// QuestionID names a question on the node that asks.
type QuestionID = ident.ID[questionKind]

// The states of a question. That it was sent is the last of them, whatever becomes of it
// there.
const (
	QAsked    = "asked"    // a second officer must agree
	QApproved = "approved" // it goes with the next letter
	QSent     = "sent"
	QReturned = "returned" // the second officer did not agree
	QStopped  = "stopped"  // what permits it was taken back before it left
)

// Why a question is asked.
var whyCodes = map[string]byte{"family": matching.WhyFamily, "protection": matching.WhyProtection, "missing": matching.WhyMissing}

// Whys returns the codes of why a question is asked.
func Whys() []string { return []string{"family", "protection", "missing"} }

func whyOf(code byte) string {
	for why, c := range whyCodes {
		if c == code {
			return why
		}
	}
	return ""
}

// Question is one that an officer of ours asks.
type Question struct {
	access.Stamp
	ID                QuestionID
	At, Decided, Sent time.Time
	Epoch             uint32
	Urgent            bool
	Agreement         AgreementID
	Officer, Approver ident.Staff
	State, Why        string
	QuestionBody

	wire [16]byte
	blob []byte
}

// QuestionBody is the sealed part of a question.
type QuestionBody struct {
	Reason sealed.Text `cbor:"1,keyasint"` // why it is asked, in the officer's words; it does not leave
}

var questionLedger = access.Ledger{Table: "match_question", Insert: sqlInsertQuestion, Update: sqlUpdateQuestion, Of: sqlQuestionsOf}

func bit(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

func (q *Question) columns() []any {
	return []any{
		micros(q.At), micros(q.Decided), micros(q.Sent), int64(q.Epoch), bit(q.Urgent), q.wire[:], q.Agreement[:], q.Officer[:], q.Approver[:],
		q.State, q.Why, q.blob,
	}
}

func (q *Question) scan(scan func(...any) error) error {
	var at, decided, sent, urgent int64
	var wire []byte
	err := scan(&q.Case, &q.ID, &q.Version, &q.MAC, &at, &decided, &sent, &q.Epoch, &urgent, &wire, &q.Agreement, &q.Officer, &q.Approver,
		&q.State, &q.Why, &q.blob)
	q.At, q.Decided, q.Sent, q.Urgent = fromMicros(at), fromMicros(decided), fromMicros(sent), urgent == 1
	copy(q.wire[:], wire)
	return err
}

func (q *Question) write(ctx context.Context, p *access.Pass) error {
	return questionLedger.Keep(ctx, p, q.ID[:], &q.Stamp, &q.blob, &q.QuestionBody, q.columns)
}

// checked refuses a row that this program did not write as it is.
func (q *Question) checked(ctx context.Context, p *access.Pass) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	return questionLedger.Check(s, q.ID[:], &q.Stamp, q.columns())
}

func (r *Room) questions(ctx context.Context, tx *store.Tx, query string, args ...any) (out []*Question, err error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		q := &Question{}
		if err := q.scan(rows.Scan); err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, rows.Err()
}

// Asking is what an officer fills in.
type Asking struct {
	Agreement AgreementID
	Why       string // one of [Whys]
	Urgent    bool
	Reason    sealed.Text
}

// reasonMost is how long a reason may be, in characters.
const reasonMost = 1_000

func (f *Asking) check() error {
	var c fault.Check
	c.Require(!f.Agreement.IsZero(), "match_country", "required")
	_, known := whyCodes[f.Why]
	c.Require(known, "match_why", "required")
	c.Require(!f.Reason.IsZero(), "match_reason", "required")
	if code := f.Reason.Fault(reasonMost); code != "" {
		c.Reject("match_reason", code)
	}
	return c.Err()
}

// Ask is the first of two officers who ask another country whether the pass's child is
// known there. Nothing leaves before the second one agrees. Where something is missing
// before anything may be asked, where too little is known of the child, and where as many
// were asked as the agreement says, it is Invalid, and nothing is written.
func (r *Room) Ask(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, f Asking) error {
	if err := f.check(); err != nil {
		return err
	}
	act := access.Act{Action: "match.ask", Purpose: purposeCare, Case: of, Command: cmd}
	var err error
	for range slotTries {
		_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) { return "", r.asks(ctx, p, of, f) })
		if !errorsExists(err) {
			return err
		}
	}
	return fault.Wrap(fault.Conflict, "changed-meanwhile", err)
}

// purposeCare is for what a question about a child is asked and answered (code list
// purpose).
const purposeCare = "case-work"

func (r *Room) asks(ctx context.Context, p *access.Pass, of ident.Case, f Asking) error {
	a, err := r.askable(ctx, p, of, f.Agreement)
	if err != nil {
		return err
	}
	child, err := r.codes(ctx, p, of)
	if err != nil {
		return err
	}
	if len(ask.QuestionKeys(&child)) == 0 {
		return fault.New(fault.Invalid, "match-too-little")
	}
	q := &Question{
		ID: ident.New[QuestionID](), At: p.Now(), Epoch: a.EpochAt(p.Now()), Urgent: f.Urgent, Agreement: a.ID, Officer: p.Caller().Staff(),
		State: QAsked, Why: f.Why, QuestionBody: QuestionBody{f.Reason},
	}
	if err := r.takeSlots(ctx, p.Tx(), a, q, of); err != nil {
		return err
	}
	return r.Cases.Tell(ctx, p, KindAsked, q.ID, func() error { return q.write(ctx, p) })
}

// askable returns an agreement under which the pass's child may be asked about now.
func (r *Room) askable(ctx context.Context, p *access.Pass, of ident.Case, id AgreementID) (*Agreement, error) {
	a, err := r.inForce(ctx, p.Tx(), id)
	if err != nil {
		return nil, notThere(err)
	}
	if a.Side != Asker {
		return nil, fault.InvalidField("match_country", "not-in-list")
	}
	unmet, err := r.mayAsk(ctx, p, of, a)
	if err == nil && len(unmet) > 0 {
		err = fault.New(fault.Invalid, unmet[0])
	}
	return a, err
}

// notThere says that an agreement is none to ask under, in the words of a form.
func notThere(err error) error {
	if fault.Is(err, fault.NotFound) || fault.CodeOf(err) == "match-not-in-force" {
		return fault.InvalidField("match_country", "not-in-list")
	}
	return err
}

// Second is the other officer, who agrees or does not. An urgent question leaves at once.
func (r *Room) Second(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id QuestionID, yes bool) error {
	var was *Question
	err := r.DB.Read(ctx, func(tx *store.Tx) (err error) {
		was, err = r.question(ctx, tx, of, id)
		return err
	})
	if err != nil {
		return err
	}
	act := access.Act{Action: "match.second", Purpose: purposeCare, Case: of, Command: cmd, Staff: was.Officer, Apart: []ident.Staff{was.Officer}}
	_, err = r.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		q, err := r.question(ctx, p.Tx(), of, id)
		if err != nil {
			return "", err
		}
		if err := q.checked(ctx, p); err != nil {
			return "", err
		}
		if q.State != QAsked {
			return "", fault.New(fault.Conflict, "changed-meanwhile")
		}
		q.Approver, q.Decided = c.Staff(), p.Now()
		if !yes {
			return "", r.giveBack(ctx, p, q, QReturned, KindReturned)
		}
		return "", r.approve(ctx, p, q)
	})
	return err
}

// question reads one of a case; NotFound for none.
func (r *Room) question(ctx context.Context, tx *store.Tx, of ident.Case, id QuestionID) (*Question, error) {
	all, err := r.questions(ctx, tx, sqlQuestionsOf, of)
	for _, q := range all {
		if q.ID == id {
			return q, nil
		}
	}
	if err == nil {
		err = fault.New(fault.NotFound, "no-such-page")
	}
	return nil, err
}

// giveBack ends a question that does not leave. The child can be asked about again in this
// epoch; the question of the day stays used.
func (r *Room) giveBack(ctx context.Context, p *access.Pass, q *Question, state, kind string) error {
	if _, err := p.Tx().Exec(ctx, sqlFreeChild, q.Agreement[:], q.Case[:], int64(q.Epoch)); err != nil {
		return err
	}
	q.State = state
	return r.Cases.Tell(ctx, p, kind, q.ID, func() error { return q.write(ctx, p) })
}

func (r *Room) approve(ctx context.Context, p *access.Pass, q *Question) error {
	a, err := r.askable(ctx, p, q.Case, q.Agreement)
	if err != nil {
		return err
	}
	if !q.Urgent {
		q.State = QApproved
		return r.Cases.Tell(ctx, p, KindApproved, q.ID, func() error { return q.write(ctx, p) })
	}
	if q.Epoch != a.EpochAt(p.Now()) {
		return fault.New(fault.Invalid, "match-epoch-over")
	}
	slot, err := r.slot(ctx, p, a, q)
	if err != nil {
		return err
	}
	return r.Cases.Tell(ctx, p, KindSent, q.ID, func() error {
		if err := q.write(ctx, p); err != nil {
			return err
		}
		return r.sendUrgent(ctx, p, a, q, slot)
	})
}

// slot makes the question as it is sent, and marks it so. What it is called there comes
// from the epoch's secret and the case, so that asked again after a restore it is the same.
func (r *Room) slot(ctx context.Context, p *access.Pass, a *Agreement, q *Question) (s matching.Slot, err error) {
	epoch := a.EpochAt(p.Now())
	secret, err := r.secret(a, epoch)
	if err != nil {
		return s, err
	}
	child, err := r.codes(ctx, p, q.Case)
	if err != nil {
		return s, err
	}
	agreed, err := r.Cases.Agreed(ctx, p, a.Peer)
	if err != nil {
		return s, err
	}
	s.ID, s.Why, s.By = wireOf(secret, a.ID, epoch, q.Case), whyCodes[q.Why], matching.ByInterests
	if agreed {
		s.By = matching.ByConsent
	}
	s.Officer, s.Approver = r.forOne(q.ID, q.Officer), r.forOne(q.ID, q.Approver)
	if s.Points, err = questionPoints(secret, r.domain(a, epoch), &child); err != nil {
		return s, err
	}
	q.State, q.Sent, q.Epoch, q.wire = QSent, p.Now(), epoch, s.ID
	return s, nil
}

// questionPoints masks what is known of a child: always as many points, in the order of
// their bytes.
func questionPoints(s *mask.Secret, d mask.Domain, child *ask.Child) (out [matching.SlotPoints]mask.Point, err error) {
	keys := ask.QuestionKeys(child)
	for i := range out {
		if i < len(keys) {
			out[i] = s.Hide(d, keys[i])
		} else if out[i], err = mask.Filler(rand.Reader); err != nil {
			return out, err
		}
	}
	mask.Sort(out[:])
	return out, nil
}

// wireOf is what a question about a case is called in an epoch.
func wireOf(s *mask.Secret, id AgreementID, epoch uint32, of ident.Case) (out [16]byte) {
	h := hmac.New(sha256.New, s.Bytes())
	h.Write([]byte("causeway/match/question/1\x00"))
	h.Write(binary.BigEndian.AppendUint32(id[:len(id):len(id)], epoch))
	h.Write(of[:])
	copy(out[:], h.Sum(nil))
	return out
}

// forOne is the name of somebody here for one question: nobody elsewhere can tell who it
// is, or that two questions are the same officer's.
func (r *Room) forOne(q QuestionID, who ident.Staff) (out [16]byte) {
	copy(out[:], r.Key.Digest("match-officer", q[:], who[:]))
	return out
}
