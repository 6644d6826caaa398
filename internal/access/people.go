package access

import (
	"context"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// People is the desk where accounts are run: every act passes the gate first,
// then package staff does it, in the same transaction.
type People struct {
	gate   *Gate
	office *staff.Office
}

// NewPeople joins the gate and the office.
func NewPeople(g *Gate, o *staff.Office) *People { return &People{g, o} }

// PurposeAccounts is the purpose of running accounts.
const PurposeAccounts = "administration"

// List returns every account with its standing.
func (d *People) List(ctx context.Context, c *Caller) ([]staff.Standing, []staff.Deputy, error) {
	var all []staff.Standing
	var deputies []staff.Deputy
	err := d.gate.View(ctx, c, Act{Action: "staff.list", Purpose: PurposeAccounts}, func(p *Pass) (err error) {
		if all, err = d.office.Standings(ctx, p.Tx()); err != nil {
			return err
		}
		deputies, err = d.office.Deputies(ctx, p.Tx())
		return err
	})
	return all, deputies, err
}

// run is the frame of the acts on one account. A supervisor runs the accounts of
// their own unit and the units below, and those of a supervisor they stand in
// for, nobody else's.
func (d *People) run(ctx context.Context, c *Caller, cmd ident.Command, action string, who ident.Staff, unit ident.Unit,
	do func(*Pass) error,
) error {
	if err := d.within(ctx, c, action, who, unit); err != nil {
		return err
	}
	a := Act{Action: action, Purpose: PurposeAccounts, Staff: who, Command: cmd}
	_, err := d.gate.Do(ctx, c, a, func(p *Pass) (string, error) { return "", do(p) })
	return err
}

// within refuses a supervisor's act on an account outside their units.
func (d *People) within(ctx context.Context, c *Caller, action string, who ident.Staff, unit ident.Unit) error {
	if c == nil || c.role != RoleSupervisor {
		return nil
	}
	dir, err := d.office.Directory(ctx)
	if err != nil {
		return err
	}
	mine := map[ident.Unit]bool{}
	for _, own := range append([]ident.Unit{c.unit}, c.above...) {
		for _, u := range dir.Below(own) {
			mine[u] = true
		}
	}
	account, known := dir.Person(who)
	if !who.IsZero() && (!known || !mine[account.Unit]) || !unit.IsZero() && !mine[unit] {
		return d.gate.refuse(ctx, c, Act{Action: action, Purpose: PurposeAccounts, Staff: who}, "floor-other-unit")
	}
	return nil
}

// Invite makes an account and the invitation to its first credential.
func (d *People) Invite(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, in staff.NewAccount) (staff.Invitation, error) {
	var inv staff.Invitation
	err := d.run(ctx, c, cmd, "staff.invite", ident.Staff{}, in.Unit, func(p *Pass) error {
		id, err := d.office.Create(ctx, p.Tx(), by, in)
		if err != nil {
			return err
		}
		inv, err = d.office.Invite(ctx, p.Tx(), by, id)
		return err
	})
	if err == nil && inv.ID.IsZero() { // a form sent twice: the link was shown once
		err = fault.New(fault.Conflict, "done-already")
	}
	return inv, err
}

// Reinvite offers new credentials to an existing account; only the person's own
// supervisor can.
func (d *People) Reinvite(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, who ident.Staff) (staff.Invitation, error) {
	var inv staff.Invitation
	err := d.run(ctx, c, cmd, "staff.reinvite", who, ident.Unit{}, func(p *Pass) (err error) {
		inv, err = d.office.Invite(ctx, p.Tx(), by, who)
		return err
	})
	if err == nil && inv.ID.IsZero() {
		err = fault.New(fault.Conflict, "done-already")
	}
	return inv, err
}

// Change alters somebody else's account.
func (d *People) Change(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, who ident.Staff, version int64, ch staff.Change) error {
	var unit ident.Unit
	if ch.Unit != nil {
		unit = *ch.Unit
	}
	return d.run(ctx, c, cmd, "staff.update", who, unit, func(p *Pass) error {
		return d.office.Change(ctx, p.Tx(), by, who, version, ch)
	})
}

// SetProfile changes the languages and the presence of somebody else. Everybody changes
// their own with [staff.Office.SetOwnProfile].
func (d *People) SetProfile(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, who ident.Staff, in staff.Profile) error {
	return d.run(ctx, c, cmd, "staff.present", who, ident.Unit{}, func(p *Pass) error {
		return d.office.SetProfile(ctx, p.Tx(), by, who, in)
	})
}

// Disable ends an account: no sign-in, no credential, no session. Heir takes over what
// the person answers for; where it is none, the supervisor does. Who may not change
// somebody's post may not name an heir either: with the duties go rights over cases.
func (d *People) Disable(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, who ident.Staff, version int64, heir ident.Staff) error {
	if !heir.IsZero() {
		if err := d.within(ctx, c, "staff.disable", heir, ident.Unit{}); err != nil {
			return err
		}
		if !d.gate.May(c, "staff.update") {
			return d.gate.refuse(ctx, c, Act{Action: "staff.disable", Purpose: PurposeAccounts, Staff: who}, "floor-no-heir")
		}
	}
	return d.run(ctx, c, cmd, "staff.disable", who, ident.Unit{}, func(p *Pass) error {
		d.noteBlocked(p, who, true)
		return d.office.Leave(ctx, p.Tx(), by, who, version, heir)
	})
}

// Enable lets a disabled account be invited again.
func (d *People) Enable(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, who ident.Staff, version int64) error {
	return d.run(ctx, c, cmd, "staff.update", who, ident.Unit{}, func(p *Pass) error {
		d.noteBlocked(p, who, false)
		return d.office.Enable(ctx, p.Tx(), by, who, version)
	})
}

// noteBlocked tells the restrictions file once the act has been committed.
func (d *People) noteBlocked(p *Pass, who ident.Staff, blocked bool) {
	if note := d.gate.restrict; note != nil {
		p.Tx().OnCommit(func() { note.Blocked(who, blocked) })
	}
}

// SetDeputy names who stands in for somebody, from when until when.
func (d *People) SetDeputy(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, dep staff.Deputy) error {
	who := dep.Staff
	if c != nil && who == c.staff {
		who = ident.Staff{} // everybody may name their own deputy, within staff's rules
	}
	return d.run(ctx, c, cmd, "deputy.set", who, ident.Unit{}, func(p *Pass) error {
		return d.office.SetDeputy(ctx, p.Tx(), by, dep)
	})
}

// EndDeputy ends every standing in of deputy for who, now and to come. The
// supervisor of who may, and who themselves, if the policies let them name one.
func (d *People) EndDeputy(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, who, deputy ident.Staff) error {
	about := who
	if c != nil && who == c.staff {
		about = ident.Staff{}
	}
	return d.run(ctx, c, cmd, "deputy.end", about, ident.Unit{}, func(p *Pass) error {
		return d.office.EndDeputy(ctx, p.Tx(), by, who, deputy)
	})
}

// Withdraw takes back the open invitation of somebody else: its link and code
// open nothing any more. Where there is none it is NotFound.
func (d *People) Withdraw(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, who ident.Staff) error {
	return d.run(ctx, c, cmd, "staff.withdraw", who, ident.Unit{}, func(p *Pass) error {
		return d.office.Withdraw(ctx, p.Tx(), by, who)
	})
}

// NewUnit is a unit to be made.
type NewUnit struct {
	Parent ident.Unit   // whose agency it belongs to, none at the top
	Agency ident.Agency // of a unit at the top, none for the node's own
	Name   string
}

// CreateUnit makes a unit below another, or at the top of an agency.
func (d *People) CreateUnit(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, in NewUnit) error {
	return d.run(ctx, c, cmd, "unit.update", ident.Staff{}, in.Parent, func(p *Pass) error {
		id, err := d.office.CreateUnit(ctx, p.Tx(), by, in.Parent, in.Name)
		if err != nil || in.Agency.IsZero() || !in.Parent.IsZero() {
			return err
		}
		return d.office.PlaceUnit(ctx, p.Tx(), by, id, in.Agency)
	})
}

// CreateAgency makes an agency and returns its identifier, none when the same form was
// sent before.
func (d *People) CreateAgency(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, in staff.Agency) (ident.Agency, error) {
	var id ident.Agency
	err := d.run(ctx, c, cmd, "agency.update", ident.Staff{}, ident.Unit{}, func(p *Pass) (err error) {
		id, err = d.office.CreateAgency(ctx, p.Tx(), by, in)
		return err
	})
	return id, err
}

// ChangeAgency changes name, sector and mandate of an agency. What its people may be
// told of a child changes with the sector, from their next request on.
func (d *People) ChangeAgency(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, in staff.Agency) error {
	return d.run(ctx, c, cmd, "agency.update", ident.Staff{}, ident.Unit{}, func(p *Pass) error {
		return d.office.ChangeAgency(ctx, p.Tx(), by, in)
	})
}

// PlaceUnit puts a unit at the top, and all below it, under an agency.
func (d *People) PlaceUnit(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, unit ident.Unit, agency ident.Agency) error {
	return d.run(ctx, c, cmd, "agency.update", ident.Staff{}, unit, func(p *Pass) error {
		return d.office.PlaceUnit(ctx, p.Tx(), by, unit, agency)
	})
}

// SetDuty names the unit whose duty list takes over the checks made in a unit.
func (d *People) SetDuty(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, unit, duty ident.Unit) error {
	return d.run(ctx, c, cmd, "agency.update", ident.Staff{}, unit, func(p *Pass) error {
		return d.office.SetDuty(ctx, p.Tx(), by, unit, duty)
	})
}

// CreateGroup makes a group of staff and returns its identifier, none when the same form
// was sent before.
func (d *People) CreateGroup(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, name string) (ident.Group, error) {
	var id ident.Group
	err := d.run(ctx, c, cmd, "group.update", ident.Staff{}, ident.Unit{}, func(p *Pass) (err error) {
		id, err = d.office.CreateGroup(ctx, p.Tx(), by, name)
		return err
	})
	return id, err
}

// RenameGroup changes the name of a group.
func (d *People) RenameGroup(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, id ident.Group, version int64, name string) error {
	return d.run(ctx, c, cmd, "group.update", ident.Staff{}, ident.Unit{}, func(p *Pass) error {
		return d.office.RenameGroup(ctx, p.Tx(), by, id, version, name)
	})
}

// JoinGroup adds somebody to a group.
func (d *People) JoinGroup(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, id ident.Group, who ident.Staff) error {
	return d.run(ctx, c, cmd, "group.update", ident.Staff{}, ident.Unit{}, func(p *Pass) error {
		return d.office.JoinGroup(ctx, p.Tx(), by, id, who)
	})
}

// QuitGroup takes somebody out of a group.
func (d *People) QuitGroup(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, id ident.Group, who ident.Staff) error {
	return d.run(ctx, c, cmd, "group.update", ident.Staff{}, ident.Unit{}, func(p *Pass) error {
		return d.office.QuitGroup(ctx, p.Tx(), by, id, who)
	})
}

// Places returns the places of the country, as staff orders them.
func (d *People) Places(ctx context.Context, c *Caller) ([]staff.Place, error) {
	var all []staff.Place
	err := d.gate.View(ctx, c, Act{Action: "staff.list", Purpose: PurposeAccounts}, func(p *Pass) (err error) {
		all, err = d.office.Places(ctx, p.Tx())
		return err
	})
	return all, err
}

// TryPlaces reports what a file of places would change, and changes nothing.
func (d *People) TryPlaces(ctx context.Context, c *Caller, by staff.By, rows []staff.PlaceRow) (staff.PlaceReport, error) {
	var report staff.PlaceReport
	err := d.gate.View(ctx, c, Act{Action: "place.try", Purpose: PurposeAccounts}, func(p *Pass) (err error) {
		report, err = d.office.BringPlaces(ctx, p.Tx(), by, rows, true)
		return err
	})
	return report, err
}

// BringPlaces brings in a file of places. Where a row is wrong nothing is, and the
// report says which. A form sent twice has an empty report the second time.
func (d *People) BringPlaces(ctx context.Context, c *Caller, by staff.By, cmd ident.Command, rows []staff.PlaceRow) (staff.PlaceReport, error) {
	var report staff.PlaceReport
	err := d.run(ctx, c, cmd, "place.bring", ident.Staff{}, ident.Unit{}, func(p *Pass) (err error) {
		report, err = d.office.BringPlaces(ctx, p.Tx(), by, rows, false)
		return err
	})
	return report, err
}

// JournalPage is one page of the journal as an auditor reads it.
type JournalPage struct {
	Lines []journal.Line
	Next  int64
	Size  int64
}

// Journal returns lines of the journal, newest first.
func (g *Gate) Journal(ctx context.Context, c *Caller, f journal.Filter, before int64, limit int) (JournalPage, error) {
	var page JournalPage
	err := g.View(ctx, c, Act{Action: "journal.view", Purpose: "audit"}, func(p *Pass) (err error) {
		page.Lines, page.Next, err = p.Entries(ctx, f, before, limit)
		return err
	})
	if err == nil {
		page.Size, err = g.journal.Size(ctx)
	}
	return page, err
}

// Permit asks for an act that has no record, such as looking at the node's
// health, starting a backup or an export: it decides and journals, and returns
// nil when the caller may go on.
func (g *Gate) Permit(ctx context.Context, c *Caller, action, purpose string) error {
	return g.View(ctx, c, Act{Action: action, Purpose: purpose}, func(*Pass) error { return nil })
}

// Caller returns the caller of a signed-in session, with the people they stand
// in for at this moment, and their units. via names the door.
func (d *People) Caller(ctx context.Context, s staff.Session, via string) (*Caller, error) {
	var acts []ident.Staff
	err := d.gate.db.Read(ctx, func(tx *store.Tx) (err error) {
		acts, err = d.office.ActsFor(ctx, tx, s.Staff)
		return err
	})
	if err != nil {
		return nil, err
	}
	units, err := d.unitsOf(ctx, acts)
	if err != nil {
		return nil, err
	}
	dir, err := d.office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	agency, _ := dir.AgencyOf(s.Unit)
	return d.gate.Person(Signed{
		Staff: s.Staff, Session: s.ID, Role: string(s.Role), Unit: s.Unit, Strength: s.Strength,
		Agency: agency.ID, Sector: agency.Sector,
		FreshAt: s.Fresh, StrongAt: s.Strong, FreshFor: d.office.FreshFor(), DeputyFor: acts, DeputyUnits: units,
	}, via, s.Zone), nil
}

// unitsOf returns the units of supervisors, none for anybody else.
func (d *People) unitsOf(ctx context.Context, people []ident.Staff) ([]ident.Unit, error) {
	if len(people) == 0 {
		return nil, nil
	}
	dir, err := d.office.Directory(ctx)
	if err != nil {
		return nil, err
	}
	units := make([]ident.Unit, len(people))
	for i, who := range people {
		if account, known := dir.Person(who); known && account.Role == staff.Supervisor {
			units[i] = account.Unit
		}
	}
	return units, nil
}
