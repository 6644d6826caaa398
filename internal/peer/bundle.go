package peer

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// A bundle is what goes to a partner on a stick: envelopes as they wait, notes that answer
// what came, and attachments in pieces; ciphertext and signatures, and no key. Taking one
// in is the same as taking it at the door, so order, doubling and loss do no harm: what
// did not arrive waits on and goes with the next.

// pieceSize is how large the pieces of attachments in a bundle are: what one request to
// the door could carry.
const pieceSize = PartSize

// itemsEach is how many items one part has at most: their list is a note of limited size.
const itemsEach = 30_000

// Mail is the post office's side of what is carried by hand.
type Mail interface {
	Post
	// Along returns the notes that go with every bundle to a peer: this node's keys, what it
	// asks of both sides' streams.
	Along(ctx context.Context, to identity.NodeID) ([][]byte, error)
	// Bring takes a note that a bundle of a peer carries, and returns what answers it,
	// nothing where nothing does.
	Bring(ctx context.Context, from identity.NodeID, note []byte) (answer []byte, err error)
}

// Courier writes bundles and takes them in.
type Courier struct {
	Self   identity.NodeID
	Clock  clock.Clock
	Mail   Mail
	Spool  *Spool
	Pairs  cx.Pairs
	Signer func(ctx context.Context) (cx.Signer, error)
	Refuse Refuse
}

// Slip is what the courier's ledger says of one part of a bundle.
type Slip struct {
	Peer        identity.NodeID
	Digest      cx.Digest // of the signed list
	Part, Parts uint64
	Count       int // items
	Envelopes   int
	Notes       int
	Pieces      int // of attachments
}

func slipOf(peer identity.NodeID, d cx.Digest, b *cx.Bundle) Slip {
	s := Slip{Peer: peer, Digest: d, Part: b.Part, Parts: b.Parts, Count: len(b.Items)}
	for _, it := range b.Items {
		switch it.What {
		case cx.CarriedEnvelope:
			s.Envelopes++
		case cx.CarriedNote:
			s.Notes++
		case cx.CarriedBlob:
			s.Pieces++
		}
	}
	return s
}

// cargo is an item of a bundle with what reads it.
type cargo struct {
	cx.Item
	open func(ctx context.Context) (io.ReadCloser, error)
}

// Export writes what waits for a peer into as many parts as it needs, each into what
// create returns for it, and returns their slips. What is written there stays in the
// outbox until the peer's answer comes back.
func (c *Courier) Export(ctx context.Context, to identity.NodeID, create func(part, parts int) (io.WriteCloser, error)) ([]Slip, error) {
	all, err := c.load(ctx, to)
	if err != nil {
		return nil, err
	}
	signer, err := c.Signer(ctx)
	if err != nil {
		return nil, err
	}
	parts := divide(all)
	var slips []Slip
	for i, part := range parts {
		b := &cx.Bundle{From: c.Self, To: to, At: c.Clock.Now().Truncate(time.Second), Part: uint64(i + 1), Parts: uint64(len(parts))}
		for _, it := range part {
			b.Items = append(b.Items, it.Item)
		}
		w, err := create(i+1, len(parts))
		if err != nil {
			return nil, err
		}
		digest, err := writePart(ctx, w, b, part, signer)
		if cerr := w.Close(); err == nil {
			err = cerr
		}
		if err != nil {
			return nil, diskFault(err)
		}
		slips = append(slips, slipOf(to, digest, b))
	}
	return slips, nil
}

// load finds what a bundle to a peer carries: notes, then attachments, then the envelopes
// that name them.
func (c *Courier) load(ctx context.Context, to identity.NodeID) ([]cargo, error) {
	notes, err := c.Mail.Along(ctx, to)
	if err != nil {
		return nil, err
	}
	answers, err := c.Spool.answers(to)
	if err != nil {
		return nil, err
	}
	var out, envelopes []cargo
	for _, n := range slices.Concat(notes, answers) {
		out = append(out, inMemory(cx.CarriedNote, n))
	}
	seen := map[cx.Digest]bool{}
	for after := (cx.ID{}); ; {
		ids, err := c.Mail.Waiting(ctx, to, after, fetchMost)
		if err != nil {
			return nil, err
		}
		if len(ids) == 0 {
			return append(out, envelopes...), nil
		}
		for _, id := range ids {
			after = id
			p, err := c.Mail.Parcel(ctx, to, id)
			if fault.Is(err, fault.NotFound) {
				continue // answered meanwhile
			}
			if err != nil {
				return nil, err
			}
			for _, d := range p.Blobs {
				if seen[d] {
					continue
				}
				seen[d] = true
				pieces, err := c.pieces(d)
				if err != nil {
					return nil, err
				}
				out = append(out, pieces...)
			}
			e := inMemory(cx.CarriedEnvelope, p.Body)
			e.open = func(ctx context.Context) (io.ReadCloser, error) { // read again: thousands may wait
				p, err := c.Mail.Parcel(ctx, to, id)
				return io.NopCloser(bytes.NewReader(p.Body)), err
			}
			envelopes = append(envelopes, e)
		}
	}
}

func inMemory(what cx.Carried, b []byte) cargo {
	return cargo{
		cx.Item{What: what, Size: int64(len(b)), Digest: cx.DigestOf(b)},
		func(context.Context) (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(b)), nil },
	}
}

// pieces divides an attachment.
func (c *Courier) pieces(d cx.Digest) ([]cargo, error) {
	f, err := c.Spool.OpenOut(d)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, fmt.Errorf("look at attachment: %w", err)
	}
	var out []cargo
	buffer := make([]byte, pieceSize)
	for at := int64(0); at < info.Size(); at += pieceSize {
		b := buffer[:min(pieceSize, info.Size()-at)]
		if _, err := io.ReadFull(f, b); err != nil {
			return nil, fmt.Errorf("read attachment: %w", err)
		}
		it := cx.Item{What: cx.CarriedBlob, Size: int64(len(b)), Digest: cx.DigestOf(b), Blob: d, Offset: at, Whole: info.Size()}
		out = append(out, cargo{it, func(context.Context) (io.ReadCloser, error) { return c.openPiece(it) }})
	}
	return out, nil
}

func (c *Courier) openPiece(it cx.Item) (io.ReadCloser, error) {
	f, err := c.Spool.OpenOut(it.Blob)
	if err != nil {
		return nil, err
	}
	return &piece{io.NewSectionReader(f, it.Offset, it.Size), f}, nil
}

type piece struct {
	io.Reader
	file *os.File
}

// Close implements io.Closer.
func (p *piece) Close() error { return p.file.Close() }

// divide fills parts, in order.
func divide(all []cargo) [][]cargo {
	parts := [][]cargo{nil}
	var size int64
	for _, it := range all {
		last := len(parts) - 1
		if size+it.Size > cx.BundleLimit || len(parts[last]) >= itemsEach {
			parts, last, size = append(parts, nil), last+1, 0
		}
		parts[last] = append(parts[last], it)
		size += it.Size
	}
	return parts
}

// writePart writes one part and returns the digest of its list.
func writePart(ctx context.Context, w io.Writer, b *cx.Bundle, items []cargo, by cx.Signer) (cx.Digest, error) {
	list := &firstWrite{to: w}
	out, err := cx.WriteBundle(list, b, by)
	if err != nil {
		return cx.Digest{}, err
	}
	for _, it := range items {
		r, err := it.open(ctx)
		if err != nil {
			return cx.Digest{}, err
		}
		err = out.Add(r)
		_ = r.Close() // it was only read
		if err != nil {
			return cx.Digest{}, err
		}
	}
	return list.digest, out.Close()
}

// firstWrite digests what is written first: the list of a bundle, behind its length.
type firstWrite struct {
	to     io.Writer
	digest cx.Digest
}

// Write implements io.Writer.
func (f *firstWrite) Write(b []byte) (int, error) {
	if f.digest.IsZero() && len(b) > 4 {
		f.digest = cx.DigestOf(b[4:])
	}
	return f.to.Write(b)
}

// Taken is what became of a bundle.
type Taken struct {
	Slip
	Received int             // envelopes that are stored here now, or were before
	Refused  map[cx.Code]int // envelopes, notes and pieces, by why
	Damaged  int             // items that are not what the list says
}

// Import takes in one part of a bundle, each item as the door would, and keeps what
// answers it for the way back. What cannot be taken spoils nothing else.
func (c *Courier) Import(ctx context.Context, r io.Reader) (*Taken, error) {
	in, err := cx.ReadBundle(r, c.Self, c.Pairs)
	if err != nil {
		return nil, bundleFault(err)
	}
	out := &Taken{Slip: slipOf(in.Bundle.From, in.Digest, &in.Bundle), Refused: map[cx.Code]int{}}
	for {
		it, body, err := in.Next()
		switch {
		case errors.Is(err, io.EOF):
			return out, nil
		case errors.Is(err, cx.Damaged):
			out.Damaged++
			continue
		case err != nil:
			return out, bundleFault(err)
		}
		if err := c.take(ctx, in.Bundle.From, it, body, out); err != nil {
			code := cx.CodeOf(err)
			if code == cx.Internal {
				return out, diskFault(err)
			}
			out.Refused[code]++
		}
	}
}

// bundleFault says of a file that is no bundle for this node that it is none.
func bundleFault(err error) error {
	if code := cx.CodeOf(err); code != cx.Internal {
		return fault.Wrap(fault.Invalid, "peer-bundle", err)
	}
	return err
}

// take takes in one item.
func (c *Courier) take(ctx context.Context, from identity.NodeID, it *cx.Item, body io.Reader, out *Taken) error {
	if it.What == cx.CarriedBlob {
		return c.takePiece(from, it, body)
	}
	limit := int64(bodyLimit)
	if it.What == cx.CarriedNote {
		limit = cx.SyncLimit
	}
	if it.Size > limit {
		return cx.TooLarge
	}
	b := make([]byte, it.Size)
	if _, err := io.ReadFull(body, b); err != nil || cx.DigestOf(b) != it.Digest {
		return nil // what follows says that it is damaged, or that the file ends
	}
	if it.What == cx.CarriedNote {
		answer, err := c.Mail.Bring(ctx, from, b)
		if err == nil && len(answer) > 0 {
			err = c.Spool.keepAnswer(from, answer)
		}
		return err
	}
	answer, err := c.Mail.Receive(ctx, from, bytes.NewReader(b))
	if err == nil {
		out.Received++
		return c.Spool.keepAnswer(from, answer)
	}
	code := cx.CodeOf(err)
	if code == cx.Internal || code == cx.Busy || c.Refuse == nil {
		return err
	}
	if h, herr := c.Mail.Outside(ctx, from, b); herr == nil {
		if note := c.Refuse(ctx, from, h.ID, code); len(note) > 0 {
			return errors.Join(err, c.Spool.keepAnswer(from, note))
		}
	}
	return err
}

// takePiece takes in a piece of an attachment. One that was here before changes nothing.
func (c *Courier) takePiece(from identity.NodeID, it *cx.Item, body io.Reader) error {
	got, err := c.Spool.Progress(from, it.Blob)
	if err != nil || got.Whole || got.Size >= it.Offset+it.Size {
		return err
	}
	if got.Size < it.Offset {
		return cx.BlobMissing // a piece before it is in another part
	}
	if got.Size > it.Offset {
		if _, err := io.CopyN(io.Discard, body, got.Size-it.Offset); err != nil {
			return nil // what follows says that it is damaged, or that the file ends
		}
	}
	got, err = c.Spool.Append(from, it.Blob, got.Size, it.Whole, body)
	if err == nil && !got.Whole && got.Size >= it.Whole {
		err = errors.Join(cx.BlobMismatch, c.Spool.Remove(from, it.Blob))
	}
	return err
}
