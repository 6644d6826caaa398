package casework

import (
	"context"
	"slices"

	"causeway/internal/ident"
)

// Roster says who works here now, as far as deadlines must know: who can answer for
// a case, who stands in for whom, and who supervises which unit. The node builds it
// from the accounts.
type Roster interface {
	// Works reports whether somebody has an account that can answer for a case.
	Works(ident.Staff) bool
	// Gone returns those who answered for cases once and whose accounts have ended.
	Gone() []ident.Staff
	// Deputy returns who stands in for somebody who is away now.
	Deputy(ident.Staff) (ident.Staff, bool)
	// Heir returns who was named to take over from somebody who has gone.
	Heir(ident.Staff) (ident.Staff, bool)
	// Supervisor returns the person named as somebody's supervisor.
	Supervisor(ident.Staff) (ident.Staff, bool)
	// Above returns a unit and the units above it, with those who supervise each.
	Above(ident.Unit) []Post
	// Duty returns the unit whose duty list takes over the checks made in a unit.
	Duty(ident.Unit) ident.Unit
	// Team returns the units a person supervises, those below them too, and who
	// works there.
	Team(units ...ident.Unit) []Post
}

// Post is a unit with some of its people.
type Post struct {
	Unit  ident.Unit
	Staff []ident.Staff
}

// Staffed names where the room learns who works here. It is called once, before the
// room is used; without it everybody works and nobody supervises.
func (r *Room) Staffed(rota func(context.Context) (Roster, error)) { r.rota = rota }

// roster asks who works here now.
func (r *Room) roster(ctx context.Context) (Roster, error) {
	if r.rota == nil {
		return nobodyAway{}, nil
	}
	return r.rota(ctx)
}

// nobodyAway is the roster of a room that knows none.
type nobodyAway struct{}

func (nobodyAway) Works(ident.Staff) bool                     { return true }
func (nobodyAway) Gone() []ident.Staff                        { return nil }
func (nobodyAway) Deputy(ident.Staff) (ident.Staff, bool)     { return ident.Staff{}, false }
func (nobodyAway) Heir(ident.Staff) (ident.Staff, bool)       { return ident.Staff{}, false }
func (nobodyAway) Supervisor(ident.Staff) (ident.Staff, bool) { return ident.Staff{}, false }
func (nobodyAway) Above(u ident.Unit) []Post                  { return []Post{{Unit: u}} }
func (nobodyAway) Duty(u ident.Unit) ident.Unit               { return u }
func (nobodyAway) Team(units ...ident.Unit) []Post {
	out := make([]Post, len(units))
	for i, u := range units {
		out[i].Unit = u
	}
	return out
}

// chain returns the units to which a deadline of a unit escalates, one after the
// other: those where somebody supervises. Where nobody does, its own.
func chain(of Roster, unit ident.Unit) []ident.Unit {
	var out []ident.Unit
	for _, post := range of.Above(unit) {
		if len(post.Staff) > 0 {
			out = append(out, post.Unit)
		}
	}
	if len(out) == 0 {
		out = []ident.Unit{unit}
	}
	return out
}

// bosses returns who could take over what somebody of a unit leaves behind: who was
// named, then those who supervise, the nearest first.
func bosses(of Roster, who ident.Staff, unit ident.Unit) []ident.Staff {
	var out []ident.Staff
	add := func(s ident.Staff) {
		if s != who && of.Works(s) && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	if heir, ok := of.Heir(who); ok {
		add(heir)
	}
	if boss, ok := of.Supervisor(who); ok {
		add(boss)
	}
	for _, post := range of.Above(unit) {
		for _, s := range post.Staff {
			add(s)
		}
	}
	return out
}
