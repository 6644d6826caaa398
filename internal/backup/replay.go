package backup

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Restrained puts restrictions into force again. Each method finds nothing to do
// where the restriction is in force already, and answers NotFound for what the
// restored database does not know.
type Restrained interface {
	// Withhold keeps a case from a person or unit.
	Withhold(ctx context.Context, tx *store.Tx, c ident.Case, from [16]byte) error
	// EndPermit ends a permit of a case: see access.WithdrawAgain.
	EndPermit(ctx context.Context, tx *store.Tx, c ident.Case, permit [16]byte) error
	// Block shuts an account.
	Block(ctx context.Context, tx *store.Tx, who ident.Staff) error
	// Destroy destroys the key of a subject and removes its rows everywhere.
	Destroy(ctx context.Context, tx *store.Tx, s ident.Subject) error
	// Unsay destroys what was said between nodes and had been destroyed then: a message of a
	// thread, or with the zero id all of the thread.
	Unsay(ctx context.Context, tx *store.Tx, thread, message [16]byte, then time.Time) error
}

// Replayed counts what [Replay] put into force.
type Replayed struct {
	Withheld  int
	Withdrawn int
	Blocked   int
	Destroyed int
	Unsaid    int // messages and threads between nodes
	Unknown   int // of what the restored database does not know: newer than the backup
}

// rule is what a line is about; later lines about the same beat earlier ones.
type rule struct {
	kind Kind // that which puts it into force
	a, b [16]byte
}

// inForce returns what holds at the end of a list, in the order in which it came
// into force last. Ended sessions are left out: a restore ends all of them.
func inForce(list []Restriction) []Restriction {
	last := map[rule]int{}
	for i, r := range list {
		last[r.rule()] = i
	}
	var out []Restriction
	for i, r := range list {
		if last[r.rule()] == i && !r.Kind.ends() && r.Kind != Ended {
			out = append(out, r)
		}
	}
	return out
}

func (r Restriction) rule() rule {
	k := rule{r.Kind, r.A, r.B}
	switch k.kind {
	case Unblocked:
		k.kind = Blocked
	case Lifted:
		k.kind = Withheld
	}
	return k
}

// ends reports whether a line ends a restriction.
func (k Kind) ends() bool { return k == Unblocked || k == Lifted }

// Replay puts the restrictions of a list into force in tx. It may be run again.
func Replay(ctx context.Context, tx *store.Tx, list []Restriction, to Restrained) (Replayed, error) {
	var done Replayed
	for _, r := range inForce(list) {
		var err error
		count := &done.Withheld
		switch r.Kind {
		case Withheld:
			err = to.Withhold(ctx, tx, ident.Case(r.A), r.B)
		case Withdrawn:
			count = &done.Withdrawn
			err = to.EndPermit(ctx, tx, ident.Case(r.A), r.B)
		case Blocked:
			count = &done.Blocked
			err = to.Block(ctx, tx, ident.Staff(r.A))
		case Destroyed:
			count = &done.Destroyed
			err = to.Destroy(ctx, tx, ident.Subject(r.A))
		case Unsaid:
			count = &done.Unsaid
			err = to.Unsay(ctx, tx, r.A, r.B, r.At)
		}
		switch {
		case fault.Is(err, fault.NotFound):
			done.Unknown++
		case err != nil:
			return done, fmt.Errorf("replay restriction %d: %w", r.Number, err)
		default:
			*count++
		}
	}
	return done, nil
}
