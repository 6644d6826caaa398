package directory_test

import (
	"testing"

	"causeway/internal/access"
	"causeway/internal/directory"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// TestGiven: only an open service of a unit of this node can be asked.
func TestGiven(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.South)
		save := func(change func(*directory.Service)) ident.Service {
			t.Helper()
			s := shelter(o.South)
			change(&s)
			id, err := o.room.Save(ctx, boss, command(), s, 0)
			ok(t, err)
			return id
		}
		given := func(id ident.Service) (unit ident.Unit, kinds []string, err error) {
			err = o.Gate.View(ctx, boss, access.Act{Action: "directory.view", Purpose: directory.Purpose}, func(p *access.Pass) (err error) {
				unit, kinds, err = o.room.Given(ctx, p, id)
				return err
			})
			return unit, kinds, err
		}
		unit, kinds, err := given(save(func(*directory.Service) {}))
		if err != nil || unit != o.South || len(kinds) != 2 {
			t.Errorf("an open service: %v %v, %v", unit, kinds, err)
		}
		for what, id := range map[string]ident.Service{
			"a paused one":         save(func(s *directory.Service) { s.State = directory.Paused }),
			"one of somebody else": save(func(s *directory.Service) { s.Unit, s.Provider = ident.Unit{}, "Bar of Merrow" }),
			"one there is not":     ident.New[ident.Service](),
		} {
			_, _, err := given(id)
			is(t, what, err, fault.NotFound)
		}
	})
}
