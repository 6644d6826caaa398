package referral

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/protocol/handover"
)

type threadKind struct{}

// ThreadID names one referral or transfer.
type ThreadID = ident.ID[threadKind]

const threadTable = "referral_thread"

// Thread is the narrow row of a referral or transfer: who asked whom for what, in
// codes and dates, and where it stands. It is all that the receiver sees before
// accepting it.
type Thread struct {
	ID   ThreadID
	Case ident.Case
	handover.Thread

	From      ident.Unit
	FromStaff ident.Staff
	To        ident.Unit
	ToStaff   ident.Staff // who of the receiver took it in hand; none: nobody yet

	Purpose  string // code list consent_purpose
	Basis    string // code list legal_basis
	Service  string // code list service
	Urgency  string // code list referral_urgency
	Language string // code list language: in which the child speaks
	Sex      string
	AgeBand  string

	OfferedAt time.Time
	RespondBy time.Time
	Answered  time.Time // when the receiver first accepted, declined or asked; zero: not yet
	MovedAt   time.Time
	Due       time.Time // by when it is whose turn's to act; zero: nothing is waited for

	Reason    string     // why it was declined, failed or came back
	Suggested ident.Unit // whom the receiver suggested instead
	Outcome   string     // code list need_outcome, once it was delivered
	Parallel  ThreadID   // another offer for the same, which was not answered yet

	// About is for what an office abroad is asked, a code of abroad.csv; "" of a thread
	// between units, and where it was not read.
	About string

	until   time.Time // of a booking that a command is about: its end
	version int64
	mac     []byte
}

// WaitsFor returns whose turn it is.
func (t *Thread) WaitsFor() handover.Party {
	if t.State.Final() {
		if t.Due.IsZero() {
			return handover.Nobody
		}
		return handover.Sender // to take note of how it ended
	}
	return handover.WaitsFor(t.State, t.Kind)
}

// Late reports whether whose turn it is has let the day pass.
func (t *Thread) Late(now time.Time) bool { return !t.Due.IsZero() && !now.Before(t.Due) }

// columns returns what the digest of the row covers, in the order of the table,
// without version and digest.
func (t *Thread) columns() []any {
	return []any{
		t.OfferedAt.UnixMicro(), t.RespondBy.UnixMicro(), t.MovedAt.UnixMicro(), optMicros(t.Due), t.Accepted, t.Assumed,
		t.Case[:], t.ID[:], string(t.Kind), string(t.State), t.From[:], t.FromStaff[:], t.To[:], optBytes(t.ToStaff[:], t.ToStaff.IsZero()),
		t.Purpose, t.Basis, t.Service, t.Urgency, t.Language, t.Sex, t.AgeBand, optText(t.Reason),
		optBytes(t.Suggested[:], t.Suggested.IsZero()), optText(t.Outcome), optBytes(t.Parallel[:], t.Parallel.IsZero()),
		optMicros(t.Answered),
	}
}

func optMicros(at time.Time) any {
	if at.IsZero() {
		return nil
	}
	return at.UnixMicro()
}

func optBytes(id []byte, none bool) any {
	if none {
		return nil
	}
	return id
}

func optText(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (t *Thread) scan(scan func(...any) error) error {
	var offered, respond, moved int64
	var due, answered *int64
	var kind, state string
	var reason, outcome *string
	err := scan(&offered, &respond, &moved, &due, &t.Accepted, &t.Assumed, &t.Case, &t.ID, &kind, &state, &t.From, &t.FromStaff,
		&t.To, &t.ToStaff, &t.Purpose, &t.Basis, &t.Service, &t.Urgency, &t.Language, &t.Sex, &t.AgeBand, &reason, &t.Suggested,
		&outcome, &t.Parallel, &answered, &t.version, &t.mac)
	if err != nil {
		return err
	}
	t.Kind, t.State = handover.Kind(kind), handover.State(state)
	t.OfferedAt, t.RespondBy, t.MovedAt = clock.FromMicros(offered), clock.FromMicros(respond), clock.FromMicros(moved)
	if due != nil {
		t.Due = clock.FromMicros(*due)
	}
	if answered != nil {
		t.Answered = clock.FromMicros(*answered)
	}
	if reason != nil {
		t.Reason = *reason
	}
	if outcome != nil {
		t.Outcome = *outcome
	}
	return nil
}

// digests checks digests: the sealer of a command or the opener of a look.
type digests interface {
	CheckMAC(mac []byte, table string, row []byte, version int64, cols ...any) error
}

// checkRow refuses a row that this program did not write as it is.
func (t *Thread) checkRow(k digests) error {
	return k.CheckMAC(t.mac, threadTable, t.ID[:], t.version, t.columns()...)
}

// write stores the next version of the row.
func (t *Thread) write(ctx context.Context, p *access.Pass) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	before := t.version
	t.version, t.MovedAt = before+1, p.Now()
	t.mac = s.MAC(threadTable, t.ID[:], t.version, t.columns()...)
	args := append(t.columns(), t.version, t.mac)
	if before == 0 {
		err = p.Tx().Put(ctx, sqlInsertThread, args...)
	} else {
		var n int64
		n, err = p.Tx().Exec(ctx, sqlUpdateThread, append(args, before)...)
		if err == nil && n != 1 {
			err = fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	if err != nil {
		return fmt.Errorf("write referral: %w", err)
	}
	p.Wrote(threadTable, t.ID[:], t.version, t.mac)
	return nil
}

// readThread reads one thread of the pass's case, unchecked. One there is not is the
// answer to everything that does not exist.
func readThread(ctx context.Context, p *access.Pass, id ThreadID) (*Thread, error) {
	var t Thread
	err := t.scan(p.Tx().QueryRow(ctx, sqlSelectThread, p.Case(), id).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, fmt.Errorf("read referral: %w", err)
	}
	return &t, nil
}

// readThreads reads the threads of a query, unchecked, and of those between two nodes what
// they are about.
func readThreads(ctx context.Context, p *access.Pass, query string, args ...any) ([]*Thread, error) {
	var out []*Thread
	err := eachRow(ctx, p.Tx(), func(scan func(...any) error) error {
		t := new(Thread)
		out = append(out, t)
		return t.scan(scan)
	}, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read referrals: %w", err)
	}
	for _, t := range out {
		if !t.Sent() && !t.Received() {
			continue
		}
		err := p.Tx().QueryRow(ctx, sqlAboutAbroad, t.Case, t.ID).Scan(&t.About)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, fmt.Errorf("read what is asked abroad: %w", err)
		}
	}
	return out, nil
}
