package casework

import (
	"context"
	"slices"

	"causeway/internal/access"
	"causeway/internal/deadline"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Word has people told, without any content, that something waits for them, in the
// transaction of what waits.
type Word interface {
	TellByMail(ctx context.Context, tx *store.Tx, urgent bool, people ...ident.Staff) error
}

// Words names who has people told that a deadline was missed. It is called once, before
// the room is used; without it they see it on their pages only.
func (r *Room) Words(w Word) { r.word = w }

// tell has whom a step reached told: the owner of what is late, or whoever supervises the
// unit it went up to.
func (s *stepper) tell(ctx context.Context, r *Room, p *access.Pass, step *deadline.Step) error {
	if r.word == nil || step.Name() == deadline.StepRemind {
		return nil
	}
	people := []ident.Staff{step.Staff}
	if step.Staff.IsZero() {
		above := s.people.Above(step.Unit)
		i := slices.IndexFunc(above, func(post Post) bool { return post.Unit == step.Unit })
		if i < 0 {
			return nil
		}
		people = above[i].Staff
	}
	return r.word.TellByMail(ctx, p.Tx(), false, people...)
}
