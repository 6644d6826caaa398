package staff_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/staff"
	"causeway/internal/store"
)

// TestProfiles: everybody says which languages they speak and whether they are there;
// who was away until a day is there after it.
func TestProfiles(t *testing.T) {
	each(t, func(w *world) {
		team := newTeam(w)
		in := w.signIn("amal")
		if p := w.directory().Profile(team.worker); p.At(w.clk.Now()) != staff.Available || len(p.Speaks) != 0 {
			w.t.Errorf("at first: %+v", p)
		}
		good := staff.Profile{Speaks: []string{"am", "en"}, Presence: staff.Away, Until: w.clk.Now().Add(48 * time.Hour)}
		for name, test := range map[string]struct {
			alter       func(*staff.Profile)
			field, code string
		}{
			"a language there is not": {func(p *staff.Profile) { p.Speaks = []string{"xx"} }, "speaks", "not-in-list"},
			"a language twice":        {func(p *staff.Profile) { p.Speaks = []string{"en", "en"} }, "speaks", "not-in-list"},
			"no presence":             {func(p *staff.Profile) { p.Presence = "" }, "presence", "choose-one"},
			"until long ago":          {func(p *staff.Profile) { p.Until = w.clk.Now() }, "presence_until", "date-past"},
		} {
			p := good
			test.alter(&p)
			wantField(w.t, w.office.SetOwnProfile(w.ctx, in.Session, p), test.field, test.code)
			if got := fault.FieldsOf(w.office.SetOwnProfile(w.ctx, in.Session, p)); len(got) != 1 {
				w.t.Errorf("%s: %v", name, got)
			}
		}
		if err := w.office.SetOwnProfile(w.ctx, in.Session, good); err != nil {
			w.t.Fatal(err)
		}
		p := w.directory().Profile(team.worker)
		if !slices.Equal(p.Speaks, good.Speaks) || p.At(w.clk.Now()) != staff.Away || p.At(good.Until) != staff.Available {
			w.t.Errorf("profile = %+v", p)
		}
		w.write(func(tx *store.Tx) error {
			return w.office.SetProfile(w.ctx, tx, team.by, team.worker, staff.Profile{Presence: staff.OnDuty})
		})
		if p := w.directory().Profile(team.worker); p.At(w.clk.Now().AddDate(1, 0, 0)) != staff.OnDuty || len(p.Speaks) != 0 {
			w.t.Errorf("changed by the supervisor: %+v", p)
		}
		want(w.t, w.try(func(tx *store.Tx) error {
			return w.office.SetProfile(w.ctx, tx, team.by, ident.New[ident.Staff](), good)
		}), fault.NotFound, "not-found")
		if got := w.log.find(journal.Update, "staff.profile", "ok"); len(got) != 2 || got[0].Actor != team.worker || got[1].Actor != team.boss {
			w.t.Errorf("entries = %+v", got)
		}
	})
}
