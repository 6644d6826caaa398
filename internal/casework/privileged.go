package casework

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/consent"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// KindPrivileged is the event of a privileged note: it says that there is one, and
// nothing else.
const KindPrivileged = "privileged"

// PrivilegedPage is the notes of a child's lawyer, as that lawyer sees them.
type PrivilegedPage struct {
	Case  Case
	Notes []consent.Privileged // newest first
	May   map[string]bool
	Entry ident.Entry
}

// AddPrivileged keeps a note of the child's lawyer that nobody else reads. The floor
// refuses every other role.
func (r *Room) AddPrivileged(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, note sealed.Text) error {
	var chk fault.Check
	chk.Require(!note.IsZero(), "privileged_text", "required")
	text(&chk, "privileged_text", note, mostText)
	if err := chk.Err(); err != nil {
		return err
	}
	return r.act(ctx, c, cmd, id, "consent.note", PurposeChild, 0, func(p *access.Pass, row *Case) (*Event, error) {
		if err := consent.WritePrivileged(ctx, p, row.Events+1, note); err != nil {
			return nil, err
		}
		return &Event{Kind: KindPrivileged}, nil
	})
}

// PrivilegedNotes returns the notes that the caller, the child's lawyer, keeps of a
// case, and opens nothing else of it.
func (r *Room) PrivilegedNotes(ctx context.Context, c *access.Caller, id ident.Case) (*PrivilegedPage, error) {
	var page PrivilegedPage
	var row *Case
	var people []access.Reached
	act := access.Act{Action: "consent.notes", Purpose: PurposeChild, Case: id}
	err := r.gate.Open(ctx, c, act, func(p *access.Pass) (err error) {
		if row, err = readCase(ctx, p.Tx(), id); err != nil {
			return err
		}
		if people, err = p.Reached(ctx); err != nil {
			return err
		}
		page.Notes, err = consent.FetchPrivileged(ctx, p)
		return err
	}, func(p *access.Pass) (err error) {
		if err := p.CheckReached(people); err != nil {
			return err
		}
		if err := consent.OpenPrivileged(p, page.Notes); err != nil {
			return err
		}
		page.Case, page.Entry = *row, p.Entry()
		page.May, err = p.May(ctx, "consent.note", "consent.view")
		return err
	})
	if err != nil {
		return nil, err
	}
	return &page, nil
}
