package mask

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/gtank/ristretto255"
)

// The lengths of a point and of a tag, in bytes.
const (
	PointSize = 32
	TagSize   = 16
)

// ErrPoint: the identity, or bytes that are not the one spelling of a point.
var ErrPoint = errors.New("not a point")

// A Point is what travels: the one spelling of a point of the group (RFC 9496).
type Point [PointSize]byte

// A Tag is what a holder keeps of a point that both sides raised: enough to find it
// again, too little to raise it further.
type Tag [TagSize]byte

// Tag cuts a point to its tag.
func (p Point) Tag() Tag { return Tag(p[:TagSize]) }

// element reads a point. The identity is refused: raised to anything it stays itself, so
// that it would tell who sees it that nothing was compared.
func (p Point) element() (*ristretto255.Element, error) {
	if p == (Point{}) {
		return nil, ErrPoint
	}
	e, err := ristretto255.NewIdentityElement().SetCanonicalBytes(p[:])
	if err != nil {
		return nil, ErrPoint
	}
	return e, nil
}

// Check refuses what is no point, and the identity ([ErrPoint]).
func (p Point) Check() error {
	_, err := p.element()
	return err
}

func pointOf(e *ristretto255.Element) Point { return Point(e.Bytes()) }

// fromUniform maps 64 bytes to a point.
func fromUniform(b []byte) *ristretto255.Element {
	e, err := ristretto255.NewIdentityElement().SetUniformBytes(b)
	if err != nil {
		panic("mask: not 64 bytes") // every caller hands over 64
	}
	return e
}

// Filler returns a random point, which nobody can tell from a key's: it fills a question
// or a table up to its fixed size.
func Filler(random io.Reader) (Point, error) {
	var b [64]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return Point{}, fmt.Errorf("read randomness: %w", err)
	}
	return pointOf(fromUniform(b[:])), nil
}

// Sort puts points in the order of their bytes. Raised points are as good as random, so
// an order of their own tells nothing of the order of the keys they came from.
func Sort(points []Point) {
	slices.SortFunc(points, func(a, b Point) int { return bytes.Compare(a[:], b[:]) })
}

// Compare orders two tags by their bytes.
func (t Tag) Compare(u Tag) int {
	return bytes.Compare(t[:], u[:])
}
