package staff

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// The ceremonies that need two requests.
const (
	kindSecond     = "second"      // password was right, code is asked for
	kindSignIn     = "sign-in"     // passkey challenge for somebody not yet known
	kindConfirm    = "confirm"     // passkey challenge for the person of a session
	kindAdmitted   = "admitted"    // invitation and voice code were right
	kindNewPasskey = "new-passkey" // a passkey is being made
	kindNewTOTP    = "new-totp"    // an authenticator app is being set up
)

const (
	tableChallenge = "staff_challenge"
	challengeFor   = 5 * time.Minute
	admissionFor   = 30 * time.Minute // somebody makes their first passkey, perhaps with help
	secondTries    = 5
	// anonymousMost bounds the rows one source can make by opening the sign-in
	// page again and again; a whole office may share one address.
	anonymousMost = 200
)

var errCeremony = fault.New(fault.Expired, "ceremony-ended")

// challenge is a ceremony begun. All but its tries is in the sealed blob, so that a row
// edited behind the program's back opens nothing.
type challenge struct {
	Kind   string      `cbor:"1,keyasint"`
	Staff  ident.Staff `cbor:"2,keyasint"`
	Holder []byte      `cbor:"3,keyasint"` // the session or invitation it belongs to
	Data   []byte      `cbor:"4,keyasint"`
	Until  int64       `cbor:"5,keyasint"`

	hash []byte
}

// openChallenge begins a ceremony and returns the token that continues it.
func (o *Office) openChallenge(ctx context.Context, tx *store.Tx, c challenge, src Source, lasts time.Duration) (Secret, error) {
	if c.Staff.IsZero() {
		if err := o.boundAnonymous(ctx, tx, src); err != nil {
			return "", err
		}
	}
	token, hash := newToken()
	c.Until = clock.Micros(tx.Now().Add(lasts))
	blob, err := o.seals.SealNode(tableChallenge, hash, 1, c)
	if err != nil {
		return "", fmt.Errorf("seal ceremony: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlInsertChallenge, hash, c.Kind, c.Staff, c.Holder, src.key[:], c.Until, blob); err != nil {
		return "", fmt.Errorf("begin ceremony: %w", err)
	}
	return token, nil
}

// boundAnonymous drops the oldest ceremony of a source that has too many.
func (o *Office) boundAnonymous(ctx context.Context, tx *store.Tx, src Source) error {
	var n int64
	if err := tx.QueryRow(ctx, sqlCountChallenges, src.key[:], clock.Micros(tx.Now())).Scan(&n); err != nil {
		return fmt.Errorf("count ceremonies: %w", err)
	}
	if n < anonymousMost {
		return nil
	}
	var oldest []byte
	if err := tx.QueryRow(ctx, sqlOldestChallenge, src.key[:]).Scan(&oldest); err != nil {
		return fmt.Errorf("find oldest ceremony: %w", err)
	}
	_, err := tx.Exec(ctx, sqlDeleteChallenge, oldest)
	return err
}

// challenge reads a ceremony of one kind and leaves it.
func (o *Office) challenge(ctx context.Context, tx *store.Tx, kind string, token Secret) (*challenge, error) {
	hash := tokenHash(token)
	if hash == nil {
		return nil, errCeremony
	}
	var blob []byte
	err := tx.QueryRow(ctx, sqlSelectChallenge, hash, kind).Scan(&blob)
	if fault.Is(err, fault.NotFound) {
		return nil, errCeremony
	}
	if err != nil {
		return nil, fmt.Errorf("read ceremony: %w", err)
	}
	c := challenge{hash: hash}
	if err := o.seals.OpenNode(tableChallenge, hash, 1, blob, &c); err != nil {
		return nil, fmt.Errorf("open ceremony: %w", err)
	}
	if c.Kind != kind || c.Until <= clock.Micros(tx.Now()) {
		return nil, errCeremony
	}
	return &c, nil
}

// take reads a ceremony and ends it: a challenge serves once.
func (o *Office) take(ctx context.Context, tx *store.Tx, kind string, token Secret) (*challenge, error) {
	c, err := o.challenge(ctx, tx, kind, token)
	if err != nil {
		return nil, err
	}
	return c, o.drop(ctx, tx, c)
}

func (o *Office) drop(ctx context.Context, tx *store.Tx, c *challenge) error {
	n, err := tx.Exec(ctx, sqlDeleteChallenge, c.hash)
	if err != nil {
		return fmt.Errorf("end ceremony: %w", err)
	}
	if n != 1 { // another request took it first
		return errCeremony
	}
	return nil
}
