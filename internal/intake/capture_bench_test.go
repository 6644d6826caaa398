package intake_test

import (
	"log/slog"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/intake"
	"causeway/internal/person"
	"causeway/internal/web"
)

// BenchmarkCapture measures a form from arrival to filed, and what Today asks with
// many forms of others waiting.
func BenchmarkCapture(b *testing.B) {
	a := accesstest.New(b)
	index := person.NewIndex(a.Ring.Derive("person/identifier"))
	room, err := casework.New(a.Gate, person.New(a.Pack, index), index, a.Pack, a.Clock, a.Ring.Derive("casework/cursor"))
	if err != nil {
		b.Fatal(err)
	}
	o := &phones{
		Office: a, room: room, authors: authors{}, amal: a.Person(access.RoleCaseWorker, a.North),
		sender: a.Person(access.RoleAuditor, a.Head), boss: a.Person(access.RoleSupervisor, a.North),
		filer: &failing{filing: web.NewFiling(room, a.Pack, time.UTC)},
	}
	o.authors["amal"] = access.Author{Staff: o.amal.Staff(), Unit: a.North, Caller: o.amal}
	o.authors["late"] = access.Author{Staff: ident.New[ident.Staff](), Unit: a.South, Why: "capture-late"}
	o.captures = intake.NewCaptures(intake.CaptureConfig{
		DB: a.DB, Gate: a.Gate, Box: a.Custody, Authors: o.authors, Filer: o.filer, Clock: a.Clock, Log: slog.New(slog.DiscardHandler),
	})
	b.Run("registration", func(b *testing.B) {
		text := form("registration", "amal", "", a.Clock.Now(), registration())
		for b.Loop() {
			o.send(b, text)
		}
	})
	for range 300 {
		o.send(b, form("note", "late", "", a.Clock.Now(), noteFields()))
	}
	for name, c := range map[string]*access.Caller{"worker": o.amal, "supervisor": o.boss} {
		b.Run("undecided/"+name, func(b *testing.B) {
			for b.Loop() {
				if _, err := o.captures.Undecided(ctx, c); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
