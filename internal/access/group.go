package access

import (
	"context"
	"errors"

	"causeway/internal/fault"
	"causeway/internal/store"
)

// GroupMost is how many commands one group may hold.
const GroupMost = 500

// group is a number of commands in one commit.
type group struct {
	tx *store.Tx
	n  int

	// What was refused, to be journaled once the group has been rolled back.
	caller *Caller
	act    Act
	reason string
}

// Group runs up to [GroupMost] commands in one commit, each with its own decision
// and its own journal entry: all of them happen, or none. fn gives the gate it
// receives to the rooms it calls; it may be run again, and reads nothing through
// that gate. It is for imports, the demo and measurements.
func (g *Gate) Group(ctx context.Context, fn func(*Gate) error) error {
	if g.full.Load() {
		return fault.New(fault.Unavailable, "disk-full")
	}
	if g.group != nil {
		return fault.New(fault.Internal, "group-in-group")
	}
	var in *group
	err := g.db.Write(ctx, func(tx *store.Tx) error {
		in = &group{tx: tx}
		defer func() { in.tx = nil }()
		err := fn(&Gate{core: g.core, group: in})
		if err == nil && in.reason != "" {
			err = errRefused // fn has swallowed a refusal: nothing of it stands
		}
		return err
	})
	if in != nil && in.reason != "" && errors.Is(err, errRefused) {
		return g.refuse(ctx, in.caller, in.act, in.reason)
	}
	return err
}

// Grouped reports whether this is the gate of a group, where what fails undoes the
// work of others.
func (g *Gate) Grouped() bool { return g.group != nil }

// do is [Gate.Do] within a group.
func (in *group) do(ctx context.Context, g *Gate, c *Caller, a Act, fn func(*Pass) (string, error)) (string, error) {
	if in.tx == nil {
		return "", errNoPass
	}
	if in.n++; in.n > GroupMost {
		return "", fault.New(fault.Internal, "group-too-large")
	}
	// Later commands of the group read the chain that this one's entry extends.
	now := func(stmts ...store.Stmt) error { return in.tx.Batch(ctx, stmts...) }
	result, reason, err := g.command(ctx, in.tx, c, a, now, fn)
	if errors.Is(err, errRefused) {
		in.caller, in.act, in.reason = c, a, reason
	}
	return result, err
}

// GroupOnce is [Gate.Group] for the commands of one form. first is the act of the
// first of them, with its command: where the caller has carried it out before, the
// group is done, and what fails now is its repetition.
func (g *Gate) GroupOnce(ctx context.Context, c *Caller, first Act, fn func(*Gate) error) error {
	err := g.Group(ctx, fn)
	if err == nil {
		return nil
	}
	_, whose, lerr := g.before(ctx, somebody(c), first)
	if lerr != nil {
		return lerr
	}
	if whose == commandOwn {
		return nil
	}
	return err
}
