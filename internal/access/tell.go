package access

import (
	"context"
	"fmt"

	"causeway/internal/ident"
	"causeway/internal/store"
)

// Told is what some people are told of a command, without saying of whom it is.
type Told struct {
	Kind  string        // a code; package staff knows them all
	Staff []ident.Staff // people by name
	Roles []string      // and everybody of these roles
	Above ident.Staff   // and whoever supervises this person
	Actor ident.Staff   // who did it, none for a job; they are not told themselves
	Entry ident.Entry   // the entry of the command
}

// Notifier leaves word for people in the transaction of the command; package staff
// implements it. It tells nobody twice, and leaves out who has no account.
type Notifier interface {
	Tell(ctx context.Context, tx *store.Tx, t Told) error
}

// Notify names who leaves word. It is called once, before the gate is used; without
// it nobody is told.
func (g *Gate) Notify(n Notifier) { g.notifier = n }

// Tell has people told of this command once its entry is there.
func (p *Pass) Tell(kind string, people []ident.Staff, roles ...string) {
	p.told = append(p.told, Told{Kind: kind, Staff: people, Roles: roles, Actor: p.caller.staff})
}

// tellAll leaves the word that a command asked for.
func (g *Gate) tellAll(ctx context.Context, tx *store.Tx, entry ident.Entry, told []Told) error {
	if g.notifier == nil {
		return nil
	}
	for _, t := range told {
		t.Entry = entry
		if err := g.notifier.Tell(ctx, tx, t); err != nil {
			return fmt.Errorf("tell people: %w", err)
		}
	}
	return nil
}

// Refuse makes the command a denial with a reason, as if the gate had refused it:
// it is entered, and its caller learns no more than of something that does not
// exist. The room's function returns what it returns.
func (p *Pass) Refuse(reason string) error {
	p.refused = reason
	return errRefused
}
