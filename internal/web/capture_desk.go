package web

import (
	"context"
	"net/url"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

// CaptureDesk takes in what was written without a network. Package node
// implements it.
type CaptureDesk interface {
	// Key returns the public key that phones seal to, with its number in front.
	Key() ([]byte, error)
	// Receive takes a sealed form in, whoever sends it: once, however often it
	// comes. When it returns nil, the phone may forget the form.
	Receive(ctx context.Context, c *access.Caller, id ident.Capture, envelope []byte) error
	// Waiting returns what could not be filed and is the caller's to decide.
	Waiting(ctx context.Context, c *access.Caller) ([]Captured, error)
	// Undecided returns how many those are.
	Undecided(ctx context.Context, c *access.Caller) (int, error)
	// Open opens one of them.
	Open(ctx context.Context, c *access.Caller, id ident.Capture) (Captured, error)
	// Carrying returns the caller as somebody who brings in this form, and the
	// command under which that happens, at most once.
	Carrying(ctx context.Context, c *access.Caller, id ident.Capture) (*access.Caller, ident.Command, error)
	// Settle says that the form was filed.
	Settle(ctx context.Context, c *access.Caller, id ident.Capture) error
	// Discard throws the form away and keeps the reason.
	Discard(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Capture, why sealed.Text) error
}

// Captured is a form that could not be filed.
type Captured struct {
	ID       ident.Capture
	Kind     string // words "capturekind.<Kind>"
	Reason   string // error code
	Received time.Time
	Author   ident.Staff
	SentBy   ident.Staff
	// Where it was opened:
	At      time.Time
	Number  string
	Answers url.Values
}
