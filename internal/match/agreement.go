package match

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/identity"
	"causeway/protocol/matching"
)

// Purpose is what is matched.
type Purpose string

// The purposes. Nothing of one is ever compared with anything of the other.
const (
	Children  Purpose = matching.Child
	Selectors Purpose = matching.Selector
)

// Side is which of the two this node is.
type Side uint8

// The sides.
const (
	Asker  Side = iota + 1 // asks the other
	Holder                 // is asked, and makes the table
)

// String is the side as it is stored.
func (s Side) String() string {
	if s == Holder {
		return "holder"
	}
	return "asker"
}

type agreementKind struct{}

// AgreementID names an agreement, the same on both nodes.
type AgreementID = ident.ID[agreementKind]

// How far an agreement has come, here.
const (
	Prepared = "prepared" // one officer of ours wrote it; a second one must agree
	Offered  = "offered"  // two of ours agreed; the other node is asked
	Asked    = "asked"    // the other node proposes it
	Taken    = "taken"    // one officer of ours agrees to that; a second one must
	Force    = "force"    // two on each side agreed
	Ended    = "ended"    // somebody said so, here or there
)

// Agreement is what two nodes agreed on: one for each ordered pair and purpose at a time.
type Agreement struct {
	ID           AgreementID
	Purpose      Purpose
	Peer         identity.NodeID
	Side         Side
	Basis        string // the law, treaty or order that it rests on
	SizeClass    int    // children for whom a table has room
	PerDay       int    // most questions of a day
	PerOfficer   int    // most questions of one officer and day
	UrgentPerDay int    // most urgent questions of a day
	EpochDays    int

	State             string
	First, Second     ident.Staff // of ours, who agreed to it
	FirstAt, SecondAt time.Time
	From              time.Time // epochs count from here
	Ended             time.Time
	EndedBy           string // "here" or "there"
	Version           int64

	terms, theirs, mac []byte
}

// epochLength is how long an epoch lasts.
func (a *Agreement) epochLength() time.Duration { return time.Duration(a.EpochDays) * 24 * time.Hour }

// EpochAt returns the number of the epoch at a time, from 1; 0 before the agreement.
func (a *Agreement) EpochAt(now time.Time) uint32 {
	if a.From.IsZero() || now.Before(a.From) {
		return 0
	}
	return uint32(now.Sub(a.From)/a.epochLength()) + 1
}

// EpochEnds returns when an epoch is over.
func (a *Agreement) EpochEnds(epoch uint32) time.Time {
	return a.From.Add(time.Duration(epoch) * a.epochLength())
}

// Terms returns the terms as text, and the text that the other node sent of them; nil for
// none. They are equal, byte for byte, once the agreement is in force.
func (a *Agreement) Terms() (ours, theirs []byte) { return a.terms, a.theirs }

// Mine reports whether somebody was the first of our two officers.
func (a *Agreement) Mine(who ident.Staff) bool { return a.First == who }

// take fills in what the terms say.
func (a *Agreement) take(t *matching.Terms, own identity.NodeID) error {
	id, err := hex.DecodeString(t.ID)
	if err != nil || len(id) != len(a.ID) {
		return matching.ErrFormat
	}
	a.ID, a.Purpose = AgreementID(id), Purpose(t.Purpose)
	switch own {
	case t.Asker:
		a.Side, a.Peer = Asker, t.Holder
	case t.Holder:
		a.Side, a.Peer = Holder, t.Asker
	default:
		return matching.ErrFormat
	}
	a.Basis, a.SizeClass, a.PerDay, a.PerOfficer = t.Basis, t.Size, t.Day, t.Officer
	a.UrgentPerDay, a.EpochDays = t.Urgent, t.EpochDay
	return nil
}

// said returns the terms of an agreement as they are sent.
func (a *Agreement) said(own identity.NodeID) matching.Terms {
	t := matching.Terms{
		ID: hex.EncodeToString(a.ID[:]), Purpose: string(a.Purpose), Asker: own, Holder: a.Peer, Basis: a.Basis, Size: a.SizeClass,
		Day: a.PerDay, Officer: a.PerOfficer, Urgent: a.UrgentPerDay, EpochDay: a.EpochDays,
	}
	if a.Side == Holder {
		t.Asker, t.Holder = a.Peer, own
	}
	return t
}

const agreementTable = "match_agreement"

// columns returns what the row stores, in the order of the queries.
func (a *Agreement) columns() []any {
	return []any{
		a.Version, micros(a.FirstAt), micros(a.SecondAt), micros(a.From), micros(a.Ended), a.ID[:], a.First[:], a.Second[:],
		string(a.Purpose), string(a.Peer), a.Side.String(), a.State, a.EndedBy, a.terms, a.theirs,
	}
}

func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}

func fromMicros(at int64) time.Time {
	if at == 0 {
		return time.Time{}
	}
	return clock.FromMicros(at)
}

// write stores the next version of an agreement and names it in the journal.
func (r *Room) write(ctx context.Context, p *access.Pass, a *Agreement) error {
	before := a.Version
	a.Version++
	if a.theirs == nil {
		a.theirs = []byte{}
	}
	a.mac = r.Key.Digest(agreementTable, a.columns()...)
	args := append(a.columns(), a.mac)
	if before == 0 {
		if err := p.Tx().Put(ctx, sqlInsertAgreement, args...); err != nil {
			return fmt.Errorf("write agreement: %w", err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, sqlUpdateAgreement, append(args, before)...)
		if err != nil {
			return fmt.Errorf("write agreement: %w", err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(agreementTable, a.ID[:], a.Version, a.mac)
	return nil
}

// scan reads a row of the queries and refuses one that this program did not write as it is.
func (r *Room) scan(scan func(...any) error) (*Agreement, error) {
	var a Agreement
	var first, second, from, ended int64
	var purpose, peer, side string
	err := scan(&a.Version, &first, &second, &from, &ended, &a.ID, &a.First, &a.Second, &purpose, &peer, &side, &a.State, &a.EndedBy,
		&a.terms, &a.theirs, &a.mac)
	if err != nil {
		return nil, err
	}
	t, err := matching.ReadTerms(a.terms)
	if err == nil {
		err = a.take(t, r.Partners.Own())
	}
	if err != nil || side != a.Side.String() || purpose != string(a.Purpose) || peer != string(a.Peer) {
		return nil, fault.New(fault.Internal, "record-altered")
	}
	a.FirstAt, a.SecondAt, a.From, a.Ended = fromMicros(first), fromMicros(second), fromMicros(from), fromMicros(ended)
	return &a, r.Key.Check(a.mac, agreementTable, a.columns()...)
}

// agreement reads one; NotFound for none.
func (r *Room) agreement(ctx context.Context, tx *store.Tx, id AgreementID) (*Agreement, error) {
	a, err := r.scan(tx.QueryRow(ctx, sqlSelectAgreement, id).Scan)
	if err != nil {
		return nil, fmt.Errorf("read agreement: %w", err)
	}
	return a, nil
}

// agreements reads all of them, those in force first.
func (r *Room) agreements(ctx context.Context, tx *store.Tx) ([]*Agreement, error) {
	rows, err := tx.Query(ctx, sqlSelectAgreements)
	if err != nil {
		return nil, fmt.Errorf("read agreements: %w", err)
	}
	defer rows.Close()
	var out []*Agreement
	for rows.Next() {
		a, err := r.scan(rows.Scan)
		if err != nil {
			return nil, err
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// inForce reads an agreement under which something may be made, sent or answered now;
// "match-not-in-force" (Denied) for any other.
func (r *Room) inForce(ctx context.Context, tx *store.Tx, id AgreementID) (*Agreement, error) {
	a, err := r.agreement(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	if a.State != Force || a.EpochAt(tx.Now()) == 0 {
		return nil, fault.New(fault.Denied, "match-not-in-force")
	}
	return a, nil
}
