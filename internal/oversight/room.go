package oversight

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/store"
)

// Purpose is the purpose of every act of this room.
const Purpose = access.PurposeOversight

// Codes are the lists and clocks of the pack.
type Codes interface {
	Valid(list, code string) bool
	Clock(pack.ClockName) pack.Clock
}

// Colleague is somebody whose account is open.
type Colleague struct {
	Staff  ident.Staff
	Role   string
	Unit   ident.Unit
	Agency ident.Agency
}

// Staffing knows who works here.
type Staffing interface {
	// Colleagues returns everybody whose account is open.
	Colleagues(context.Context) ([]Colleague, error)
	// Above returns who is above somebody: the supervisor named for them, and whoever
	// supervises their unit or one above it.
	Above(context.Context, ident.Staff) ([]ident.Staff, error)
}

// Cases finds the case of a number.
type Cases interface {
	// CaseNumbered returns the case with a number, none where there is no such case.
	CaseNumbered(context.Context, *access.Pass, ident.CaseNumber) (ident.Case, error)
}

// Room keeps complaints and inquiries. It is safe for concurrent use.
type Room struct {
	gate     *access.Gate
	codes    Codes
	key      store.Voucher
	staffing Staffing
	cases    Cases
}

// New returns the room. key vouches for its rows.
func New(gate *access.Gate, codes Codes, key [32]byte, staffing Staffing, cases Cases) *Room {
	return &Room{gate: gate, codes: codes, key: key, staffing: staffing, cases: cases}
}

// CaseOf returns the case of a number for who reads the journal: one that nobody
// registered where there is no such case, of which the journal has no entry.
func (r *Room) CaseOf(ctx context.Context, c *access.Caller, number string) (ident.Case, error) {
	n, err := ident.ParseCaseNumber(number)
	if err != nil {
		return ident.Case{}, err
	}
	var id ident.Case
	err = r.gate.View(ctx, c, access.Act{Action: "journal.view", Purpose: "audit"}, func(p *access.Pass) (err error) {
		if id, err = r.cases.CaseNumbered(ctx, p, n); err == nil && id.IsZero() {
			id = ident.New[ident.Case]()
		}
		return err
	})
	return id, err
}

// hands returns who looks into a complaint, and who must not, whatever their role: the
// one it is about and those above them, the people of the agency it is about, those who
// run the machine it is about. An auditor does where no ombudsperson can. Where nobody
// outside the agency can, inside is true: those within it do.
func (r *Room) hands(ctx context.Context, q *Complaint) (hands, apart []ident.Staff, inside bool, err error) {
	all, err := r.staffing.Colleagues(ctx)
	if err != nil {
		return nil, nil, false, err
	}
	switch q.About {
	case AboutColleague:
		above, err := r.staffing.Above(ctx, q.Staff)
		if err != nil {
			return nil, nil, false, err
		}
		apart = append(above, q.Staff)
	case AboutAgency, AboutSystem:
		for _, one := range all {
			if q.About == AboutAgency && one.Agency == q.Agency || q.About == AboutSystem && one.Role == access.RoleNodeOperator {
				apart = append(apart, one.Staff)
			}
		}
	}
	if hands = overseers(all, apart); len(hands) > 0 || q.About != AboutAgency {
		return hands, apart, false, nil
	}
	hands = overseers(all, nil)
	apart = slices.DeleteFunc(apart, func(s ident.Staff) bool { return slices.Contains(hands, s) })
	return hands, apart, true, nil
}

// overseers returns the ombudspersons among some people, or the auditors where there is
// none, but for those who are kept apart.
func overseers(all []Colleague, apart []ident.Staff) []ident.Staff {
	for _, role := range []string{access.RoleOmbudsperson, access.RoleAuditor} {
		var out []ident.Staff
		for _, one := range all {
			if one.Role == role && !slices.Contains(apart, one.Staff) {
				out = append(out, one.Staff)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// Hands reports how a complaint stands with those who look into it.
type Hands struct {
	Nobody bool // no account is left that may: it has to be taken to somebody outside
	Inside bool // they belong to the agency it is about, because nobody else can
}

func (r *Room) handsOf(ctx context.Context, q *Complaint) (Hands, error) {
	hands, _, inside, err := r.hands(ctx, q)
	return Hands{Nobody: len(hands) == 0, Inside: inside}, err
}

// handles reports whether a caller looks into a complaint.
func (r *Room) handles(ctx context.Context, c *access.Caller, q *Complaint) (bool, error) {
	hands, apart, _, err := r.hands(ctx, q)
	return err == nil && c.Among(hands...) && !c.Among(apart...), err
}
