package referral

import (
	"context"
	"crypto/sha256"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

const memberTable = "referral_member"

// Wishes are what a child may say of somebody in the circle; not asked yet is none of
// them.
func Wishes() []string { return []string{"wanted", "not_wanted", "unsure"} }

// Conflicts are the answers to whether anything stands against somebody's part in the
// circle, such as kinship with a suspect. None is a default.
func Conflicts() []string { return []string{"none", "declared"} }

// AsksConflict reports whether a role is asked for it.
func AsksConflict(role string) bool { return role == "guardian" || role == "interpreter" }

// Member is one person's time in a child's circle.
type Member struct {
	ID       MemberID
	Staff    ident.Staff
	Role     string // code list circle_role
	Since    time.Time
	Until    time.Time // zero: still in it
	Wanted   string    // one of [Wishes]; "": the child was not asked
	Conflict string    // one of [Conflicts]; "": not asked of this role
	MemberNote

	stamp
	blob []byte
}

// MemberNote is the sealed part of a member.
type MemberNote struct {
	Does    sealed.Text `cbor:"1,keyasint,omitzero"` // what they do for the child
	Against sealed.Text `cbor:"2,keyasint,omitzero"` // what stands against it
	Words   sealed.Text `cbor:"3,keyasint,omitzero"` // what the child said of it then
}

// Open reports whether somebody is in the circle now.
func (m *Member) Open() bool { return m.Until.IsZero() }

func (m *Member) columns() []any {
	return []any{m.Since.UnixMicro(), optTime(m.Until), m.Staff[:], m.Role, optCode(m.Wanted), optCode(m.Conflict), m.blob}
}

func (m *Member) scan(scan func(...any) error) error {
	var since int64
	var until *int64
	var wanted, conflict *string
	err := scan(&m.Case, &m.ID, &m.Version, &m.MAC, &since, &until, &m.Staff, &m.Role, &wanted, &conflict, &m.blob)
	if err != nil {
		return err
	}
	m.Since, m.Until = clock.FromMicros(since), fromOpt(until)
	m.Wanted, m.Conflict = fromCode(wanted), fromCode(conflict)
	return nil
}

func (m *Member) write(ctx context.Context, p *access.Pass) error {
	return memberLedger.Keep(ctx, p, m.ID[:], &m.stamp, &m.blob, &m.MemberNote, m.columns)
}

func (m *Member) open(p *access.Pass) error {
	return memberLedger.Show(p, m.ID[:], &m.stamp, m.blob, &m.MemberNote, m.columns())
}

func fetchMembers(ctx context.Context, tx *store.Tx, of ident.Case) (out []Member, err error) {
	err = eachRow(ctx, tx, func(scan func(...any) error) error {
		out = append(out, Member{})
		return out[len(out)-1].scan(scan)
	}, memberLedger.Of, of)
	return out, err
}

// membersOf reads and checks the members of the pass's case, for a command.
func membersOf(ctx context.Context, p *access.Pass) ([]Member, error) {
	out, err := fetchMembers(ctx, p.Tx(), p.Case())
	if err != nil {
		return nil, err
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	for i := range out {
		if err := memberLedger.Check(s, out[i].ID[:], &out[i].stamp, out[i].columns()); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// NewMember is somebody to be invited into a child's circle.
type NewMember struct {
	Staff    ident.Staff
	Role     string
	Conflict string
	Wanted   string
	MemberNote
}

func (n *NewMember) check(ctx context.Context, r *Circle) error {
	var c fault.Check
	known, ok, err := r.staff.Known(ctx, [16]byte(n.Staff), false)
	if err != nil {
		return err
	}
	c.Require(ok && known.Active, "circle_member", "required")
	c.Require(r.codes.Valid(pack.CircleRoles, n.Role), "circle_role", "required")
	if AsksConflict(n.Role) {
		c.Require(slices.Contains(Conflicts(), n.Conflict), "circle_conflict", "required")
		c.Require(n.Conflict != "declared" || !n.Against.IsZero(), "circle_against", "required")
	} else {
		n.Conflict, n.Against = "", sealed.Text{}
	}
	c.Require(n.Wanted == "" || slices.Contains(Wishes(), n.Wanted), "circle_wanted", "not-in-list")
	return errOr(c.Err(), checkTexts(map[string]sealed.Text{"circle_does": n.Does, "circle_against": n.Against, "circle_words": n.Words}, mostText))
}

// Invite takes somebody with an account into a child's circle. They see that there is a
// case with a number, and of it what is disclosed to them.
func (r *Circle) Invite(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, n NewMember) error {
	if err := n.check(ctx, r); err != nil {
		return err
	}
	return r.keep(ctx, c, cmd, of, func(p *access.Pass, members []Member) (*casework.Event, error) {
		if away, err := p.IsWithheld(ctx, [16]byte(n.Staff)); err != nil || away {
			return nil, orInvalid(err, "circle_member", "withheld-from")
		}
		for i := range members {
			if members[i].Open() && members[i].Staff == n.Staff {
				return nil, fault.InvalidField("circle_member", "in-the-circle")
			}
		}
		m := Member{
			ID: ident.New[MemberID](), Staff: n.Staff, Role: n.Role, Since: p.Now(), Wanted: n.Wanted, Conflict: n.Conflict,
			MemberNote: n.MemberNote,
		}
		if err := p.Reach(ctx, access.RelationCircle, [16]byte(n.Staff)); err != nil {
			return nil, err
		}
		return &casework.Event{Kind: casework.KindCircleJoined, Content: casework.Content{
			Who: n.Staff[:], To: n.Role, Text: n.Does, Words: n.Words,
		}}, m.write(ctx, p)
	})
}

// Invited says of one member of a group whether they were invited into a circle.
type Invited struct {
	Staff ident.Staff
	Fault string // code of why not, "" where they were
}

// InviteGroup invites several people at once. Each invitation is decided and entered by
// itself; who may not be invited is named with the reason, and the others are. Roles
// that are asked about conflicts of interest are invited one by one.
func (r *Circle) InviteGroup(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, people []ident.Staff, n NewMember) ([]Invited, error) {
	if AsksConflict(n.Role) {
		return nil, fault.InvalidField("circle_role", "one-by-one")
	}
	out := make([]Invited, 0, len(people))
	for _, who := range people {
		n.Staff = who
		one := Invited{Staff: who}
		err := r.Invite(ctx, c, eachOf(cmd, who), of, n)
		for _, f := range fault.FieldsOf(err) {
			if f.Name != "circle_member" {
				return nil, err // it is wrong for all of them
			}
			one.Fault = f.Code
		}
		if err != nil && one.Fault == "" {
			return nil, err
		}
		out = append(out, one)
	}
	return out, nil
}

// eachOf returns the command of one person of a form about several: always the same for
// the same form.
func eachOf(cmd ident.Command, who ident.Staff) ident.Command {
	sum := sha256.Sum256(slices.Concat([]byte("circle.group"), cmd[:], who[:]))
	return ident.Command(sum[:16])
}

// Wish records what the child says of somebody in the circle.
func (r *Circle) Wish(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id MemberID, wanted string, said sealed.Text) error {
	var chk fault.Check
	chk.Require(slices.Contains(Wishes(), wanted), "circle_wanted", "required")
	if err := errOr(chk.Err(), checkTexts(map[string]sealed.Text{"circle_words": said}, mostText)); err != nil {
		return err
	}
	return r.onMember(ctx, c, cmd, of, id, func(p *access.Pass, m *Member) (*casework.Event, error) {
		m.Wanted = wanted // the words stand in the event
		return &casework.Event{Kind: casework.KindCircleWish, Content: casework.Content{
			Who: m.Staff[:], To: wanted, Words: said,
		}}, m.write(ctx, p)
	})
}

// Remove ends somebody's part in the circle, and with it everything that was disclosed
// to them.
func (r *Circle) Remove(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id MemberID, why sealed.Text) error {
	var chk fault.Check
	chk.Require(!why.IsZero(), "reason", "required")
	if err := errOr(chk.Err(), checkTexts(map[string]sealed.Text{"reason": why}, mostText)); err != nil {
		return err
	}
	return r.onMember(ctx, c, cmd, of, id, func(p *access.Pass, m *Member) (*casework.Event, error) {
		given, err := disclosuresOf(ctx, p)
		if err != nil {
			return nil, err
		}
		for i := range given {
			if d := &given[i]; !d.Unit && d.To == [16]byte(m.Staff) && d.Ended.IsZero() {
				if err := d.mark(ctx, p, markEnded); err != nil {
					return nil, err
				}
			}
		}
		m.Until = p.Now()
		if err := m.write(ctx, p); err != nil {
			return nil, err
		}
		return &casework.Event{Kind: casework.KindCircleLeft, Content: casework.Content{
			Who: m.Staff[:], To: m.Role, Text: why,
		}}, p.EndReachOf(ctx, access.RelationCircle, [16]byte(m.Staff))
	})
}

// keep is the frame of the commands on the circle of a case.
func (r *Circle) keep(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case,
	do func(*access.Pass, []Member) (*casework.Event, error),
) error {
	a := access.Act{Action: "circle.keep", Purpose: purposeCare, Case: of, Command: cmd}
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return "", r.cases.Tell(ctx, p, 0, func(*casework.Case) (*casework.Event, error) {
			members, err := membersOf(ctx, p)
			if err != nil {
				return nil, err
			}
			return do(p, members)
		})
	})
	return err
}

func (r *Circle) onMember(ctx context.Context, c *access.Caller, cmd ident.Command, of ident.Case, id MemberID,
	do func(*access.Pass, *Member) (*casework.Event, error),
) error {
	return r.keep(ctx, c, cmd, of, func(p *access.Pass, members []Member) (*casework.Event, error) {
		i := slices.IndexFunc(members, func(m Member) bool { return m.ID == id })
		switch {
		case i < 0:
			return nil, fault.New(fault.NotFound, "no-such-page")
		case !members[i].Open():
			return nil, fault.New(fault.Invalid, "not-in-the-circle")
		}
		return do(p, &members[i])
	})
}
