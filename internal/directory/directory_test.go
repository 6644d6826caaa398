package directory_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/directory"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/store"
)

var ctx = context.Background()

// office is an office with its directory; everybody of onDuty is at work.
type office struct {
	*accesstest.Office
	room    *directory.Room
	partner ident.Unit
	onDuty  map[ident.Unit][]ident.Staff
}

func open(o *accesstest.Office) *office {
	out := &office{Office: o, partner: ident.New[ident.Unit](), onDuty: map[ident.Unit][]ident.Staff{}}
	out.room = out.another()
	return out
}

// another is the room of another instance on the same database.
func (o *office) another() *directory.Room {
	return directory.New(o.Gate, o.Pack, o.Ring.Derive("directory/row"), o)
}

// UnitNames implements directory.Staffing.
func (o *office) UnitNames(context.Context) (map[ident.Unit]string, error) {
	return map[ident.Unit]string{o.Head: "Head office", o.North: "North house", o.South: "South house", o.partner: "Partner house"}, nil
}

// Supervised implements directory.Staffing: a partner's unit has no supervisor here.
func (o *office) Supervised(_ context.Context, u ident.Unit) (bool, error) {
	return u != o.partner, nil
}

// OnDuty implements directory.Staffing.
func (o *office) OnDuty(_ context.Context, u ident.Unit) ([]ident.Staff, error) {
	return o.onDuty[u], nil
}

func each(t *testing.T, body func(t *testing.T, o *office)) {
	t.Helper()
	accesstest.Each(t, func(t *testing.T, o *accesstest.Office) { body(t, open(o)) })
}

func command() ident.Command { return ident.New[ident.Command]() }

func ok(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// is fails unless err is a fault of a kind.
func is(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if !fault.Is(err, kind) {
		t.Errorf("%s: got %v, want %v", what, err, kind)
	}
}

// shelter is an invented shelter that a unit gives.
func shelter(unit ident.Unit) directory.Service {
	s := directory.Service{
		Name: "House of the Heron", Unit: unit, Kinds: []string{"emergency_shelter", "psychosocial"}, AgeFrom: 8, AgeTo: 17, Sex: "female",
		Statuses: []string{"no_papers"}, Access: []string{"step_free"}, Languages: []string{"en", "ar"}, Regions: []string{"XA-05"},
		Place: &directory.Place{Lat: 11.81, Lon: -31.3}, Address: "3 Reed Lane, Saltmere", Phone: "+999 55 0101", Email: "heron@example.org",
		Cost: "free", About: "Twelve beds.\nA garden.", HoursText: "Also on holidays", Places: directory.Places{Total: 12, Free: 3, Wait: 0},
	}
	for i := range s.Hours {
		s.Hours[i] = []directory.Span{{From: 0, To: 1440}}
	}
	return s
}

func (o *office) adds(t *testing.T, c *access.Caller, s directory.Service) ident.Service {
	t.Helper()
	id, err := o.room.Save(ctx, c, command(), s, 0)
	ok(t, err)
	return id
}

func (o *office) get(t *testing.T, c *access.Caller, id ident.Service) *directory.View {
	t.Helper()
	v, err := o.room.Get(ctx, c, id)
	ok(t, err)
	return v
}

func (o *office) run(t *testing.T, query string, args ...any) {
	t.Helper()
	ok(t, o.DB.Write(ctx, func(tx *store.Tx) error {
		_, err := tx.Exec(ctx, query, args...)
		return err
	}))
}

func TestAServiceIsKeptAsItWasSaid(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.North)
		in := shelter(o.North)
		form := command()
		id, err := o.room.Save(ctx, boss, form, in, 0)
		ok(t, err)
		if again, err := o.room.Save(ctx, boss, form, in, 0); err != nil || again != id {
			t.Errorf("the same form again: got %v, %v, want the first result", again == id, err)
		}
		got := o.get(t, o.Person(access.RoleCaseWorker, o.South), id)
		in.ID, in.Code, in.State, in.Edition, in.ChangedAt, in.ChangedBy = id, got.Code, directory.Open, 1, accesstest.Start, boss.Staff()
		in.Places.At, in.Places.By = accesstest.Start, boss.Staff()
		if diff := cmp.Diff(got.Service, in); diff != "" {
			t.Errorf("the service (-got +want):\n%s", diff)
		}
		if got.MayEdit || got.MayReport || got.Hides {
			t.Error("a worker of another unit may change it, or something is hidden")
		}

		changed := got.Service
		changed.Name, changed.State = "House of the Grey Heron", directory.Paused
		_, err = o.room.Save(ctx, boss, command(), changed, 1)
		ok(t, err)
		_, err = o.room.Save(ctx, boss, command(), changed, 1)
		is(t, "a form that saw the version before", err, fault.Conflict)
		v := o.get(t, boss, id)
		if v.Name != "House of the Grey Heron" || v.State != directory.Paused || v.Edition != 2 || !v.MayEdit || !v.MayReport {
			t.Errorf("the changed service is %+v", v)
		}
		second := shelter(o.North)
		second.Code = v.Code
		_, err = o.room.Save(ctx, boss, command(), second, 0)
		is(t, "a code that is taken", err, fault.Invalid)
	})
}

func TestWhoKeepsTheDirectory(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		north, south, head := o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleSupervisor, o.South), o.Person(access.RoleSupervisor, o.Head)
		outside := shelter(ident.Unit{})
		outside.Provider = "Three Wells Clinic"
		id, out := o.adds(t, north, shelter(o.North)), o.adds(t, south, outside)
		save := func(c *access.Caller, id ident.Service) error {
			s := o.get(t, head, id).Service
			s.About += "."
			_, err := o.room.Save(ctx, c, command(), s, s.Edition)
			return err
		}
		ok(t, save(head, id))
		ok(t, save(north, out))
		is(t, "a supervisor of another unit", save(south, id), fault.NotFound)
		_, err := o.room.Save(ctx, south, command(), shelter(o.North), 0)
		is(t, "a service given to another unit", err, fault.Invalid)
		_, err = o.room.Save(ctx, north, command(), shelter(ident.New[ident.Unit]()), 0)
		is(t, "a service of no unit there is", err, fault.Invalid)
		// Nobody here supervises the partner: whoever supervises at all keeps its services.
		partners := o.adds(t, south, shelter(o.partner))
		ok(t, save(north, partners))
		ok(t, o.room.Report(ctx, o.Person(access.RoleProvider, o.partner), command(), partners, directory.Report{}))
		for _, role := range []string{access.RoleCaseWorker, access.RoleProvider, access.RoleFirstResponder, access.RoleFocalPoint, access.RoleNodeOperator} {
			c := o.Person(role, o.North)
			is(t, "a change by "+role, save(c, out), fault.NotFound)
			_, err := o.room.Save(ctx, c, command(), outside, 0)
			is(t, "a new one by "+role, err, fault.NotFound)
		}
		for _, role := range []string{access.RoleNodeOperator, access.RoleInvestigator, access.RoleAuditor, access.RoleCoordinator} {
			c := o.Person(role, o.North)
			_, err := o.room.Get(ctx, c, id)
			is(t, "a look by "+role, err, fault.NotFound)
			_, err = o.room.Search(ctx, c, directory.Query{})
			is(t, "a search by "+role, err, fault.NotFound)
		}
	})
}

func TestASecretShelterHidesWhereItIs(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		north := o.Person(access.RoleSupervisor, o.North)
		s := shelter(o.North)
		s.Secret = true
		id := o.adds(t, north, s)
		for who, knows := range map[*access.Caller]bool{
			north: true, o.Person(access.RoleSupervisor, o.Head): true, o.Person(access.RoleProvider, o.North): true,
			o.Person(access.RoleSupervisor, o.South): false, o.Person(access.RoleCaseWorker, o.South): false,
			o.Person(access.RoleProvider, o.South): false, o.Person(access.RoleFirstResponder, o.Head): false,
			o.Person(access.RoleFocalPoint, o.Head): false,
		} {
			v := o.get(t, who, id)
			want := []any{"", (*directory.Place)(nil), []string{"XA"}, true}
			if knows {
				want = []any{s.Address, s.Place, s.Regions, false}
			}
			if diff := cmp.Diff([]any{v.Address, v.Place, v.Regions, v.Hides}, want); diff != "" {
				t.Errorf("%s, knows %v (-got +want):\n%s", who.Role(), knows, diff)
			}
			// A search tells nobody in which part of the country it is, and how far away.
			for _, region := range []string{"XA-05", "XA-01"} {
				f, err := o.room.Search(ctx, who, directory.Query{Region: region})
				ok(t, err)
				if f.Total != 1 || f.Rows[0].Away != -1 || f.Rows[0].Hides == knows {
					t.Errorf("%s searches in %s: %+v", who.Role(), region, f)
				}
			}
			if f, err := o.room.Search(ctx, who, directory.Query{Region: "XA-05", Within: 5000}); err != nil || f.Total != 0 {
				t.Errorf("%s finds it by distance: %+v, %v", who.Role(), f, err)
			}
		}
		// Nothing of it stands in the database.
		var at []byte
		ok(t, o.DB.Read(ctx, func(tx *store.Tx) error {
			var regions string
			var lat *int64
			err := tx.QueryRow(ctx, `SELECT body, regions, lat FROM directory_service WHERE id = $1`, id).Scan(&at, &regions, &lat)
			if err == nil && (lat != nil || regions != "XA" || len(at) == 0) {
				t.Errorf("the row says %s, %v", regions, lat)
			}
			return err
		}))
		if got := string(at); strings.Contains(got, "Reed Lane") || strings.Contains(got, "11.81") {
			t.Errorf("the row holds the address: %s", got)
		}
		// It can be made public and secret again, and its places are told meanwhile.
		free := 1
		ok(t, o.room.Report(ctx, north, command(), id, directory.Report{Free: &free}))
		v := o.get(t, north, id).Service
		v.Secret = false
		_, err := o.room.Save(ctx, north, command(), v, v.Edition)
		ok(t, err)
		if v := o.get(t, o.Person(access.RoleCaseWorker, o.South), id); v.Address != s.Address || v.Hides || v.Places.Free != 1 {
			t.Errorf("made public it is %+v", v)
		}
	})
}

func TestPlacesAreToldInOneTap(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		north, provider := o.Person(access.RoleSupervisor, o.North), o.Person(access.RoleProvider, o.North)
		id := o.adds(t, north, shelter(o.North))
		say := func(c *access.Caller, r directory.Report) error { return o.room.Report(ctx, c, command(), id, r) }
		two, many := 2, 13
		o.Clock.Advance(25 * time.Hour)
		if v := o.get(t, provider, id); !v.Unconfirmed || !v.MayReport || v.MayEdit {
			t.Errorf("after a day the provider sees %+v", v)
		}
		ok(t, say(provider, directory.Report{Free: &two}))
		v := o.get(t, provider, id)
		if want := (directory.Places{Total: 12, Free: 2, At: o.Clock.Now(), By: provider.Staff()}); v.Places != want || v.Unconfirmed || v.Edition != 1 {
			t.Errorf("places: got %+v (edition %d), want %+v", v.Places, v.Edition, want)
		}
		o.Clock.Advance(25 * time.Hour)
		ok(t, say(provider, directory.Report{})) // still so
		if v := o.get(t, provider, id); v.Places.Free != 2 || v.Unconfirmed || !v.Places.At.Equal(o.Clock.Now()) {
			t.Errorf("still so: %+v", v.Places)
		}
		is(t, "more free than there are", say(provider, directory.Report{Free: &many}), fault.Invalid)
		is(t, "a provider of another unit", say(o.Person(access.RoleProvider, o.South), directory.Report{Free: &two}), fault.NotFound)
		is(t, "a supervisor of another unit", say(o.Person(access.RoleSupervisor, o.South), directory.Report{Free: &two}), fault.NotFound)
		is(t, "a worker of the unit", say(o.Person(access.RoleCaseWorker, o.North), directory.Report{Free: &two}), fault.NotFound)
		ok(t, say(o.Person(access.RoleSupervisor, o.Head), directory.Report{Free: &two}))

		outside := shelter(ident.Unit{})
		outside.Provider = "Three Wells Clinic"
		other := o.adds(t, north, outside)
		is(t, "a provider about another organisation", o.room.Report(ctx, provider, command(), other, directory.Report{}), fault.NotFound)
		closed := o.get(t, north, id).Service
		closed.State = directory.Closed
		_, err := o.room.Save(ctx, north, command(), closed, closed.Edition)
		ok(t, err)
		is(t, "places of a closed service", say(provider, directory.Report{Free: &two}), fault.Invalid)
	})
}

func TestWhatCannotStandIsRefused(t *testing.T) {
	o := open(accesstest.New(t))
	boss := o.Person(access.RoleSupervisor, o.North)
	for field, spoil := range map[string]func(*directory.Service){
		"service_name":      func(s *directory.Service) { s.Name = " " },
		"service_provider":  func(s *directory.Service) { s.Unit = ident.Unit{} },
		"service_kinds":     func(s *directory.Service) { s.Kinds = []string{"'; DROP"} },
		"service_regions":   func(s *directory.Service) { s.Regions = []string{"ZZ"} },
		"service_languages": func(s *directory.Service) { s.Languages = []string{"xx-none"} },
		"takes_sex":         func(s *directory.Service) { s.Sex = "unknown" },
		"age_to":            func(s *directory.Service) { s.AgeFrom, s.AgeTo = 12, 9 },
		"service_lat":       func(s *directory.Service) { s.Place = &directory.Place{Lat: 91} },
		"service_state":     func(s *directory.Service) { s.State = "gone" },
		"service_cost":      func(s *directory.Service) { s.Cost = "much" },
		"service_phone":     func(s *directory.Service) { s.Phone = "call me" },
		"service_email":     func(s *directory.Service) { s.Email = "nowhere" },
		"places_free":       func(s *directory.Service) { s.Places.Free = 13 },
		"wait_days":         func(s *directory.Service) { s.Places.Wait = -2 },
		"hours_mo":          func(s *directory.Service) { s.Hours[0] = []directory.Span{{From: 600, To: 540}} },
		"service_address":   func(s *directory.Service) { s.Address = "a\x00b" },
	} {
		s := shelter(o.North)
		spoil(&s)
		_, err := o.room.Save(ctx, boss, command(), s, 0)
		if fields := fault.FieldsOf(err); len(fields) != 1 || fields[0].Name != field {
			t.Errorf("%s: got %v", field, err)
		}
	}
}

func TestARowThatWasAlteredIsNotShown(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.North)
		id := o.adds(t, boss, shelter(o.North))
		o.adds(t, boss, shelter(o.North))
		for _, change := range []string{
			`UPDATE directory_service SET free = 9 WHERE id = $1`, `UPDATE directory_service SET state = 'paused' WHERE id = $1`,
			`UPDATE directory_service SET lat = lat + 1 WHERE id = $1`, `UPDATE directory_service SET regions = '' WHERE id = $1`,
		} {
			o.run(t, change, id)
			if _, err := o.room.Get(ctx, boss, id); fault.CodeOf(err) != "record-altered" {
				t.Errorf("%s: got %v, want record-altered", change, err)
			}
		}
		f, err := o.room.Search(ctx, boss, directory.Query{})
		if err != nil || f.Altered != 1 || len(f.Rows) != 1 {
			t.Errorf("the search shows %d rows and says %d were altered, %v", len(f.Rows), f.Altered, err)
		}
		_, err = o.room.Save(ctx, boss, command(), directory.Service{ID: id, Name: "x", Unit: o.North, Kinds: []string{"food"}}, 1)
		if fault.CodeOf(err) != "record-altered" {
			t.Errorf("a change: got %v, want record-altered", err)
		}
	})
}

func TestTonight(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		north := o.Person(access.RoleSupervisor, o.North)
		id := o.adds(t, north, shelter(o.North))
		o.adds(t, o.Person(access.RoleSupervisor, o.South), shelter(o.South))
		closed := shelter(o.North)
		closed.State = directory.Closed
		o.adds(t, north, closed)
		provider := o.Person(access.RoleProvider, o.North)
		o.onDuty[o.North] = []ident.Staff{provider.Staff()}
		got, err := o.room.Tonight(ctx, provider)
		ok(t, err)
		if len(got.Services) != 1 || got.Services[0].ID != id || got.Services[0].Expected != 0 || len(got.OnDuty) != 1 {
			t.Errorf("tonight is %+v", got)
		}
		o.room.Expect(two{})
		if got, err := o.room.Tonight(ctx, provider); err != nil || got.Services[0].Expected != 2 {
			t.Errorf("with arrivals: %+v, %v", got, err)
		}
		_, err = o.room.Tonight(ctx, o.Person(access.RoleJudge, o.North))
		is(t, "a judge", err, fault.NotFound)
	})
}

// two children are on their way to everywhere.
type two struct{}

func (two) Expected(context.Context, *access.Pass, ident.Service) (int, error) { return 2, nil }

func TestWhatIsHiddenIsSealedAnew(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.North)
		s := shelter(o.North)
		s.Secret = true
		id := o.adds(t, boss, s)
		o.adds(t, boss, shelter(o.North))
		ok(t, o.DB.Write(ctx, func(tx *store.Tx) error { _, err := o.Custody.RotateEpoch(ctx, tx); return err }))
		mark := []byte{0, 0, 0, 2}
		for _, want := range []int{1, 0} {
			if n, err := o.room.Reseal(ctx, mark); err != nil || n != want {
				t.Errorf("sealed anew: got %d, %v, want %d", n, err, want)
			}
		}
		if v := o.get(t, boss, id); v.Address != s.Address {
			t.Errorf("the address is %q", v.Address)
		}
	})
}

func TestHours(t *testing.T) {
	for text, want := range map[string]string{
		"9-12:30,14:00–17": "09:00-12:30, 14:00-17:00", "24h": "00:00-24:00", "": "", "9h30-12h": "09:30-12:00", "14-17; 8-12": "08:00-12:00, 14:00-17:00",
	} {
		got, err := directory.ParseSpans(text)
		if err != nil || directory.FormatSpans(got) != want {
			t.Errorf("%q: got %q, %v, want %q", text, directory.FormatSpans(got), err, want)
		}
	}
	for _, text := range []string{"9", "12-9", "9-25", "9-12,11-14", "open", "9:60-10", "-", "1-2,3-4,5-6,7-8,9-10"} {
		if got, err := directory.ParseSpans(text); err == nil {
			t.Errorf("%q is understood as %v", text, got)
		}
	}
	var h directory.Hours
	h[0] = []directory.Span{{From: 540, To: 1020}}
	monday := time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)
	if !h.At(monday) || h.At(monday.Add(-time.Minute)) || h.At(monday.AddDate(0, 0, 1)) || h.At(monday.Add(8*time.Hour)) {
		t.Error("Monday from nine to five is read wrongly")
	}
}

var _ directory.Codes = (*pack.Pack)(nil)
