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
)

// Services is how many services the demo's directory has.
const Services = 60

// services fills the directory: with stale those whose places nobody has confirmed for
// long, which are told before the stories, without it all others.
func (t *teller) services(ctx context.Context, stale bool) error {
	for i := range Services {
		f := t.world.Service(i)
		if f.Stale != stale {
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
