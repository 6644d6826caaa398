package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

func checkLabel(label sealed.Text) error {
	var chk fault.Check
	chk.Require(!label.IsZero() && label.Reveal() != "", "view_name", "required")
	text(&chk, "view_name", label, mostLabel)
	return chk.Err()
}

// filterOf writes a query as a view keeps it.
func filterOf(q Query) (string, error) {
	q.Cursor = ""
	filter, err := json.Marshal(q)
	if err != nil {
		return "", fmt.Errorf("encode view: %w", err)
	}
	return string(filter), nil
}

// SaveView keeps a filter under a label, for the caller alone. More than [MostViews]
// are Invalid.
func (r *Room) SaveView(ctx context.Context, c *access.Caller, cmd ident.Command, label sealed.Text, q Query) error {
	if err := checkLabel(label); err != nil {
		return err
	}
	if err := q.check(r.codes); err != nil {
		return err
	}
	filter, err := filterOf(q)
	if err != nil {
		return err
	}
	_, err = r.gate.Do(ctx, c, access.Act{Action: "view.save", Purpose: PurposeCare, Command: cmd}, func(p *access.Pass) (string, error) {
		var n int
		if err := p.Tx().QueryRow(ctx, sqlCountViews, c.Staff()).Scan(&n); err != nil {
			return "", err
		}
		if n >= MostViews {
			return "", fault.InvalidField("view_name", "too-many-views")
		}
		id := ident.Beside[ident.View]()
		blob, err := p.SealNode(viewTable, id[:], 1, &viewLabel{Label: label})
		if err != nil {
			return "", err
		}
		_, err = p.Tx().Exec(ctx, sqlInsertView, id, c.Staff(), filter, blob, p.Now().UnixMicro())
		return id.String(), err
	})
	return err
}

// RenameView gives a view of the caller's own another label. Of a shared one that is
// a change to what others see, and needs the right to share.
func (r *Room) RenameView(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.View, label sealed.Text) error {
	if err := checkLabel(label); err != nil {
		return err
	}
	return r.changeView(ctx, c, cmd, id, func(v *SavedView) { v.Label = label })
}

// RefilterView puts another filter in the place of what a view of the caller's own
// holds; for a shared one see [Room.RenameView].
func (r *Room) RefilterView(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.View, q Query) error {
	if err := q.check(r.codes); err != nil {
		return err
	}
	return r.changeView(ctx, c, cmd, id, func(v *SavedView) { v.Query = q })
}

func (r *Room) changeView(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.View, change func(*SavedView)) error {
	action := "view.save"
	err := r.gate.Own(ctx, c, func(p *access.Pass) error {
		v, err := ownView(ctx, p, id)
		if err == nil && v.Shared() {
			action = "view.share"
		}
		return err
	})
	if err != nil && !fault.Is(err, fault.NotFound) { // what is not there, the command says itself
		return err
	}
	_, err = r.gate.Do(ctx, c, access.Act{Action: action, Purpose: PurposeCare, Command: cmd}, func(p *access.Pass) (string, error) {
		v, err := ownView(ctx, p, id)
		switch {
		case err != nil:
			return "", err
		case v.Shared() != (action == "view.share"):
			return "", fault.New(fault.Conflict, "changed-meanwhile")
		case v.Shared() && v.Unit != c.Unit():
			return "", fault.New(fault.Invalid, "view-of-another-unit")
		}
		change(v)
		return "", updateView(ctx, p, v)
	})
	return err
}

// ownView returns a view that the caller keeps.
func ownView(ctx context.Context, p *access.Pass, id ident.View) (*SavedView, error) {
	v, err := readView(ctx, p, id)
	if err == nil && v.Keeper != p.Caller().Staff() {
		return nil, errNoView()
	}
	return v, err
}

// updateView writes a view that was read in the same transaction.
func updateView(ctx context.Context, p *access.Pass, v *SavedView) error {
	filter, err := filterOf(v.Query)
	if err != nil {
		return err
	}
	blob, err := p.SealNode(viewTable, v.ID[:], v.version+1, &viewLabel{Label: v.Label})
	if err != nil {
		return err
	}
	n, err := p.Tx().Exec(ctx, sqlUpdateView, v.ID, v.version, v.Unit, filter, blob)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	return err
}

// ShareView lets the caller's unit and the units below it use a view of the caller's
// own. One that is shared with another unit is Invalid: that sharing is ended first.
func (r *Room) ShareView(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.View) error {
	_, err := r.gate.Do(ctx, c, access.Act{Action: "view.share", Purpose: PurposeCare, Command: cmd}, func(p *access.Pass) (string, error) {
		v, err := ownView(ctx, p, id)
		switch {
		case err != nil:
			return "", err
		case v.Unit == c.Unit():
			return "", nil
		case v.Shared():
			return "", fault.New(fault.Invalid, "view-of-another-unit")
		}
		var n int
		if err := p.Tx().QueryRow(ctx, sqlCountShared, c.Unit()).Scan(&n); err != nil {
			return "", err
		}
		if n >= mostShared {
			return "", fault.New(fault.Invalid, "too-many-shared")
		}
		v.Unit = c.Unit()
		return "", updateView(ctx, p, v)
	})
	return err
}

// UnshareView ends the sharing of a view: its keeper may, and who supervises the unit
// or one above it. It stays with its keeper alone; where the keeper no longer works
// here, nobody would have it, and it is removed.
func (r *Room) UnshareView(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.View) error {
	people, err := r.roster(ctx)
	if err != nil {
		return err
	}
	_, err = r.gate.Do(ctx, c, access.Act{Action: "view.unshare", Purpose: PurposeCare, Command: cmd}, func(p *access.Pass) (string, error) {
		v, err := readView(ctx, p, id)
		if err != nil {
			return "", err
		}
		if v.Keeper != c.Staff() {
			may, err := supervises(ctx, p, v.Unit)
			if err != nil {
				return "", err
			}
			if !may {
				return "", errNoView()
			}
			if !people.Works(v.Keeper) {
				return "", deleteView(ctx, p, v)
			}
		}
		v.Unit = ident.Unit{}
		return "", updateView(ctx, p, v)
	})
	return err
}

// DeleteView removes one of the caller's own views. A shared one is Invalid: others
// may rely on it, so its sharing is ended first.
func (r *Room) DeleteView(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.View) error {
	_, err := r.gate.Do(ctx, c, access.Act{Action: "view.save", Purpose: PurposeCare, Command: cmd}, func(p *access.Pass) (string, error) {
		v, err := ownView(ctx, p, id)
		if err != nil {
			return "", err
		}
		if v.Shared() {
			return "", fault.New(fault.Invalid, "view-shared")
		}
		return "", deleteView(ctx, p, v)
	})
	return err
}

// deleteView removes a view. Its keeper's list opens with something else then; whose
// list opened with it otherwise is told when they next open it.
func deleteView(ctx context.Context, p *access.Pass, v *SavedView) error {
	n, err := p.Tx().Exec(ctx, sqlDeleteView, v.ID, v.version)
	if err == nil && n != 1 {
		err = fault.New(fault.Conflict, "changed-meanwhile")
	}
	if err != nil {
		return err
	}
	_, err = p.Tx().Exec(ctx, sqlDeleteOpening, v.Keeper, v.ID)
	return err
}

// OpenWith has the caller's list of children open with a view they can use. One that
// they cannot is NotFound.
func (r *Room) OpenWith(ctx context.Context, c *access.Caller, cmd ident.Command, o Opening) error {
	if o.View.IsZero() && !slices.Contains(BuiltInViews(), o.BuiltIn) {
		return fault.InvalidField("opening", "choose-one")
	}
	if !o.View.IsZero() {
		o.BuiltIn = ""
	}
	_, err := r.gate.Do(ctx, c, access.Act{Action: "view.save", Purpose: PurposeCare, Command: cmd}, func(p *access.Pass) (string, error) {
		if !o.View.IsZero() {
			if err := r.usable(ctx, p, o.View); err != nil {
				return "", err
			}
		}
		_, err := p.Tx().Exec(ctx, sqlUpsertOpening, c.Staff(), o.View, o.BuiltIn)
		return "", err
	})
	return err
}

// usable returns nil for a view that the caller keeps, or that is shared with a unit
// of theirs.
func (r *Room) usable(ctx context.Context, p *access.Pass, id ident.View) error {
	v, err := readView(ctx, p, id)
	if err != nil || v.Keeper == p.Caller().Staff() {
		return err
	}
	units, err := unitsAbove(ctx, p)
	if err != nil {
		return err
	}
	if !v.Shared() || !slices.Contains(units, v.Unit) || !r.gate.May(p.Caller(), "view.list") {
		return errNoView()
	}
	return nil
}
