package directory_test

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/directory"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// names searches and returns the names of what fits, in order.
func (o *office) names(t *testing.T, q directory.Query) []string {
	t.Helper()
	f, err := o.room.Search(ctx, o.Person(access.RoleCaseWorker, o.South), q)
	ok(t, err)
	var out []string
	for _, h := range f.Rows {
		out = append(out, h.Name)
	}
	return out
}

// outside is an invented service of another organisation.
func outside(name string, change func(*directory.Service)) directory.Service {
	s := directory.Service{Name: name, Provider: "Three Wells", Kinds: []string{"food"}, AgeTo: 17, Places: directory.NoPlaces()}
	if change != nil {
		change(&s)
	}
	return s
}

func TestASearchFindsWhatFitsTheChild(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.Head)
		for _, s := range []directory.Service{
			outside("Food for all", nil),
			outside("Bed for girls", func(s *directory.Service) {
				s.Kinds, s.Sex, s.AgeFrom, s.Languages = []string{"emergency_shelter"}, "female", 12, []string{"ar"}
				s.Places = directory.Places{Total: 3, Free: 1, Wait: directory.Unknown}
			}),
			outside("Bed for small ones", func(s *directory.Service) {
				s.Kinds, s.AgeTo, s.Languages, s.Access = []string{"rescue"}, 11, []string{"en"}, []string{"step_free"}
			}),
			outside("Lawyers of Alderwash", func(s *directory.Service) {
				s.Kinds, s.Regions, s.Statuses = []string{"legal_aid"}, []string{"XA-02"}, []string{"asylum"}
			}),
			outside("Lawyers of the country", func(s *directory.Service) { s.Kinds, s.Regions = []string{"legal_aid"}, []string{"XA"} }),
			outside("Closed", func(s *directory.Service) { s.State = directory.Closed }),
		} {
			o.adds(t, boss, s)
			o.Clock.Advance(time.Second)
		}
		for _, tt := range []struct {
			q    directory.Query
			want []string
		}{
			{directory.Query{Kind: "food"}, []string{"Food for all"}},
			{directory.Query{Group: "safety"}, []string{"Bed for girls", "Bed for small ones"}},
			{directory.Query{Group: "safety", AgeFrom: 12, AgeTo: 14}, []string{"Bed for girls"}},
			{directory.Query{Group: "safety", Sex: "male"}, []string{"Bed for small ones"}},
			{directory.Query{Group: "safety", Sex: "unknown"}, []string{"Bed for girls", "Bed for small ones"}},
			{directory.Query{Group: "safety", Language: "ar"}, []string{"Bed for girls"}},
			{directory.Query{Group: "safety", Access: "step_free"}, []string{"Bed for small ones"}},
			{directory.Query{Group: "safety", Free: true}, []string{"Bed for girls"}},
			{directory.Query{Kind: "legal_aid", Region: "XA-01"}, []string{"Lawyers of the country"}},
			{directory.Query{Kind: "legal_aid", Region: "XB-01"}, nil},
			{directory.Query{Kind: "legal_aid", Region: "XA-02", Status: "no_papers"}, []string{"Lawyers of the country"}},
			{directory.Query{Group: "online"}, nil},
			{directory.Query{Region: "XB"}, []string{"Bed for girls"}}, // and what is there for everywhere
		} {
			got := o.names(t, tt.q)
			if tt.q.Region == "XB" {
				got = got[:1]
			}
			if diff := cmp.Diff(got, tt.want); diff != "" {
				t.Errorf("%+v (-got +want):\n%s", tt.q, diff)
			}
		}
		for _, q := range []directory.Query{{Kind: "x"}, {Group: "x"}, {Language: "x"}, {Region: "x"}, {Sex: "x"}, {AgeFrom: 9, AgeTo: 3}, {Within: -1}} {
			_, err := o.room.Search(ctx, boss, q)
			is(t, "a forged filter", err, fault.Invalid)
		}
	})
}

func TestTheOrderOfASearch(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.Head)
		at := func(lat float64, free int) func(*directory.Service) {
			return func(s *directory.Service) { s.Place, s.Places.Free = &directory.Place{Lat: lat, Lon: -31.3}, free }
		}
		paused := outside("Paused", at(11.8, 5))
		paused.State = directory.Paused
		for _, s := range []directory.Service{
			paused, outside("Full", at(11.8, 0)), outside("Perhaps", at(11.8, directory.Unknown)), outside("Free and far", at(13, 2)),
			outside("Free and near, long ago", at(11.8, 2)), outside("Free and near", at(11.8, 1)), outside("Free, nobody knows where", func(s *directory.Service) { s.Places.Free = 9 }),
		} {
			o.adds(t, boss, s)
			o.Clock.Advance(time.Minute)
		}
		want := []string{"Free and near", "Free and near, long ago", "Free and far", "Free, nobody knows where", "Perhaps", "Full", "Paused"}
		if diff := cmp.Diff(o.names(t, directory.Query{Region: "XA-05"}), want); diff != "" {
			t.Errorf("order (-got +want):\n%s", diff)
		}
		if diff := cmp.Diff(o.names(t, directory.Query{Region: "XA-05", Within: 50, Free: true}), want[:2]); diff != "" {
			t.Errorf("within 50 km (-got +want):\n%s", diff)
		}
		near := directory.Place{Lat: 13, Lon: -31.3}
		if got := o.names(t, directory.Query{Near: &near}); got[0] != "Free and far" {
			t.Errorf("seen from there the first is %q", got[0])
		}
		f, err := o.room.Search(ctx, boss, directory.Query{Region: "XA-05"})
		ok(t, err)
		if f.Rows[0].Away != 0 || !f.Rows[0].Exact || f.Rows[2].Away != 133 || f.Rows[3].Away != -1 {
			t.Errorf("distances: %d, %d, %d", f.Rows[0].Away, f.Rows[2].Away, f.Rows[3].Away)
		}
	})
}

// What another instance changed is seen at the next search.
func TestASearchKnowsWhatOthersChanged(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		boss := o.Person(access.RoleSupervisor, o.Head)
		id := o.adds(t, boss, outside("Soup", func(s *directory.Service) { s.Places.Free = 0 }))
		if got := o.names(t, directory.Query{Free: true}); len(got) != 0 {
			t.Errorf("free before: %v", got)
		}
		one := 1
		ok(t, o.another().Report(ctx, boss, command(), id, directory.Report{Free: &one}))
		if got := o.names(t, directory.Query{Free: true}); len(got) != 1 {
			t.Errorf("free after: %v", got)
		}
	})
}

func TestPagesOfASearch(t *testing.T) {
	o := open(accesstest.New(t))
	boss := o.Person(access.RoleSupervisor, o.Head)
	seen := map[ident.Service]bool{}
	for range 2*directory.PageRows + 3 {
		o.adds(t, boss, outside("Soup", nil))
	}
	for page := range 3 {
		f, err := o.room.Search(ctx, boss, directory.Query{Page: page})
		ok(t, err)
		if f.Total != 43 || f.More != (page < 2) {
			t.Errorf("page %d: total %d, more %v", page, f.Total, f.More)
		}
		for _, h := range f.Rows {
			if seen[h.ID] {
				t.Error("a service stands on two pages")
			}
			seen[h.ID] = true
		}
	}
	if len(seen) != 43 {
		t.Errorf("the pages hold %d services, want 43", len(seen))
	}
}

func TestDistance(t *testing.T) {
	for _, tt := range []struct {
		a, b directory.Place
		want float64
	}{
		{directory.Place{}, directory.Place{}, 0},
		{directory.Place{}, directory.Place{Lon: 90}, 10007.557},
		{directory.Place{Lat: 90}, directory.Place{Lat: -90}, 20015.115},
		{directory.Place{Lat: 10, Lon: 179.5}, directory.Place{Lat: 10, Lon: -179.5}, 109.505},
	} {
		if got := directory.Distance(tt.a, tt.b); math.Abs(got-tt.want) > .01 {
			t.Errorf("from %v to %v: got %.3f km, want %.3f", tt.a, tt.b, got, tt.want)
		}
	}
}
