package casework

import (
	"context"
	"crypto/sha256"

	"causeway/internal/access"
	"causeway/internal/ident"
)

// together carries out several commands of one form, all or none. first is the act
// of the first of them: a form that was carried out before is found by it.
func (r *Room) together(ctx context.Context, c *access.Caller, first access.Act, commands ...func(*Room) error) error {
	return r.gate.GroupOnce(ctx, c, first, func(g *access.Gate) error {
		room := r.In(g)
		for _, do := range commands {
			if err := do(room); err != nil {
				return err
			}
		}
		return nil
	})
}

// eachOf returns the command of one case of a form that is about several: always
// the same for the same form and case.
func eachOf(cmd ident.Command, of ident.Case) ident.Command {
	if cmd.IsZero() {
		return cmd
	}
	sum := sha256.Sum256(append(append([]byte("each"), cmd[:]...), of[:]...))
	return ident.Command(sum[:16])
}
