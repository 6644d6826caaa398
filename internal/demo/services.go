package demo

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"causeway/internal/access"
	"causeway/internal/directory"
	"causeway/internal/fixture"
	"causeway/internal/ident"
	"causeway/internal/referral"
)

// Services is how many services the demo's directory has.
const Services = 60

// services fills the directory: with stale those whose places nobody has confirmed for
// long, which are told before the stories, without it all others, once every unit is
// there.
func (t *teller) services(ctx context.Context, stale bool) error {
	for i := range Services {
		f := t.world.Service(i)
		if f.Stale != stale || !strings.HasPrefix(f.Code, t.country) {
			continue
		}
		s, err := Service(&f)
		if err != nil {
			return err
		}
		boss := slices.IndexFunc(t.staff, func(p fixture.Staff) bool { return p.Role == "supervisor" })
		if f.Provider == "" {
			s.Unit = t.units[f.Unit]
			boss = slices.IndexFunc(t.staff, func(p fixture.Staff) bool { return p.Role == access.RoleSupervisor && p.Unit == f.Unit })
		}
		if _, err := t.n.Services.Save(ctx, t.as(boss, boss), ident.New[ident.Command](), s, 0); err != nil {
			return fmt.Errorf("service %d: %w", i, err)
		}
	}
	if stale || t.country != "" {
		return nil
	}
	return t.partnerServices(ctx)
}

// partnerServices gives one service to each unit of another agency that is on this
// node by now, as its sector gives it.
func (t *teller) partnerServices(ctx context.Context) error {
	dir, err := t.n.Office.Directory(ctx)
	if err != nil {
		return err
	}
	boss := slices.IndexFunc(t.staff, func(p fixture.Staff) bool { return p.Role == access.RoleSupervisor })
	for _, u := range dir.Units() {
		agency, there := dir.AgencyOf(u.ID)
		if !there || slices.Contains(t.units, u.ID) {
			continue
		}
		s := directory.Service{Name: u.Name, Unit: u.ID, AgeTo: 17, Languages: []string{"en"}, Regions: []string{"XA-05"}, Phone: "+999 55 0199", Cost: "free", Places: directory.NoPlaces()}
		switch agency.Sector {
		case "shelter":
			s.Kinds, s.Places = []string{"emergency_shelter", "residential_care", "psychosocial"}, directory.Places{Total: 9, Free: 2, Wait: 0}
		case "legal_aid":
			s.Kinds = []string{"legal_aid", "court_support"}
		case "interpreter":
			s.Kinds, s.Languages = []string{referral.ServiceInterpreter}, []string{"ar", "en", "fr"}
		default:
			continue
		}
		if _, err := t.n.Services.Save(ctx, t.as(boss, boss), ident.New[ident.Command](), s, 0); err != nil {
			return fmt.Errorf("service of a partner: %w", err)
		}
	}
	return nil
}

// Service is an invented service as the directory keeps it, without the unit that
// gives it.
func Service(f *fixture.Service) (directory.Service, error) {
	s := directory.Service{
		Code: f.Code, Name: f.Name, Provider: f.Provider, Kinds: f.Kinds, AgeFrom: f.AgeFrom, AgeTo: f.AgeTo, Sex: f.Sex, Statuses: f.Statuses,
		Access: f.Access, Languages: f.Languages, Regions: []string{f.Region}, Place: &directory.Place{Lat: f.Lat, Lon: f.Lon}, Address: f.Address,
		Phone: f.Phone, Email: f.Email, Cost: f.Cost, Secret: f.Secret, State: f.State, Places: directory.Places{Total: f.Total, Free: f.Free, Wait: f.Wait},
	}
	days := 5
	if strings.HasSuffix(f.Hours, "24h") {
		days = 7
	}
	for i := range days {
		var err error
		if s.Hours[i], err = directory.ParseSpans(f.Hours); err != nil {
			return s, err
		}
	}
	return s, nil
}
