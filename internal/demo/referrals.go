package demo

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fixture"
	"causeway/internal/ident"
	"causeway/internal/referral"
	"causeway/internal/sealed"
	"causeway/internal/staff"
	"causeway/internal/store"
	"causeway/protocol/handover"
)

// partner is another agency that works on this node, with one person a visitor can
// sign in as.
type partner struct {
	agency, sector, mandate, unit string
	signIn, name, role, language  string
	duty                          int // the team that takes over their checks, 0 where they make none

	at ident.Unit
	id ident.Staff
}

// partners are invented like all others: the first two are asked for help, the last one for interpreters.
func partners() []*partner {
	return []*partner{
		{
			agency: "Harbour House", sector: "shelter", mandate: "Agreement on emergency places for children", unit: "Harbour House shelter",
			signIn: "nessa.orrel", name: "Nessa Orrel", role: access.RoleProvider, language: "en",
		},
		{
			agency: "Court Aid", sector: "legal_aid", mandate: "Legal aid for children, by statute", unit: "Court Aid office",
			signIn: "tobin.vash", name: "Tobin Vash", role: access.RoleProvider, language: "en",
		},
		{
			agency: "Three Fords Police", sector: "police", mandate: "Investigates trafficking in persons", unit: "Anti-trafficking unit",
			signIn: "orla.quenby", name: "Orla Quenby", role: access.RoleInvestigator, language: "en",
		},
		{
			agency: "Border Service", sector: "border", mandate: "Controls the borders, and identifies victims there", unit: "Saltmere crossing",
			signIn: "ravin.sollis", name: "Ravin Sollis", role: access.RoleFirstResponder, language: "en", duty: fixture.SaltmereTeam,
		},
		{
			agency: "Guardianship Office", sector: "guardian", mandate: "Guardians for children without parents, by statute", unit: "Guardianship Office",
			signIn: "samir.aldawli", name: "سمير الدولي", role: access.RoleGuardian, language: "ar",
		},
		{
			agency: "National Coordination", sector: "coordination", mandate: "Coordinates action against trafficking", unit: "National Coordination",
			signIn: "lise.montfaye", name: "Lise Montfaye", role: access.RoleCoordinator, language: "fr",
		},
		{
			agency: "Ombudsperson for Children", sector: "ombudsperson", mandate: "Independent, by the constitution", unit: "Ombudsperson for Children",
			signIn: "petra.sandlow", name: "Petra Sandlow", role: access.RoleOmbudsperson, language: "en",
		},
		{
			agency: "National Referral Mechanism", sector: "coordination", mandate: "Decides or routes cases, and speaks with other countries", unit: "Focal point",
			signIn: "edda.marrow", name: "Edda Marrow", role: access.RoleFocalPoint, language: "en",
		},
		{
			agency: "Tongues for Children", sector: "interpreter", mandate: "Agreement on interpreters for children", unit: "Tongues for Children",
			signIn: "idris.mellow", name: "Idris Mellow", role: access.RoleProvider, language: "en",
		},
	}
}

// join makes the agency, if it is another, its unit and its person, and returns how to
// sign in.
func (t *teller) join(ctx context.Context, p *partner) (Login, error) {
	by := staff.Shell()
	err := t.n.DB.Write(ctx, func(tx *store.Tx) (err error) {
		above := ident.Unit{}
		if p.agency == "" {
			above = t.units[fixture.HeadOffice]
		}
		if p.at, err = t.n.Office.CreateUnit(ctx, tx, by, above, p.unit); err != nil {
			return err
		}
		if p.agency != "" {
			agency, err := t.n.Office.CreateAgency(ctx, tx, by, staff.Agency{Name: p.agency, Sector: p.sector, Mandate: p.mandate})
			if err != nil {
				return err
			}
			if err := t.n.Office.PlaceUnit(ctx, tx, by, p.at, agency); err != nil {
				return err
			}
		}
		if p.duty == 0 {
			return nil
		}
		return t.n.Office.SetDuty(ctx, tx, by, p.at, t.units[p.duty])
	})
	if err != nil {
		return Login{}, err
	}
	return t.hire(ctx, p)
}

// hire makes the account of a partner's person in their unit, and returns how to sign in.
func (t *teller) hire(ctx context.Context, p *partner) (Login, error) {
	by := staff.Shell()
	var inv staff.Invitation
	err := t.n.DB.Write(ctx, func(tx *store.Tx) (err error) {
		p.id, err = t.n.Office.Create(ctx, tx, by, staff.NewAccount{
			SignIn: staff.Secret(p.signIn), Name: staff.Secret(p.name), Unit: p.at, Role: staff.Role(p.role), Language: p.language,
		})
		if err != nil {
			return err
		}
		if err := t.n.Office.SignedOnPaper(ctx, tx, by, p.id, p.language); err != nil {
			return err
		}
		inv, err = t.n.Office.Invite(ctx, tx, by, p.id)
		return err
	})
	if err != nil {
		return Login{}, err
	}
	source := t.n.Office.Source(netip.MustParseAddr("127.0.0.1"))
	admission, _, err := t.n.Office.Admit(ctx, inv.Token, inv.Voice, source)
	if err != nil {
		return Login{}, err
	}
	password := newPassword()
	err = t.n.Office.Accept(ctx, staff.Acceptance{Admission: admission, Password: staff.Secret(password), Device: "demo", Source: source})
	return Login{Name: p.signIn, Password: password, Role: p.role, Unit: p.unit}, err
}

// caller is the partner's person.
func (t *teller) partner(p *partner) *access.Caller {
	return t.n.Gate.Person(access.Signed{
		Staff: p.id, Session: ident.New[ident.Session](), Role: p.role, Unit: p.at, Sector: p.sector, Strength: "password",
	}, "demo", "loopback")
}

// asked is one referral of the demo: what was asked for, and what happened since.
type asked struct {
	to      int // of the partners
	service string
	urgency string
	why     string
	steps   []since
	comes   time.Duration // when the child arrives, from now; 0: nobody said
}

// since is one step: by the partner, or by the sender.
type since struct {
	partner bool
	event   handover.Event
	text    string
	code    string
}

// requests are referrals in several states, so that a visitor sees each.
var requests = []asked{
	{0, "emergency_shelter", "at_once", "Sleeps at a friend's house that is not safe.", nil, 0},
	{0, "emergency_shelter", "soon", "The foster family cannot keep her any longer than this week.", []since{
		{true, handover.AskInfo, "Does the child come with brothers or sisters?", ""},
	}, 0},
	{0, "psychosocial", "soon", "Wakes at night and does not want to be alone.", []since{
		{true, handover.Accept, "", ""}, {true, handover.Start, "She came today and stayed for supper.", ""},
	}, 0},
	{1, "legal_aid", "planned", "Needs somebody at the hearing next month.", []since{
		{true, handover.Accept, "", ""},
		{true, handover.Start, "", ""},
		{true, handover.Complete, "Went to the hearing together. He says he was not afraid.", "met"},
	}, 0},
	{0, "residential_care", "planned", "The uncle moves away in spring.", []since{
		{true, handover.Decline, "All rooms are taken until summer.", "no_place"},
	}, 0},
	{0, "emergency_shelter", "at_once", "Is brought by the night team.", []since{{true, handover.Accept, "", ""}}, 4 * time.Hour},
	{0, "emergency_shelter", "at_once", "Comes by bus, a volunteer meets him.", []since{
		{true, handover.Accept, "", ""}, {true, handover.HandBack, "The bus came, and he was not on it.", "child_not_there"},
	}, 2 * time.Hour},
}

// before is when one of the referrals was made: each some minutes after the one before.
func (t *teller) before(i int) time.Time {
	return t.when.base.Now().Add(time.Duration(i-len(requests)) * 20 * time.Minute)
}

// joined lets the partners join, and returns them and how a visitor can sign in on their
// side.
func (t *teller) joined(ctx context.Context, all []*partner) ([]*partner, []Login, error) {
	t.when.set(t.before(-1))
	var logins []Login
	for _, p := range all {
		l, err := t.join(ctx, p)
		if err != nil {
			return nil, nil, fmt.Errorf("partner: %w", err)
		}
		logins = append(logins, l)
	}
	return all, logins, nil
}

// referrals lets the team of the coast ask its partners.
func (t *teller) referrals(ctx context.Context, all []*partner) error {
	worker := slices.IndexFunc(t.staff, func(s fixture.Staff) bool {
		return s.Role == access.RoleCaseWorker && s.Unit == fixture.SaltmereTeam
	})
	if worker < 0 {
		return nil
	}
	page, err := t.n.Cases.List(ctx, t.as(worker, worker), casework.Query{OpenOnly: true, Worker: t.ids[worker]})
	if err != nil {
		return err
	}
	rows := slices.DeleteFunc(page.Rows, func(r casework.Row) bool { return r.Case.Stage == casework.StageScreened })
	for i := range min(len(requests), len(rows)) {
		t.when.set(t.before(i))
		if err := t.refer(ctx, all, worker, rows[i].Case.ID, &requests[i]); err != nil {
			return fmt.Errorf("referral %d: %w", i, err)
		}
	}
	if len(rows) == 0 {
		return t.oversight(ctx, all)
	}
	return errors.Join(t.book(ctx, all[len(all)-1], worker, rows), t.claim(ctx, rows[len(rows)-1].Case.Number), t.oversight(ctx, all))
}

// claim lets the supervisor of another team ask for a case.
func (t *teller) claim(ctx context.Context, number ident.CaseNumber) error {
	boss := slices.IndexFunc(t.staff, func(s fixture.Staff) bool {
		return s.Role == access.RoleSupervisor && s.Unit != fixture.SaltmereTeam && s.Unit != fixture.HeadOffice
	})
	if boss < 0 {
		return nil
	}
	why := sealed.NewText("The child moved to an aunt in our district last week.")
	return t.n.Referrals.Claim(ctx, t.as(boss, boss), ident.New[ident.Command](), number.String(), why)
}

// refer offers one child's case and lets what happened since happen.
func (t *teller) refer(ctx context.Context, all []*partner, worker int, of ident.Case, q *asked) error {
	sender, receiver := t.as(worker, worker), t.partner(all[q.to])
	f := referral.Offer{
		Kind: handover.Referral, To: all[q.to].at, Service: q.service, Urgency: q.urgency, Language: "en", Purpose: "services",
		Basis: "public_task", Norm: sealed.NewText("Children's Act, article 12"), Reason: sealed.NewText(q.why),
		Parts: []string{"identity", "age", "language", "needs", "risk"},
	}
	if q.comes != 0 {
		given, err := t.n.Services.OfUnit(ctx, receiver)
		if err != nil {
			return err
		}
		f.Destination = referral.Destination{Service: given[0].ID, Expected: t.when.base.Now().Add(q.comes), Doctor: len(q.steps) == 1}
	}
	p, err := t.n.Referrals.Preview(ctx, sender, of, f)
	if err != nil {
		return err
	}
	f.Seen = p.Seen
	id, err := t.n.Referrals.Offer(ctx, sender, ident.New[ident.Command](), of, f)
	if err != nil {
		return err
	}
	for _, s := range q.steps {
		who := sender
		if s.partner {
			who = receiver
		}
		a := referral.Answer{Event: s.event, Text: sealed.NewText(s.text)}
		if a.Reason = s.code; s.event == handover.Complete {
			a.Reason, a.Outcome = "", s.code
		}
		if err := t.n.Referrals.Move(ctx, who, ident.New[ident.Command](), of, id, a); err != nil {
			return err
		}
	}
	return nil
}
