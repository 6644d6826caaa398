package mask

import (
	"errors"
	"fmt"
	"io"

	"github.com/gtank/ristretto255"
)

// SecretSize is the length of a secret as kept, in bytes.
const SecretSize = 32

// What can be wrong with a secret.
var ErrSecret = errors.New("not a masking secret")

// A Secret is the number a node raises points to: fresh for each pair, direction and
// epoch, kept in the keyring, destroyed with the epoch. Whoever has it can guess keys
// against what the epoch sent.
type Secret struct{ n *ristretto255.Scalar }

// NewSecret makes one from 64 random bytes.
func NewSecret(random io.Reader) (*Secret, error) {
	var b [64]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, fmt.Errorf("read randomness: %w", err)
	}
	n, err := ristretto255.NewScalar().SetUniformBytes(b[:])
	if err != nil {
		return nil, ErrSecret
	}
	return checked(n)
}

// ParseSecret reads what [Secret.Bytes] wrote.
func ParseSecret(b []byte) (*Secret, error) {
	n, err := ristretto255.NewScalar().SetCanonicalBytes(b)
	if err != nil {
		return nil, ErrSecret
	}
	return checked(n)
}

// checked refuses zero, which would raise every point to the identity.
func checked(n *ristretto255.Scalar) (*Secret, error) {
	if n.Equal(ristretto255.NewScalar()) == 1 {
		return nil, ErrSecret
	}
	return &Secret{n}, nil
}

// Bytes returns the secret for the keyring. Nothing else may hold it.
func (s *Secret) Bytes() []byte { return s.n.Bytes() }

// String does not show the secret; fmt has no other way to print one.
func (*Secret) String() string { return "masking secret" }

// GoString does not show the secret.
func (*Secret) GoString() string { return "masking secret" }

// Format does not show the secret, whatever the verb.
func (*Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "masking secret") }

// Hide returns the point of a key raised to the secret: what may be sent.
// The domain must have passed [Domain.Check].
func (s *Secret) Hide(d Domain, k Key) Point { return s.hide(k.text(), d.tag()) }

func (s *Secret) hide(message, tag []byte) Point {
	e := toGroup(message, tag)
	return pointOf(e.ScalarMult(s.n, e))
}

// Raise returns a point raised to the secret. It refuses what is no point, and the
// identity ([ErrPoint]).
func (s *Secret) Raise(p Point) (Point, error) {
	e, err := p.element()
	if err != nil {
		return Point{}, err
	}
	return pointOf(e.ScalarMult(s.n, e)), nil
}
