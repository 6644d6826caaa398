package staff

import (
	"context"
	"crypto/subtle"
	"encoding/base32"
	"fmt"
	"net/url"
	"strings"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"

	"github.com/pquerna/otp/hotp"
)

// Authenticator apps follow RFC 6238 with what every app understands: SHA-1,
// six digits, thirty seconds. One step to either side is allowed for clocks
// that are a little wrong.
const (
	totpPeriod = 30 * time.Second
	totpSecret = 20
	totpSkew   = 1
	tableTOTP  = "staff_totp"
)

// totpKey is what the sealed blob of an authenticator app holds.
type totpKey struct {
	Staff  ident.Staff `cbor:"1,keyasint"`
	Secret []byte      `cbor:"2,keyasint"`
}

// totp is an authenticator app in use.
type totp struct {
	id       ident.Credential
	version  int64
	created  int64
	lastStep int64
	secret   []byte
}

// Enrolment is an authenticator app being set up; the secret is shown once.
type Enrolment struct {
	Token  Secret // continues the ceremony
	Secret Secret // to type into the app, in groups of four
	URL    Secret // for the square code
}

var secretText = base32.StdEncoding.WithPadding(base32.NoPadding)

// beginTOTP makes a secret that waits for its first code.
func (o *Office) beginTOTP(ctx context.Context, tx *store.Tx, a *Account, holder []byte, src Source) (Enrolment, error) {
	key := random(totpSecret)
	token, err := o.openChallenge(ctx, tx, challenge{Kind: kindNewTOTP, Staff: a.ID, Holder: holder, Data: key}, src, admissionFor)
	if err != nil {
		return Enrolment{}, err
	}
	text := secretText.EncodeToString(key)
	u := url.URL{Scheme: "otpauth", Host: "totp", Path: "/" + o.cfg.Name + ":" + a.signIn}
	u.RawQuery = strings.ReplaceAll(url.Values{"secret": {text}, "issuer": {o.cfg.Name}}.Encode(), "+", "%20")
	var groups []string
	for i := 0; i < len(text); i += 4 {
		groups = append(groups, text[i:min(i+4, len(text))])
	}
	return Enrolment{Token: token, Secret: Secret(strings.Join(groups, " ")), URL: Secret(u.String())}, nil
}

// addTOTP finishes the setting up with the first code.
func (o *Office) addTOTP(ctx context.Context, tx *store.Tx, id ident.Staff, holder []byte, token, code Secret) ([]journal.RowState, error) {
	c, err := o.challenge(ctx, tx, kindNewTOTP, token)
	if err != nil {
		return nil, err
	}
	if c.Staff != id || !equal(c.Holder, holder) {
		return nil, errCeremony
	}
	step, ok := matchCode(c.Data, code, tx.Now(), 0)
	if !ok {
		return nil, fault.InvalidField("code", "code-wrong")
	}
	if err := o.drop(ctx, tx, c); err != nil {
		return nil, err
	}
	return o.insertTOTP(ctx, tx, id, c.Data, step)
}

// insertTOTP writes an authenticator app in place of the one before, and returns
// both rows for the entry.
func (o *Office) insertTOTP(ctx context.Context, tx *store.Tx, id ident.Staff, secret []byte, step int64) ([]journal.RowState, error) {
	before, err := o.totp(ctx, tx, id)
	if err != nil {
		return nil, err
	}
	var rows []journal.RowState
	if before != nil {
		rows = append(rows, gone(tableTOTP, before.id[:]))
	}
	cred := ident.New[ident.Credential]()
	blob, err := o.seals.SealNode(tableTOTP, cred[:], 1, totpKey{id, secret})
	if err != nil {
		return nil, fmt.Errorf("seal authenticator: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlDeleteTOTP, id); err != nil {
		return nil, fmt.Errorf("replace authenticator: %w", err)
	}
	if _, err := tx.Exec(ctx, sqlInsertTOTP, id, cred, int64(1), clock.Micros(tx.Now()), step, blob); err != nil {
		return nil, fmt.Errorf("save authenticator: %w", err)
	}
	return append(rows, o.credentialRow(tableTOTP, cred, 1, id)), nil
}

// totp reads a person's authenticator app, nil when there is none.
func (o *Office) totp(ctx context.Context, tx *store.Tx, id ident.Staff) (*totp, error) {
	var t totp
	var blob []byte
	err := tx.QueryRow(ctx, sqlSelectTOTP, id).Scan(&t.id, &t.version, &t.created, &t.lastStep, &blob)
	if fault.Is(err, fault.NotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read authenticator: %w", err)
	}
	var key totpKey
	if err := o.seals.OpenNode(tableTOTP, t.id[:], t.version, blob, &key); err != nil {
		return nil, fmt.Errorf("open authenticator: %w", err)
	}
	if key.Staff != id {
		return nil, errAltered
	}
	t.secret = key.Secret
	return &t, nil
}

// useCode reports whether code is right now and was not used before, and marks
// it used: a code seen over somebody's shoulder is worth nothing.
func (o *Office) useCode(ctx context.Context, tx *store.Tx, id ident.Staff, t *totp, code Secret) (bool, error) {
	step, ok := matchCode(t.secret, code, tx.Now(), t.lastStep)
	if !ok {
		return false, nil
	}
	n, err := tx.Exec(ctx, sqlUseTOTP, id, step)
	if err != nil {
		return false, fmt.Errorf("use code: %w", err)
	}
	return n == 1, nil
}

// matchCode returns the step whose code was given, if it is near now and after
// the last one used.
func matchCode(secret []byte, code Secret, now time.Time, last int64) (int64, bool) {
	given := strings.ReplaceAll(string(code), " ", "")
	text := secretText.EncodeToString(secret)
	current := now.Unix() / int64(totpPeriod/time.Second)
	found, ok := int64(0), false
	for step := current - totpSkew; step <= current+totpSkew; step++ {
		want, err := hotp.GenerateCode(text, uint64(step))
		if err != nil {
			return 0, false
		}
		if subtle.ConstantTimeCompare([]byte(given), []byte(want)) == 1 && step > last && !ok {
			found, ok = step, true
		}
	}
	return found, ok
}
