package access

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// Do runs one command: it opens the transaction, decides inside it, runs fn,
// appends the journal entry and commits. The whole is run again on a conflict or
// a lost connection, so fn must not have effects outside the pass. The result is
// kept with the command's identifier; the same command again returns it without
// running fn.
func (g *Gate) Do(ctx context.Context, c *Caller, a Act, fn func(*Pass) (string, error)) (string, error) {
	c = somebody(c)
	if g.group != nil {
		return g.group.do(ctx, g, c, a, fn)
	}
	if g.full.Load() {
		return "", fault.New(fault.Unavailable, "disk-full")
	}
	var result, reason string
	err := g.db.Write(ctx, func(tx *store.Tx) (err error) {
		result, reason, err = g.command(ctx, tx, c, a, tx.Last, fn)
		return err
	})
	if err == nil {
		g.counted(ctx, c, a.Action)
		return result, nil
	}
	// A command that was carried out before fails on its own identifier, or on
	// what it changed then: nothing of the second run stands.
	switch before, whose, lerr := g.before(ctx, c, a); {
	case lerr != nil:
		return "", lerr
	case whose == commandOwn:
		return before, nil
	case whose == commandOther:
		return "", g.refuse(ctx, c, a, "command-of-another")
	}
	if errors.Is(err, errRefused) {
		return "", g.refuse(ctx, c, a, reason)
	}
	return "", err
}

// Whose command an identifier is.
const (
	commandNew = iota
	commandOwn
	commandOther // somebody else's, or of another action
)

// before looks up the result of a command that was carried out already.
func (g *Gate) before(ctx context.Context, c *Caller, a Act) (result string, whose int, err error) {
	if a.Command.IsZero() || ctx.Err() != nil {
		return "", commandNew, nil
	}
	err = g.db.Read(ctx, func(tx *store.Tx) error {
		var actor ident.Staff
		var action string
		err := tx.QueryRow(ctx, sqlSelectCommand, a.Command).Scan(&actor, &action, &result)
		switch {
		case fault.Is(err, fault.NotFound):
			whose = commandNew
			return nil
		case err == nil && actor == c.staff && action == a.Action:
			whose = commandOwn
		case err == nil:
			whose, result = commandOther, ""
		}
		return err
	})
	return result, whose, err
}

// Done reports whether a form was carried out already: for what is asked of whoever fills
// it in, and not of whoever sends it twice.
func (g *Gate) Done(ctx context.Context, c *Caller, cmd ident.Command) (bool, error) {
	_, whose, err := g.before(ctx, c, Act{Command: cmd})
	return whose != commandNew, err
}

// command is one command within tx. The entry and the command's identifier are
// written by last, which may put them off until the commit.
func (g *Gate) command(ctx context.Context, tx *store.Tx, c *Caller, a Act, last func(...store.Stmt) error,
	fn func(*Pass) (string, error),
) (result, reason string, err error) {
	r := reachOf{relation: relationNone}
	if !a.Case.IsZero() && !a.NewCase {
		if r, err = readReach(ctx, tx, c, a.Case, tx.Now().UnixMicro()); err != nil {
			return "", "", err
		}
	}
	basis, reason := g.decideCommand(c, &a, r, tx.Now())
	if reason != "" {
		return "", reason, errRefused
	}
	p := &Pass{gate: g, tx: tx, caller: c, act: a, relation: r.relation, writes: true}
	defer p.end()
	switch result, err = fn(p); {
	case errors.Is(err, errSelfGrant):
		return "", selfGrant, errRefused
	case err != nil:
		return "", p.refused, err
	}
	e := g.entry(c, a, basis, journal.OK, "")
	e.Rows, e.Commitments, e.NewSubject, e.Payload = p.rows, p.commitments, p.newSubject, p.payload
	entry, stmts, err := g.journal.Statements(ctx, tx, e)
	if err != nil {
		return "", "", err
	}
	if err := p.entered(entry); err != nil {
		return "", "", err
	}
	if err := g.tellAll(ctx, tx, entry.ID, p.told); err != nil {
		return "", "", err
	}
	if !a.Command.IsZero() {
		stmts = append(stmts, store.Stmt{
			SQL:  sqlInsertCommand,
			Args: []any{a.Command, c.staff, a.Action, result, tx.Now().UnixMicro()},
		})
	}
	if p.rights != nil {
		stmts = append(p.rights.later, stmts...)
	}
	if err := last(stmts...); err != nil {
		return "", "", fmt.Errorf("journal command: %w", err)
	}
	return result, "", nil
}

// decideCommand decides about a command. One that nothing permits is asked again as
// an emergency where its caller states one; the act is marked where that permits it.
func (g *Gate) decideCommand(c *Caller, a *Act, r reachOf, now time.Time) (basis, reason string) {
	basis, reason = g.decide(c, *a, r, now)
	if reason == noPolicy && a.statesEmergency() {
		a.emergency = true
		basis, reason = g.decide(c, *a, r, now)
	}
	return basis, reason
}

// commandsKept is how long a command's result is kept for replays of its form:
// longer than any page stays open.
const commandsKept = 7 * 24 * time.Hour

// PurgeCommands forgets the results of old commands. Identifiers of commands are
// random, so that their first byte cuts the table into 256 like pieces: each is
// a short transaction of its own.
func (g *Gate) PurgeCommands(ctx context.Context) error {
	for piece := range 256 {
		from, below := []byte{byte(piece)}, []byte{byte(piece) + 1}
		if piece == 255 {
			below = bytes.Repeat([]byte{255}, 17) // above every identifier
		}
		err := g.db.Write(ctx, func(tx *store.Tx) error {
			_, err := tx.Exec(ctx, sqlPurgeCommands, from, below, tx.Now().Add(-commandsKept).UnixMicro())
			return err
		})
		if err != nil {
			return fmt.Errorf("purge commands: %w", err)
		}
	}
	return nil
}
