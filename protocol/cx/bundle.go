package cx

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"time"

	"causeway/protocol/identity"
)

// Limits of a bundle, in bytes.
const (
	BundleLimit     = 1 << 30 // one part
	BundleNoteLimit = 8 << 20 // its list
	bundleItems     = 1 << 16
)

// BundleEnding is how the name of a part ends.
const BundleEnding = ".cxb"

// Bundle is the list of one part of what is carried from node to node on a stick. The
// bytes of its items follow it, one after another, with nothing between them.
type Bundle struct {
	From, To identity.NodeID
	At       time.Time
	Part     uint64 // from 1
	Parts    uint64
	Items    []Item
	SKey     identity.KeyID
}

// Carried is what an item of a bundle is.
type Carried string

// What a bundle carries.
const (
	CarriedEnvelope Carried = "envelope" // as it travels
	CarriedNote     Carried = "note"     // a receipt, a refusal, a comparison, a schedule, a revocation
	CarriedBlob     Carried = "blob"     // a piece of a sealed attachment
)

// Item is one line of the list.
type Item struct {
	What   Carried
	Size   int64  // bytes, at least 1
	Digest Digest // of these bytes
	Blob   Digest // of the whole attachment, for a piece of one
	Offset int64  // where in it the piece begins
	Whole  int64  // the size of it
}

func (b *Bundle) kind() string { return "causeway/bundle/" }

func (b *Bundle) signer() (identity.NodeID, identity.KeyID) { return b.From, b.SKey }

func (b *Bundle) addressee() identity.NodeID { return b.To }

func (b *Bundle) fields(c *codec) {
	one(c, "from", &b.From, asNode)
	one(c, "to", &b.To, asNode)
	one(c, "at", &b.At, asTime)
	one(c, "part", &b.Part, asNumber)
	one(c, "parts", &b.Parts, asNumber)
	count, size := uint64(len(b.Items)), b.size()
	one(c, "count", &count, asNumber)
	one(c, "size", &size, asSize)
	many(c, "item", bundleItems, &b.Items, spelling[Item]{Item.show, readItem})
	one(c, "skey", &b.SKey, asKey)

	c.require(b.From != b.To, "to")
	c.require(b.Part > 0 && b.Part <= b.Parts, "part")
	c.require(count == uint64(len(b.Items)), "count")
	c.require(size == b.size() && size <= BundleLimit, "size")
}

// size is how many bytes the items have. One that does not fit makes it too large for
// any bundle.
func (b *Bundle) size() int64 {
	var sum int64
	for _, it := range b.Items {
		if it.Size > BundleLimit {
			return BundleLimit + 1
		}
		sum += it.Size
	}
	return sum
}

func (it Item) show() string {
	out := fmt.Sprintf("%s %d %s", it.What, it.Size, it.Digest)
	if it.What == CarriedBlob {
		out += fmt.Sprintf(" %s %d %d", it.Blob, it.Offset, it.Whole)
	}
	return out
}

func readItem(text string) (it Item, err error) {
	what, _, _ := strings.Cut(text, " ")
	it.What = Carried(what)
	n := 3
	switch it.What {
	case CarriedEnvelope, CarriedNote:
	case CarriedBlob:
		n = 6
	default:
		return it, BadFormat
	}
	w := wordsOf(text, n)
	var errs [5]error
	it.Size, errs[0] = strconv.ParseInt(w[1], 10, 64)
	it.Digest, errs[1] = ParseDigest(w[2])
	if n == 6 {
		it.Blob, errs[2] = ParseDigest(w[3])
		it.Offset, errs[3] = readSize(w[4])
		it.Whole, errs[4] = readSize(w[5])
		if it.Whole > BlobLimit || it.Offset > it.Whole-it.Size {
			return it, BadFormat
		}
	}
	if it.Size < 1 {
		return it, BadFormat
	}
	return it, cmp.Or(errs[:]...)
}

// BundleWriter writes the items of a bundle, in the order of its list.
type BundleWriter struct {
	to   io.Writer
	left []Item
}

// WriteBundle signs the list of a bundle, whose digests are known already, and writes
// it. The items follow through the writer that it returns.
func WriteBundle(w io.Writer, b *Bundle, by Signer) (*BundleWriter, error) {
	b.SKey = by.Key()
	msg, err := sign(b, by, BundleNoteLimit)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(Frame(msg)); err != nil {
		return nil, fmt.Errorf("write bundle: %w", err)
	}
	return &BundleWriter{w, b.Items}, nil
}

// Add copies the next item from r. What is not the item of the list is [Damaged], and
// the bundle is spoilt.
func (w *BundleWriter) Add(r io.Reader) error {
	if len(w.left) == 0 {
		return fmt.Errorf("bundle: one item too many: %w", BadFormat)
	}
	it := w.left[0]
	w.left = w.left[1:]
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(w.to, h), io.LimitReader(r, it.Size+1))
	switch {
	case err != nil:
		return fmt.Errorf("write item of bundle: %w", err)
	case n != it.Size || Digest(h.Sum(nil)) != it.Digest:
		return fmt.Errorf("item of bundle: %w", Damaged)
	}
	return nil
}

// Close reports whether every item was written. It does not close the file.
func (w *BundleWriter) Close() error {
	if len(w.left) > 0 {
		return fmt.Errorf("bundle: %d items are missing: %w", len(w.left), Damaged)
	}
	return nil
}

// BundleReader reads the items of a bundle one after another, in constant memory.
type BundleReader struct {
	Bundle Bundle
	Digest Digest // of the list's note: what the courier's paper says

	from io.Reader
	next int
	item *io.LimitedReader
	hash hash.Hash
}

// ReadBundle reads the list of a bundle that is meant for self and verifies that From
// signed it. An item is what the list says only when [BundleReader.Next] has been called
// after it.
func ReadBundle(r io.Reader, self identity.NodeID, pairs Pairs) (*BundleReader, error) {
	msg, err := readPrefixed(r, BundleNoteLimit)
	if err != nil {
		return nil, fmt.Errorf("bundle: %w", err)
	}
	b := &BundleReader{from: r, Digest: DigestOf(msg)}
	if err := openFor(msg, &b.Bundle, self, pairs, BundleNoteLimit); err != nil {
		return nil, err
	}
	return b, nil
}

// Next goes to the next item, and reads what was left of the one before. It returns
// [Damaged] when that one was not what the list says, and io.EOF after the last. An item
// that is damaged spoils no other: calling Next again goes on.
func (b *BundleReader) Next() (*Item, io.Reader, error) {
	if err := b.finish(); err != nil {
		return nil, nil, err
	}
	if b.next == len(b.Bundle.Items) {
		if n, err := io.ReadFull(b.from, make([]byte, 1)); n > 0 {
			return nil, nil, fmt.Errorf("behind the bundle: %w", BadFormat)
		} else if !errors.Is(err, io.EOF) {
			return nil, nil, fmt.Errorf("read bundle: %w", err)
		}
		return nil, nil, io.EOF
	}
	it := &b.Bundle.Items[b.next]
	b.next++
	b.hash = sha256.New()
	b.item = &io.LimitedReader{R: b.from, N: it.Size}
	return it, io.TeeReader(b.item, b.hash), nil
}

// finish reads the item that was begun to its end and compares its digest.
func (b *BundleReader) finish() error {
	if b.item == nil {
		return nil
	}
	item := b.item
	b.item = nil
	_, err := io.Copy(b.hash, item)
	switch {
	case err != nil:
		return fmt.Errorf("read item of bundle: %w", err)
	case Digest(b.hash.Sum(nil)) != b.Bundle.Items[b.next-1].Digest:
		return fmt.Errorf("item %d of bundle: %w", b.next, Damaged)
	}
	return nil
}
