package match

import (
	"context"
	"errors"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/match/ask"
)

// mayAsk returns, as codes, what is missing before anything masked about a child may go to
// the other node: into a question, or into a table. It is the one place that says so. The
// pass is that of a command about the child.
func (r *Room) mayAsk(ctx context.Context, p *access.Pass, of ident.Case, a *Agreement) (unmet []string, err error) {
	if p.Case() != of || of.IsZero() {
		return nil, fault.New(fault.Internal, "match-other-case")
	}
	return r.Leave.Unmet(ctx, p, a.Purpose, a.Peer)
}

// codes returns what of a child can be compared.
func (r *Room) codes(ctx context.Context, p *access.Pass, of ident.Case) (ask.Child, error) {
	return r.Codes.Codes(ctx, p, of)
}

// errLooked undoes a command that only looked whether a child may be compared: nothing of
// it is written, and nothing was read that the journal would name.
var errLooked = errors.New("only looked")

// stays reports whether a child may still be found through a table.
func (r *Room) stays(ctx context.Context, of ident.Case, a *Agreement) (bool, error) {
	may := false
	act := access.Act{Action: "match.enter", Purpose: "maintenance", Case: of}
	_, err := r.gate.Do(ctx, r.gate.Job("match"), act, func(p *access.Pass) (string, error) {
		unmet, err := r.mayAsk(ctx, p, of, a)
		if err != nil {
			return "", err
		}
		may = len(unmet) == 0
		return "", errLooked
	})
	if errors.Is(err, errLooked) || gone(err) {
		err = nil
	}
	return may, err
}

// gone reports whether a case is not there any more.
func gone(err error) bool {
	return fault.Is(err, fault.NotFound) || fault.CodeOf(err) == "key-destroyed"
}

func isLooked(err error) bool { return errors.Is(err, errLooked) }
