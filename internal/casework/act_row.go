package casework

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

type actKind struct{}

// ActID names one act.
type ActID = ident.ID[actKind]

const actTable = "casework_act"

// Act is one act that needs a basis: authorised, done, or both. What was done and
// why stands in its events.
type Act struct {
	ID        ActID
	Kind      string    // code list act_kind
	Asked     time.Time // planned; zero: it was done without
	Planned   time.Time // authorised, at once or by a second person; zero: it is not
	Ended     time.Time // the authorisation was taken back; zero: it was not
	Happened  time.Time // done; zero: not yet
	Recorded  time.Time // when that was written down
	Reviewed  time.Time // a supervisor looked at a breach
	Emergency bool      // done to keep a child safe, without waiting
	Breach    bool      // done without a basis or without an authorisation
	Basis     StatusID  // what the authorisation rests on
	Planner   ident.Staff
	Recorder  ident.Staff
	Reviewer  ident.Staff
	Version   int64

	mac []byte
}

// Open reports whether the act was planned and is neither done nor given up.
func (a *Act) Open() bool { return !a.Asked.IsZero() && a.Ended.IsZero() && a.Happened.IsZero() }

// Waits reports whether the act is authorised and not done yet.
func (a *Act) Waits() bool { return a.Open() && !a.Planned.IsZero() }

// Unreviewed reports whether the act was done without a basis and nobody has looked
// at it yet.
func (a *Act) Unreviewed() bool { return a.Breach && a.Reviewed.IsZero() }

func number(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// columns returns the stored columns that the row's digest covers.
func (a *Act) columns(in ident.Case) []any {
	var basis any
	if !a.Basis.IsZero() {
		basis = a.Basis[:]
	}
	return []any{
		optTime(a.Asked), optTime(a.Planned), optTime(a.Ended), optTime(a.Happened), optTime(a.Recorded), optTime(a.Reviewed),
		number(a.Emergency), number(a.Breach), in[:], a.Kind, basis, optStaff(a.Planner), optStaff(a.Recorder), optStaff(a.Reviewer),
	}
}

func (a *Act) scan(scan func(...any) error) error {
	var asked, planned, ended, happened, recorded, reviewed *int64
	var emergency, breach int64
	var basis []byte
	if err := scan(&asked, &planned, &ended, &happened, &recorded, &reviewed, &emergency, &breach, &a.Version, &a.ID, &a.Kind,
		&basis, &a.Planner, &a.Recorder, &a.Reviewer, &a.mac); err != nil {
		return err
	}
	copy(a.Basis[:], basis)
	a.Asked, a.Planned, a.Ended, a.Happened = fromMicros(asked), fromMicros(planned), fromMicros(ended), fromMicros(happened)
	a.Recorded, a.Reviewed = fromMicros(recorded), fromMicros(reviewed)
	a.Emergency, a.Breach = emergency != 0, breach != 0
	return nil
}

func (a *Act) check(k checker, in ident.Case) error {
	return k.CheckMAC(a.mac, actTable, a.ID[:], a.Version, a.columns(in)...)
}

// write stores the next version of the row.
func (a *Act) write(ctx context.Context, p *access.Pass, s *keys.Sealer) error {
	in, before := p.Case(), a.Version
	a.Version++
	a.mac = s.MAC(actTable, a.ID[:], a.Version, a.columns(in)...)
	args := []any{
		in, optTime(a.Asked), optTime(a.Planned), optTime(a.Ended), optTime(a.Happened), optTime(a.Recorded), optTime(a.Reviewed),
		number(a.Emergency), number(a.Breach), a.Version, a.ID, a.Kind, optID(a.Basis[:]), a.Planner, a.Recorder, a.Reviewer, a.mac,
	}
	if before == 0 {
		if err := p.Tx().Put(ctx, sqlInsertAct, args...); err != nil {
			return fmt.Errorf("write act: %w", err)
		}
	} else {
		n, err := p.Tx().Exec(ctx, sqlUpdateAct, append(args, before)...)
		if err != nil {
			return fmt.Errorf("write act: %w", err)
		}
		if n != 1 {
			return fault.New(fault.Conflict, "changed-meanwhile")
		}
	}
	p.Wrote(actTable, a.ID[:], a.Version, a.mac)
	return nil
}

// optID stores an identifier, NULL for one of zeroes.
func optID(id []byte) any {
	for _, b := range id {
		if b != 0 {
			return id
		}
	}
	return nil
}

func fetchActs(ctx context.Context, tx *store.Tx, in ident.Case) ([]Act, error) {
	var out []Act
	err := eachRow(ctx, tx, func(scan func(...any) error) error {
		var a Act
		if err := a.scan(scan); err != nil {
			return err
		}
		out = append(out, a)
		return nil
	}, sqlSelectActs, in)
	if err != nil {
		return nil, fmt.Errorf("read acts: %w", err)
	}
	return out, nil
}

// oneAct returns an act of the pass's case, checked.
func oneAct(ctx context.Context, p *access.Pass, s *keys.Sealer, id ActID) (*Act, error) {
	all, err := fetchActs(ctx, p.Tx(), p.Case())
	if err != nil {
		return nil, err
	}
	for i := range all {
		if all[i].ID == id {
			return &all[i], all[i].check(s, p.Case())
		}
	}
	return nil, fault.New(fault.NotFound, "no-such-page")
}
