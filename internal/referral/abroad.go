package referral

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// A handover abroad is a referral whose other party is a node (docs/decisions/0033). Its
// thread is a row as of every referral; where a unit would stand, there stands the office
// of the other node ([Office]). What else there is of it is in [Abroad], beside the thread.
//
// Where this node is the receiver, it is the clerk: its steps are taken here and told to
// the other node as a status. Where the other node is, a step of this side is a command
// that is asked ([Room.ask]), and the thread shows what the other's last status says.
//
// Everything that leaves goes through one function, [Room.dispatch], and that one asks
// one other whether it may: [Room.mayLeave].

// Post sends messages to other nodes, in the transaction of what they tell.
type Post interface {
	Send(ctx context.Context, tx *store.Tx, d *cx.Draft) (cx.ID, error)
	Letters
}

// Partner is a node with which this one is paired.
type Partner struct {
	Node      identity.NodeID
	Name      string     // of the office, as the two nodes agreed
	Country   string     // code list nationality; "" of an organisation of many States
	Unit      ident.Unit // ours, that answers them: their focal point here
	Purposes  []string   // of abroad.csv that the pair agreed on; none: all
	Suspended bool       // nothing is sent to them at present
}

// takes reports whether the pair agreed on a purpose.
func (n *Partner) takes(purpose string) bool {
	return !n.Suspended && (len(n.Purposes) == 0 || slices.Contains(n.Purposes, purpose))
}

// Land is what a consent names: the country, or the node of an organisation.
func (n *Partner) Land() string {
	if n.Country == "" {
		return string(n.Node)
	}
	return n.Country
}

// Partners knows the nodes with which this one is paired.
type Partners interface {
	// Partners returns them, ordered by country and name.
	Partners(ctx context.Context) ([]Partner, error)
	// Own returns this node's own name, "" for a node that has none.
	Own() identity.NodeID
}

// abroadCodes is the part of the pack this room asks for what is sent abroad.
type abroadCodes interface {
	Abroad(code string) (pack.Abroad, bool)
	Contracting(country string) bool
}

// Joins names the post and the partners, once, before the room is used. Without them no
// other country is reached and everything says so.
func (r *Room) Joins(post Post, partners Partners, codes abroadCodes) {
	r.post, r.partners, r.abroad = post, partners, codes
}

// Joined reports whether this node can have partners in other countries.
func (r *Room) Joined() bool { return r.post != nil && r.partners != nil && r.partners.Own() != "" }

// Offices returns the partners, none where the node is not joined to others.
func (r *Room) Offices(ctx context.Context) ([]Partner, error) {
	if !r.Joined() {
		return nil, nil
	}
	return r.partners.Partners(ctx)
}

// partner finds a partner by the name of its node.
func (r *Room) partner(ctx context.Context, node identity.NodeID) (*Partner, error) {
	all, err := r.Offices(ctx)
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].Node == node {
			return &all[i], nil
		}
	}
	return nil, fault.InvalidField("abroad_office", "not-in-list")
}

// officeMark begins the identifier of every office abroad. Units of this node begin with
// random bytes.
const officeMark = "abroad"

// Office is what stands in a thread where a unit would, for a node.
func Office(node identity.NodeID) ident.Unit {
	var out ident.Unit
	sum := sha256.Sum256([]byte("causeway/office/1\x00" + node))
	copy(out[copy(out[:], officeMark):], sum[:])
	return out
}

// isOffice reports whether an identifier is that of an office abroad.
func isOffice(u ident.Unit) bool { return string(u[:len(officeMark)]) == officeMark }

// Sent reports whether a thread goes to an office abroad.
func (t *Thread) Sent() bool { return isOffice(t.To) }

// Received reports whether a thread came from an office abroad.
func (t *Thread) Received() bool { return isOffice(t.From) }

// The sides of a thread between two nodes.
const (
	sideSent     = "sent"
	sideReceived = "received"
)

// Abroad is what of a thread is between two nodes, in codes and dates.
type Abroad struct {
	ID      ThreadID
	Wire    cx.Thread
	Peer    identity.NodeID
	Country string // code list nationality; "" of an organisation of many States
	Side    string
	Purpose string // of abroad.csv
	Care    string // code list care_arrangement: of a placement that is meant; "" none
	Origin  bool   // the child comes, or may come, from there

	Revision int         // of the last status that was sent or held
	Asked    string      // the command that was not answered yet; "" none
	AskedID  cx.ID       // and its message
	Asker    ident.Staff // who wants to send, or sent
	Approver ident.Staff // the second person; none: nobody yet, or none is needed

	SentAt    time.Time // zero: it waits for the second person
	ConfirmBy time.Time // zero: nobody has to confirm it afterwards
	Approved  time.Time
	LateAt    time.Time // when this side escalated that nothing came
	Recalled  time.Time // when it was called back; zero: it was not
	Arrived   time.Time // when the child arrived safely
	Taken     time.Time // when somebody here took the child on, of what came; zero: nobody did

	Reply   string // what was answered: a code of the list that goes with the purpose
	Recall  string // why it was called back, code list abroad_recall
	Outcome string // what became of that, code list abroad_recalled

	stamp
}

const abroadTable = "referral_abroad"

var abroadLedger = access.Ledger{Table: abroadTable, Insert: sqlInsertAbroad, Update: sqlUpdateAbroad, Of: sqlSelectAbroad}

func (a *Abroad) columns() []any {
	return []any{
		int64(a.Revision), optTime(a.SentAt), optTime(a.ConfirmBy), optTime(a.Approved), optTime(a.LateAt), optTime(a.Recalled),
		optTime(a.Arrived), optTime(a.Taken), a.Origin, a.Wire[:], optBytes(a.AskedID[:], a.AskedID.IsZero()), optStaff(a.Asker), optStaff(a.Approver),
		string(a.Peer), a.Country, a.Side, a.Purpose, optText(a.Care), optText(a.Asked), optText(a.Reply), optText(a.Recall), optText(a.Outcome),
	}
}

func (a *Abroad) scan(scan func(...any) error) error {
	var sent, confirm, approved, late, recalled, arrived, taken *int64
	var care, asked, reply, recall, outcome *string
	var wire, askedID []byte
	var peer string
	var revision int64
	err := scan(&a.Case, &a.ID, &a.Version, &a.MAC, &revision, &sent, &confirm, &approved, &late, &recalled, &arrived, &taken, &a.Origin,
		&wire, &askedID, &a.Asker, &a.Approver, &peer, &a.Country, &a.Side, &a.Purpose, &care, &asked, &reply, &recall, &outcome)
	if err != nil {
		return err
	}
	copy(a.Wire[:], wire)
	copy(a.AskedID[:], askedID)
	a.Peer, a.Revision = identity.NodeID(peer), int(revision)
	for _, f := range []struct {
		from *int64
		to   *time.Time
	}{{sent, &a.SentAt}, {confirm, &a.ConfirmBy}, {approved, &a.Approved}, {late, &a.LateAt}, {recalled, &a.Recalled}, {arrived, &a.Arrived}, {taken, &a.Taken}} {
		if f.from != nil {
			*f.to = clock.FromMicros(*f.from)
		}
	}
	a.Care, a.Asked, a.Reply, a.Recall, a.Outcome = fromCode(care), fromCode(asked), fromCode(reply), fromCode(recall), fromCode(outcome)
	return nil
}

// write stores the next version of the row.
func (a *Abroad) write(ctx context.Context, p *access.Pass) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	return abroadLedger.Write(ctx, p, s, a.ID[:], &a.stamp, a.columns())
}

// check refuses a row that this program did not write as it is.
func (a *Abroad) check(k digests) error {
	if a == nil {
		return nil
	}
	return abroadLedger.Check(k, a.ID[:], &a.stamp, a.columns())
}

// readAbroad reads what of a thread is between two nodes, unchecked; nil where it is
// between two units of this one.
func readAbroad(ctx context.Context, p *access.Pass, t *Thread) (*Abroad, error) {
	if !t.Sent() && !t.Received() {
		return nil, nil
	}
	var a Abroad
	if err := a.scan(p.Tx().QueryRow(ctx, sqlOneAbroad, t.Case, t.ID).Scan); err != nil {
		return nil, fmt.Errorf("read what is abroad: %w", err)
	}
	return &a, nil
}

// checkedAbroad reads it for a command.
func checkedAbroad(ctx context.Context, p *access.Pass, t *Thread) (*Abroad, error) {
	a, err := readAbroad(ctx, p, t)
	if err != nil || a == nil {
		return nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	return a, a.check(s)
}

// abroadOf reads every such row of the pass's case, checked, for a command.
func abroadOf(ctx context.Context, p *access.Pass) (out []*Abroad, err error) {
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	err = eachRow(ctx, p.Tx(), func(scan func(...any) error) error {
		a := new(Abroad)
		if err := a.scan(scan); err != nil {
			return err
		}
		out = append(out, a)
		return a.check(s)
	}, sqlSelectAbroad, p.Case())
	return out, err
}

// over reports whether nothing of a thread that came is needed here any more: it ended, and
// nobody took the child on.
func (a *Abroad) over(t *Thread) bool {
	return a != nil && a.Side == sideReceived && a.Taken.IsZero() && t.State.Final()
}

// officer is how another node knows who of this one sends: always the same, and leading
// to nobody without this node's list of staff.
func officer(who ident.Staff) string {
	if who.IsZero() {
		return "clock"
	}
	sum := sha256.Sum256(append([]byte("causeway/officer/1\x00"), who[:]...))
	return hex.EncodeToString(sum[:8])
}
