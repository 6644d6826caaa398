package node

import (
	"context"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/intake"
	"causeway/internal/sealed"
	"causeway/internal/web"
)

// captureDesk lets the staff pages ask package intake, and captureFiler lets
// intake file with the code of the pages: doors do not know each other.
type captureDesk struct{ n *Node }

// Key implements web.CaptureDesk.
func (d captureDesk) Key() ([]byte, error) { return d.n.Custody.CaptureKey() }

// Receive implements web.CaptureDesk.
func (d captureDesk) Receive(ctx context.Context, c *access.Caller, id ident.Capture, envelope []byte) error {
	return d.n.Captures.Receive(ctx, c, id, envelope)
}

func shownCapture(c *intake.Capture) web.Captured {
	out := web.Captured{ID: c.ID, Kind: c.Kind, Reason: c.Reason, Received: c.Received, Author: c.Author, SentBy: c.SentBy}
	if f := c.Filled; f != nil {
		out.At, out.Number, out.Answers = f.At, f.Number, f.Answers
	}
	return out
}

// Waiting implements web.CaptureDesk.
func (d captureDesk) Waiting(ctx context.Context, c *access.Caller) ([]web.Captured, error) {
	list, err := d.n.Captures.Waiting(ctx, c)
	out := make([]web.Captured, 0, len(list))
	for _, x := range list {
		out = append(out, shownCapture(x))
	}
	return out, err
}

// Undecided implements web.CaptureDesk.
func (d captureDesk) Undecided(ctx context.Context, c *access.Caller) (int, error) {
	return d.n.Captures.Undecided(ctx, c)
}

// Open implements web.CaptureDesk.
func (d captureDesk) Open(ctx context.Context, c *access.Caller, id ident.Capture) (web.Captured, error) {
	x, err := d.n.Captures.Open(ctx, c, id)
	if err != nil {
		return web.Captured{}, err
	}
	return shownCapture(x), nil
}

// Carrying implements web.CaptureDesk.
func (d captureDesk) Carrying(ctx context.Context, c *access.Caller, id ident.Capture) (*access.Caller, ident.Command, error) {
	carrying, err := d.n.Captures.Carrying(ctx, c, id)
	return carrying, (&intake.Capture{ID: id}).Command(), err
}

// Settle implements web.CaptureDesk.
func (d captureDesk) Settle(ctx context.Context, c *access.Caller, id ident.Capture) error {
	return d.n.Captures.Settle(ctx, c, id)
}

// Discard implements web.CaptureDesk.
func (d captureDesk) Discard(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Capture, why sealed.Text) error {
	return d.n.Captures.Discard(ctx, c, cmd, id, why)
}

// captureFiler implements intake.Filer.
type captureFiler struct{ filing *web.Filing }

// File implements intake.Filer.
func (f captureFiler) File(ctx context.Context, c *access.Caller, cmd ident.Command, x *intake.Filled) (ident.Case, error) {
	return f.filing.File(ctx, c, cmd, x.Kind, x.Number, x.Answers, x.At)
}

// carryForms files what was received when the node stopped before it could.
func (n *Node) carryForms(ctx context.Context) error {
	return n.Captures.Carry(ctx, func(ctx context.Context) ([]ident.Case, error) { return n.Cases.Tombstones(ctx, n.DB) })
}
