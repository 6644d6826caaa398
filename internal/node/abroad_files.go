package node

import (
	"errors"
	"io"

	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// enclosures keeps in the spool what goes along with an offer (referral.Files): as it
// travels, sealed.
type enclosures struct{ p *peers }

// Pack implements referral.Files.
func (e enclosures) Pack(write func(io.Writer) error) (cx.Attachment, error) {
	out, err := e.p.spool.Create()
	if err != nil {
		return cx.Attachment{}, err
	}
	plain, in := io.Pipe()
	go func() { _ = in.CloseWithError(write(in)) }() // never fails; ends with the reader
	a, err := cx.SealBlob(out, plain)
	_ = plain.Close() // whoever still writes is told so
	if err != nil {
		out.Discard()
		return a, err
	}
	d, size, err := out.Commit()
	if err == nil && (d != a.Cipher || size != a.CipherSize) {
		err = errors.Join(fault.New(fault.Internal, "record-altered"), e.p.spool.RemoveOut(d))
	}
	return a, err
}

// Drop implements referral.Files. What stays is ciphertext without a key.
func (e enclosures) Drop(d cx.Digest) { _ = e.p.spool.RemoveOut(d) }

// Unpack implements referral.Files.
func (e enclosures) Unpack(from identity.NodeID, a *cx.Attachment, to io.Writer) error {
	sealed, err := e.p.spool.Open(from, a.Cipher)
	if err != nil {
		return fault.Wrap(fault.Unavailable, "enclosure-missing", err)
	}
	defer sealed.Close()
	return cx.OpenBlob(to, sealed, a)
}
