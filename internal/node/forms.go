package node

import (
	"context"
	"fmt"

	"causeway/internal/forms"
	"causeway/internal/store"
)

// openForms reads the forms of the pack and of this node, and gives them to the
// room of cases.
func (n *Node) openForms(ctx context.Context) error {
	lib, err := forms.NewLibrary(n.Pack)
	if err != nil {
		return err
	}
	if err := n.DB.Write(ctx, func(tx *store.Tx) error { return lib.Install(ctx, tx) }); err != nil {
		return fmt.Errorf("install forms: %w", err)
	}
	n.Forms = forms.New(lib)
	n.Cases.Fill(n.Forms)
	return nil
}

// refreshForms reads forms that another instance changed.
func (n *Node) refreshForms(ctx context.Context) error {
	return n.DB.Read(ctx, func(tx *store.Tx) error { return n.Forms.Library().Refresh(ctx, tx) })
}
