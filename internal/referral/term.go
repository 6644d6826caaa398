package referral

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// The conditions under which something was sent are held to by machine: who may open it is a
// withholding from every other role (access.SentPart), passing it on is refused where
// everything leaves ([Room.mayLeave]), and on the day that it names its content is destroyed
// ([Room.ExpireSent]). What came under such a day, or for some roles alone, is not copied into
// the record: it is read where it arrived.

const termTable = "referral_term"

var termLedger = access.Ledger{Table: termTable, Insert: sqlInsertTerm, Update: sqlUpdateTerm, Of: sqlSelectTerms}

// Term is under which conditions what passed in a thread is kept: those with which it was
// sent, and every one that its sender made stricter since.
type Term struct {
	ID ThreadID

	Until    time.Time // when its content is destroyed; zero: with the case
	Ended    time.Time // when it was; zero: not yet
	Handling cx.Handling
	Onward   cx.Onward
	Nodes    []identity.NodeID // of [cx.OnwardList]
	Court    cx.Court
	Roles    []string // that may open it; none: those of the purpose
	Flags    []cx.Flag
	Expiry   cx.OnExpiry
	Outcome  string // what became of it: erased or anonymised

	stamp
}

// termFrom takes the conditions over that labels name.
func termFrom(l *cx.Labels, id ThreadID) *Term {
	return &Term{
		ID: id, Until: l.RetainUntil, Handling: l.Handling, Onward: l.Onward, Nodes: l.Nodes, Court: l.Court, Roles: l.Roles, Flags: l.Flags,
		Expiry: l.OnExpiry,
	}
}

// Apart reports whether what came is not copied into the record.
func (m *Term) Apart() bool { return m != nil && (len(m.Roles) > 0 || !m.Until.IsZero()) }

// errNobody is that two labels together let nobody open a thread.
var errNobody = errors.New("no role may open both")

// join makes the conditions of a thread as strict as those of a message that came in it, where
// these are of the kind that is held to for the thread as a whole: who may open it, until
// which day it is kept, and special terms.
func (m *Term) join(ctx context.Context, p *access.Pass, t *Thread, l *cx.Labels) error {
	if m == nil || !t.Received() {
		return nil
	}
	changed := false
	if until := l.RetainUntil; !until.IsZero() && (m.Until.IsZero() || until.Before(m.Until)) {
		m.Until, changed = until, true
	}
	if l.Handling == cx.H3 && m.Handling != cx.H3 {
		m.Handling, changed = cx.H3, true
	}
	if len(l.Roles) > 0 && !slices.Equal(l.Roles, m.Roles) {
		both := l.Roles
		if len(m.Roles) > 0 {
			both = slices.DeleteFunc(slices.Clone(m.Roles), func(role string) bool { return !slices.Contains(l.Roles, role) })
		}
		if len(both) == 0 {
			return errNobody
		}
		m.Roles, changed = both, true
		if err := m.withhold(ctx, p); err != nil {
			return err
		}
	}
	if !changed {
		return nil
	}
	return m.write(ctx, p)
}

// withhold keeps a thread from every role that may not open it.
func (m *Term) withhold(ctx context.Context, p *access.Pass) error {
	for _, role := range access.Roles() {
		if slices.Contains(m.Roles, role) {
			continue
		}
		if err := p.WithholdPart(ctx, access.SentPart(m.ID), ident.Staff{}, role); err != nil {
			return err
		}
	}
	return nil
}

// copied returns what of an offer is copied into the record: of what is kept apart the card alone.
func (m *Term) copied(p *payload.Payload) *payload.Payload {
	if !m.Apart() {
		return p
	}
	return &payload.Payload{Card: p.Card}
}

// brings is what is copied into the record when the child of a thread that came is taken on.
func (v *View) brings() *casework.Brought {
	if v.Payload == nil { // its time is over: what is left are the codes of the thread
		return &casework.Brought{Basis: v.Basis, Sex: v.Sex, Languages: []string{v.Language}}
	}
	return brought(v.Term.copied(v.Payload))
}

// quiet takes out of an event what its thread says under such conditions: it is read there.
func (m *Term) quiet(e *casework.Event) {
	if m.Apart() && e != nil {
		e.Text, e.Language = sealed.Text{}, ""
	}
}

// begin stores the conditions of a new thread. Of what came, every role that may not open it
// is kept away from it.
func (m *Term) begin(ctx context.Context, p *access.Pass, came bool) error {
	if came && len(m.Roles) > 0 {
		if err := m.withhold(ctx, p); err != nil {
			return err
		}
	}
	return m.write(ctx, p)
}

func (m *Term) columns() []any {
	return []any{
		optTime(m.Until), optTime(m.Ended), string(m.Handling), string(m.Onward), joined(m.Nodes), string(m.Court), joined(m.Roles), joined(m.Flags),
		string(m.Expiry), optText(m.Outcome),
	}
}

func (m *Term) scan(scan func(...any) error) error {
	var until, ended *int64
	var handling, onward, nodes, court, roles, flags, expiry string
	var outcome *string
	err := scan(&m.Case, &m.ID, &m.Version, &m.MAC, &until, &ended, &handling, &onward, &nodes, &court, &roles, &flags, &expiry, &outcome)
	if err != nil {
		return err
	}
	if until != nil {
		m.Until = clock.FromMicros(*until)
	}
	if ended != nil {
		m.Ended = clock.FromMicros(*ended)
	}
	m.Handling, m.Onward, m.Court, m.Expiry = cx.Handling(handling), cx.Onward(onward), cx.Court(court), cx.OnExpiry(expiry)
	m.Nodes, m.Roles, m.Flags, m.Outcome = parted[identity.NodeID](nodes), parted[string](roles), parted[cx.Flag](flags), fromCode(outcome)
	return nil
}

// joined writes words in one column, parted by spaces, which none of them has.
func joined[T ~string](words []T) string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = string(w)
	}
	return strings.Join(out, " ")
}

func parted[T ~string](text string) (out []T) {
	for _, w := range strings.Fields(text) {
		out = append(out, T(w))
	}
	return out
}

// write stores the next version of the row.
func (m *Term) write(ctx context.Context, p *access.Pass) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	return termLedger.Write(ctx, p, s, m.ID[:], &m.stamp, m.columns())
}

// check refuses a row that this program did not write as it is.
func (m *Term) check(k digests) error {
	if m == nil {
		return nil
	}
	return termLedger.Check(k, m.ID[:], &m.stamp, m.columns())
}

// readTerm reads the conditions of a thread, unchecked; nil where there are none: it is
// between two units of this node, or has not left yet.
func readTerm(ctx context.Context, p *access.Pass, t *Thread) (*Term, error) {
	var m Term
	err := m.scan(p.Tx().QueryRow(ctx, sqlOneTerm, t.Case, t.ID).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read terms: %w", err)
	}
	return &m, nil
}

// checkedTerm reads them for a command.
func checkedTerm(ctx context.Context, p *access.Pass, t *Thread) (*Term, error) {
	m, err := readTerm(ctx, p, t)
	if err != nil || m == nil {
		return nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	return m, m.check(s)
}

// setApart leaves out of a view what its label keeps from the reader's role: what came, and
// what was said since. The card is the slip by which it is routed, and stays.
func (v *View) setApart(p *access.Pass) {
	if v.Term == nil || !v.Received() || !p.HidesPart(access.SentPart(v.ID)) {
		return
	}
	v.Apart, v.Show, v.Files = true, nil, nil
	if v.Payload != nil {
		v.Payload.Package = nil
	}
	for i := range v.Steps {
		v.Steps[i].Said = Said{}
	}
}
