package access_test

import (
	"net/netip"
	"slices"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/staff"
	"causeway/internal/store"
)

const password = staff.Secret("heron lamp seventeen")

// house is an office with real accounts, in two units below a head.
type house struct {
	*accesstest.Office
	staff        *staff.Office
	people       *access.People
	north, south ident.Unit
	home         staff.Source
}

// freshFor is what the pack of these tests says of a fresh check.
const freshFor = 2 * time.Minute

func newHouse(t testing.TB, o *accesstest.Office) *house {
	t.Helper()
	rules := staff.DefaultRules()
	for role := range rules {
		rules[role] = staff.PasswordEnough
	}
	office, err := staff.New(staff.Config{
		Origin: "https://node.example", Name: "Causeway test", Languages: []string{"en"}, Spoken: []string{"en", "am"}, Sectors: []string{staff.OwnSector, "police"},
		Rules: rules, Cost: staff.Cost{Memory: 19 << 10, Passes: 2}, Fresh: freshFor,
	}, staff.Deps{DB: o.DB, Seals: o.Custody, Root: o.Ring, Journal: o.Journal})
	if err != nil {
		t.Fatal(err)
	}
	h := &house{Office: o, staff: office, people: access.NewPeople(o.Gate, office)}
	h.home = office.Source(netip.MustParseAddr("203.0.113.7"))
	h.write(t, func(tx *store.Tx) error {
		if err := office.SetOrganisation(ctx, tx, staff.Shell(), "Office of Bridges"); err != nil {
			return err
		}
		head, err := office.CreateUnit(ctx, tx, staff.Shell(), ident.Unit{}, "Head")
		if err != nil {
			return err
		}
		if h.north, err = office.CreateUnit(ctx, tx, staff.Shell(), head, "North"); err != nil {
			return err
		}
		h.south, err = office.CreateUnit(ctx, tx, staff.Shell(), head, "South")
		return err
	})
	return h
}

func (h *house) write(t testing.TB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := h.DB.Write(ctx, fn); err != nil {
		t.Fatal(err)
	}
}

// invited makes an account with an open invitation.
func (h *house) invited(t testing.TB, name staff.Secret, role staff.Role, unit ident.Unit, boss ident.Staff) (id ident.Staff, in staff.Invitation) {
	t.Helper()
	h.write(t, func(tx *store.Tx) (err error) {
		id, err = h.staff.Create(ctx, tx, staff.Shell(), staff.NewAccount{
			SignIn: name, Name: "Name of " + name, Unit: unit, Role: role, Language: "en", Supervisor: boss,
		})
		if err == nil {
			in, err = h.staff.Invite(ctx, tx, staff.Shell(), id)
		}
		return err
	})
	return id, in
}

// employ makes somebody who can sign in.
func (h *house) employ(t testing.TB, name staff.Secret, role staff.Role, unit ident.Unit, boss ident.Staff) ident.Staff {
	t.Helper()
	id, in := h.invited(t, name, role, unit, boss)
	admission, _, err := h.staff.Admit(ctx, in.Token, in.Voice, h.home)
	if err == nil {
		err = h.staff.Accept(ctx, staff.Acceptance{Admission: admission, Password: password, Source: h.home})
	}
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// signed is somebody signed in.
type signed struct {
	*access.Caller
	by staff.By
	s  staff.Session
}

func (h *house) signIn(t testing.TB, name staff.Secret) *signed {
	t.Helper()
	in, err := h.staff.SignIn(ctx, staff.Attempt{Name: name, Password: password, Source: h.home})
	if err != nil {
		t.Fatal(err)
	}
	out := &signed{by: in.Session.By(), s: in.Session}
	h.again(t, out)
	return out
}

// again makes the caller anew, as the next request does, a little later.
func (h *house) again(t testing.TB, p *signed) {
	t.Helper()
	h.Clock.Advance(3 * time.Second) // the copy of people and units
	var err error
	if p.Caller, err = h.people.Caller(ctx, p.s, "web"); err != nil {
		t.Fatal(err)
	}
}

func (h *house) version(t testing.TB, id ident.Staff) (v int64) {
	t.Helper()
	err := h.DB.Read(ctx, func(tx *store.Tx) error {
		a, err := h.staff.Account(ctx, tx, id)
		v = a.Version
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (h *house) deputy(who, deputy ident.Staff) staff.Deputy {
	return staff.Deputy{Staff: who, Deputy: deputy, From: h.Clock.Now(), Until: h.Clock.Now().Add(time.Hour)}
}

// TestFreshCheckLastsAsThePackSays: acts on accounts ask for a check as fresh as
// the pack says; the table of actions alone says which.
func TestFreshCheckLastsAsThePackSays(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		h := newHouse(t, o)
		boss := h.employ(t, "samira", staff.Supervisor, h.north, ident.Staff{})
		worker := h.employ(t, "amal", staff.CaseWorker, h.north, boss)
		other := h.employ(t, "bilal", staff.CaseWorker, h.north, boss)
		guest, _ := h.invited(t, "nour", staff.CaseWorker, h.north, boss)
		h.employ(t, "omar", staff.NodeOperator, h.north, ident.Staff{})
		name := staff.Secret("Amal Haddad")
		v := h.version(t, worker)
		acts := []struct {
			action, who string
			do          func(p *signed) error
		}{
			{"staff.invite", "samira", func(p *signed) error {
				_, err := h.people.Invite(ctx, p.Caller, p.by, command(), staff.NewAccount{
					SignIn: "yara", Name: "Yara", Unit: h.north, Role: staff.CaseWorker, Language: "en", Supervisor: boss,
				})
				return err
			}},
			{"staff.reinvite", "samira", func(p *signed) error {
				_, err := h.people.Reinvite(ctx, p.Caller, p.by, command(), worker)
				return err
			}},
			{"staff.update", "samira", func(p *signed) error {
				return h.people.Change(ctx, p.Caller, p.by, command(), worker, v, staff.Change{Name: &name})
			}},
			{"staff.withdraw", "samira", func(p *signed) error { return h.people.Withdraw(ctx, p.Caller, p.by, command(), guest) }},
			{"deputy.set", "samira", func(p *signed) error {
				return h.people.SetDeputy(ctx, p.Caller, p.by, command(), h.deputy(worker, other))
			}},
			{"deputy.end", "samira", func(p *signed) error { return h.people.EndDeputy(ctx, p.Caller, p.by, command(), worker, other) }},
			{"staff.disable", "samira", func(p *signed) error {
				return h.people.Disable(ctx, p.Caller, p.by, command(), other, h.version(t, other), ident.Staff{})
			}},
			{"unit.update", "omar", func(p *signed) error {
				return h.people.CreateUnit(ctx, p.Caller, p.by, command(), access.NewUnit{Parent: h.north, Name: "Harbour"})
			}},
			{"agency.update", "omar", func(p *signed) error {
				_, err := h.people.CreateAgency(ctx, p.Caller, p.by, command(), staff.Agency{Name: "Police of Bridges", Sector: "police"})
				return err
			}},
		}
		in := map[string]*signed{"samira": h.signIn(t, "samira"), "omar": h.signIn(t, "omar")}
		h.Clock.Advance(freshFor)
		for _, a := range acts {
			if err := a.do(in[a.who]); !fault.Is(err, fault.Expired) || fault.CodeOf(err) != "fresh-check" {
				t.Errorf("%s after %v: %v, want that a fresh check is needed", a.action, freshFor, err)
			}
			if !access.NeedsFresh(a.action) {
				t.Errorf("%s: a page does not know that it needs a fresh check", a.action)
			}
		}
		in["samira"], in["omar"] = h.signIn(t, "samira"), h.signIn(t, "omar")
		for _, a := range acts {
			if err := a.do(in[a.who]); err != nil {
				t.Errorf("%s with a fresh check: %v", a.action, err)
			}
		}
	})
}

// TestCallersAreOfASector: a caller is of their unit's agency, and of another sector
// from the next request on when the agency is.
func TestCallersAreOfASector(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		h := newHouse(t, o)
		h.employ(t, "amal", staff.CaseWorker, h.north, ident.Staff{})
		h.employ(t, "omar", staff.NodeOperator, h.north, ident.Staff{})
		amal, omar := h.signIn(t, "amal"), h.signIn(t, "omar")
		if amal.Sector() != staff.OwnSector || amal.Agency().IsZero() {
			t.Errorf("at first of sector %q", amal.Sector())
		}
		police, err := h.people.CreateAgency(ctx, omar.Caller, omar.by, command(), staff.Agency{Name: "Police of Bridges", Sector: "police"})
		if err != nil {
			t.Fatal(err)
		}
		if err := h.people.CreateUnit(ctx, omar.Caller, omar.by, command(), access.NewUnit{Agency: police, Name: "Patrol"}); err != nil {
			t.Fatal(err)
		}
		d, err := h.staff.Directory(ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, u := range d.Units() {
			if u.Name == "Patrol" {
				h.employ(t, "tarek", staff.FirstResponder, u.ID, ident.Staff{})
				refused(t, "a case worker", h.people.PlaceUnit(ctx, amal.Caller, amal.by, command(), u.ID, amal.Agency()))
			}
		}
		if tarek := h.signIn(t, "tarek"); tarek.Sector() != "police" || tarek.Agency() != police {
			t.Errorf("the patrol is of sector %q", tarek.Sector())
		}
		_, err = h.people.CreateAgency(ctx, amal.Caller, amal.by, command(), staff.Agency{Name: "Mine", Sector: "police"})
		refused(t, "a case worker making an agency", err)
		own, _ := d.AgencyOf(h.north)
		own.Sector = "police"
		refused(t, "a case worker changing their sector", h.people.ChangeAgency(ctx, amal.Caller, amal.by, command(), own))
		if err := h.people.ChangeAgency(ctx, omar.Caller, omar.by, command(), own); err != nil {
			t.Fatal(err)
		}
		if h.again(t, amal); amal.Sector() != "police" {
			t.Errorf("after the change of sector %q", amal.Sector())
		}
	})
}

// TestWithdrawInvitation: the supervisor of the unit and the node operator take
// an invitation back, and nobody else does.
func TestWithdrawInvitation(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		h := newHouse(t, o)
		boss := h.employ(t, "samira", staff.Supervisor, h.north, ident.Staff{})
		h.employ(t, "rashid", staff.Supervisor, h.south, ident.Staff{})
		h.employ(t, "amal", staff.CaseWorker, h.north, boss)
		h.employ(t, "omar", staff.NodeOperator, h.north, ident.Staff{})
		h.employ(t, "dana", staff.Auditor, h.north, ident.Staff{})
		guest, in := h.invited(t, "nour", staff.CaseWorker, h.north, boss)
		withdraw := func(name staff.Secret, who ident.Staff) error {
			p := h.signIn(t, name)
			return h.people.Withdraw(ctx, p.Caller, p.by, command(), who)
		}
		for _, name := range []staff.Secret{"rashid", "amal", "dana"} {
			refused(t, string(name), withdraw(name, guest))
		}
		refused(t, "nobody's", withdraw("samira", ident.New[ident.Staff]()))
		refused(t, "one's own", withdraw("samira", boss))
		equal(t, "reasons", reasons(t, o), []string{"floor-other-unit", "no-policy", "no-policy", "floor-other-unit", "floor-not-oneself"})
		if _, err := h.staff.Peek(ctx, in.Token); err != nil {
			t.Fatalf("the invitation meanwhile: %v", err)
		}
		if err := withdraw("samira", guest); err != nil {
			t.Fatal(err)
		}
		if _, err := h.staff.Peek(ctx, in.Token); fault.CodeOf(err) != "invitation-ended" {
			t.Errorf("the link afterwards: %v, want ended", err)
		}
		if got := last(t, o, 1)[0]; got.What != "staff.withdraw" || got.Action != "REVOKE" {
			t.Errorf("entry = %s %s", got.Action, got.What)
		}
		refused(t, "an invitation that is not there", withdraw("samira", guest))
		other, second := h.invited(t, "tarek", staff.CaseWorker, h.south, ident.Staff{})
		if err := withdraw("omar", other); err != nil {
			t.Errorf("the node operator: %v", err)
		}
		if _, err := h.staff.Peek(ctx, second.Token); fault.CodeOf(err) != "invitation-ended" {
			t.Errorf("the second link: %v, want ended", err)
		}
	})
}

// TestWhoNamesAnHeir: with the duties of somebody who leaves go rights over cases, so
// only who may change posts names who takes over, and only of their own units.
func TestWhoNamesAnHeir(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		h := newHouse(t, o)
		boss := h.employ(t, "samira", staff.Supervisor, h.north, ident.Staff{})
		rashid := h.employ(t, "rashid", staff.Supervisor, h.south, ident.Staff{})
		amal := h.employ(t, "amal", staff.CaseWorker, h.north, boss)
		bilal := h.employ(t, "bilal", staff.CaseWorker, h.north, boss)
		h.employ(t, "omar", staff.NodeOperator, h.north, ident.Staff{})
		disable := func(name staff.Secret, who, heir ident.Staff) error {
			p := h.signIn(t, name)
			return h.people.Disable(ctx, p.Caller, p.by, command(), who, h.version(t, who), heir)
		}
		refused(t, "a node operator naming an heir", disable("omar", amal, bilal))
		refused(t, "an heir of another unit", disable("samira", amal, rashid))
		refused(t, "a case worker", disable("bilal", amal, bilal))
		equal(t, "reasons", reasons(t, o), []string{"floor-no-heir", "floor-other-unit", "floor-no-heir"})
		if err := disable("samira", amal, bilal); err != nil {
			t.Fatal(err)
		}
		d, err := h.staff.Directory(ctx)
		if heir, ok := d.Heir(amal); err != nil || !ok || heir != bilal {
			t.Errorf("the one named does not take over: %v", err)
		}
		if err := disable("omar", bilal, ident.Staff{}); err != nil {
			t.Errorf("the node operator without an heir: %v", err)
		}
	})
}

// TestEndDeputy: the supervisor of the unit ends a standing in, the person who is
// back as well where they may name one, and nobody else.
func TestEndDeputy(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		h := newHouse(t, o)
		boss := h.employ(t, "samira", staff.Supervisor, h.north, ident.Staff{})
		rashid := h.employ(t, "rashid", staff.Supervisor, h.south, ident.Staff{})
		amal := h.employ(t, "amal", staff.CaseWorker, h.north, boss)
		bilal := h.employ(t, "bilal", staff.CaseWorker, h.north, boss)
		h.employ(t, "omar", staff.NodeOperator, h.north, ident.Staff{})
		id := register(t, o, h.signIn(t, "amal").Caller)
		h.write(t, func(tx *store.Tx) error {
			if err := h.staff.SetDeputy(ctx, tx, staff.Shell(), h.deputy(amal, bilal)); err != nil {
				return err
			}
			return h.staff.SetDeputy(ctx, tx, staff.Shell(), h.deputy(boss, rashid))
		})
		end := func(name staff.Secret, who, deputy ident.Staff) error {
			p := h.signIn(t, name)
			return h.people.EndDeputy(ctx, p.Caller, p.by, command(), who, deputy)
		}
		stands := h.signIn(t, "bilal")
		if err := does(o, stands.Caller, "case.note", id); err != nil {
			t.Fatalf("the deputy: %v", err)
		}
		for _, name := range []staff.Secret{"bilal", "amal", "omar"} {
			refused(t, string(name), end(name, amal, bilal))
		}
		if err := end("samira", amal, bilal); err != nil {
			t.Fatal(err)
		}
		if got := last(t, o, 1)[0]; got.What != "deputy.end" || got.Action != "REVOKE" {
			t.Errorf("entry = %s %s", got.Action, got.What)
		}
		h.again(t, stands)
		refused(t, "the deputy afterwards", does(o, stands.Caller, "case.note", id))
		refused(t, "a standing in that is not there", end("samira", amal, bilal))
		refused(t, "that of another unit", end("samira", rashid, boss))
		// A supervisor who is back ends it without asking anybody.
		if err := end("samira", boss, rashid); err != nil {
			t.Errorf("one's own: %v", err)
		}
	})
}

// TestDeputyOfASupervisorLooksAfterTheUnit: from another unit too, for as long as
// the standing in lasts and the other is a supervisor, and not through a deputy
// of another role.
func TestDeputyOfASupervisorLooksAfterTheUnit(t *testing.T) {
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) {
		h := newHouse(t, o)
		samira := h.employ(t, "samira", staff.Supervisor, h.north, ident.Staff{})
		rashid := h.employ(t, "rashid", staff.Supervisor, h.south, ident.Staff{})
		amal := h.employ(t, "amal", staff.CaseWorker, h.north, samira)
		bilal := h.employ(t, "bilal", staff.CaseWorker, h.south, rashid)
		karim := h.employ(t, "karim", staff.CaseWorker, h.north, samira)
		led, unled := register(t, o, h.signIn(t, "amal").Caller), register(t, o, h.signIn(t, "karim").Caller)
		stands := h.signIn(t, "rashid")
		reach := func() (out []bool) {
			h.again(t, stands)
			for _, id := range []ident.Case{led, unled} {
				out = append(out, does(o, stands.Caller, "case.note", id) == nil)
				holders := stands.Holders()
				out = append(out, slices.ContainsFunc(holders, func(x any) bool { return string(x.([]byte)) == string(h.north[:]) }))
				wait(o)
				stands = h.signIn(t, "rashid")
			}
			return out
		}
		rename := func() error {
			name := staff.Secret("Amal Haddad")
			return h.people.Change(ctx, stands.Caller, stands.by, command(), amal, h.version(t, amal), staff.Change{Name: &name})
		}
		none, all := []bool{false, false, false, false}, []bool{true, true, true, true}
		if got := reach(); !slices.Equal(got, none) {
			t.Fatalf("before: %v", got)
		}
		refused(t, "an account of the unit, before", rename())
		h.write(t, func(tx *store.Tx) error {
			d := h.deputy(samira, rashid)
			d.Until = d.From.Add(30 * 24 * time.Hour)
			return h.staff.SetDeputy(ctx, tx, staff.Shell(), d)
		})
		if got := reach(); !slices.Equal(got, all) {
			t.Errorf("standing in: %v", got)
		}
		if err := rename(); err != nil {
			t.Errorf("an account of the unit: %v", err)
		}
		// A case worker who stands in for one of the unit reaches that one's cases.
		h.write(t, func(tx *store.Tx) error { return h.staff.SetDeputy(ctx, tx, staff.Shell(), h.deputy(amal, bilal)) })
		helper := h.signIn(t, "bilal")
		if err := does(o, helper.Caller, "case.note", led); err != nil {
			t.Errorf("a worker's deputy: %v", err)
		}
		refused(t, "a worker's deputy, with another's case", does(o, helper.Caller, "case.note", unled))
		_ = karim
		// Whoever is no supervisor any more has no unit to look after.
		role := staff.CaseWorker
		h.write(t, func(tx *store.Tx) error {
			return h.staff.Change(ctx, tx, staff.Shell(), samira, h.version(t, samira), staff.Change{Role: &role})
		})
		if got := reach(); !slices.Equal(got, none) {
			t.Errorf("of somebody who is no supervisor: %v", got)
		}
	})
}
