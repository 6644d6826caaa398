package backup

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/keys"
)

// KeyringSuffix ends the name of a sealed copy of the keyring.
const KeyringSuffix = ".keyring.age"

// keyringTitle names the format of a sealed copy.
const keyringTitle = "causeway-keyring-copy/1"

// KeyringCopy is what a sealed copy of the keyring says about itself.
type KeyringCopy struct {
	Node        string    `json:"node"`
	Fingerprint string    `json:"fingerprint"`
	Generation  uint64    `json:"generation"`
	Made        time.Time `json:"made"`
	// Until is when the copy should have been replaced: it keeps alive the epoch
	// keys it holds, and with them what was erased since.
	Until time.Time `json:"until"`
}

// sealedKeyring is the content of such a copy.
type sealedKeyring struct {
	Title string `json:"title"`
	KeyringCopy
	Secret  string `json:"secret"`  // passphrase of the file
	Keyring []byte `json:"keyring"` // the file
}

// CopyKeyring writes a copy of the keyring to w, sealed to the recovery
// identity, to be kept away from the node and from the backups. Kit, copy and
// backup together bring back a node that burnt down; so the copy must not lie
// where the kit lies.
//
// It holds the epoch keys of today. It must be made anew at each rotation, and
// the one before destroyed, for an erasure to become final; keep says for how
// long it counts as fresh.
func CopyKeyring(w io.Writer, ring *keys.Ring, recipients []string, clk clock.Clock, keep time.Duration) (KeyringCopy, error) {
	now := clk.Now()
	out := KeyringCopy{
		Node: ring.NodeName(), Fingerprint: ring.Fingerprint(), Generation: ring.Info().Generation,
		Made: now, Until: now.Add(keep),
	}
	if keep <= 0 {
		return out, fault.New(fault.Internal, "keyring-copy")
	}
	sealed, _, err := seal(w, recipients)
	if err != nil {
		return out, err
	}
	secret := newSecret()
	file, err := exportRing(ring, secret)
	if err != nil {
		return out, err
	}
	text, err := json.Marshal(sealedKeyring{keyringTitle, out, secret, file})
	if err != nil {
		return out, fault.Wrap(fault.Internal, "keyring-copy", err)
	}
	defer clear(text)
	_, err = sealed.Write(text)
	return out, diskError(errors.Join(err, sealed.Close()))
}

// newSecret returns a passphrase that nobody has to remember.
func newSecret() string {
	var b [32]byte
	if _, err := rand.Read(b[:]); err != nil {
		panic("backup: no randomness: " + err.Error()) // nothing is safe then
	}
	defer clear(b[:])
	return base64.RawURLEncoding.EncodeToString(b[:])
}

func provider(secret string) keys.Provider {
	return keys.Passphrase(func() ([]byte, error) { return []byte(secret), nil })
}

// exportRing returns the keyring as a file under a passphrase. The passphrase is
// only in memory and later inside the seal; what touches the disk meanwhile
// cannot be opened.
func exportRing(ring *keys.Ring, secret string) ([]byte, error) {
	dir, err := os.MkdirTemp("", "causeway-keyring-")
	if err != nil {
		return nil, diskError(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "keyring")
	if err := ring.CopyTo(path, provider(secret)); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(path)
	return b, diskError(err)
}

// RestoreKeyring opens a sealed copy and writes the keyring to its places, under
// the provider that protects it from now on. It refuses to replace a file. A
// copy past its date is "keyring-copy-old" (Expired), unless late says that
// nothing newer is left: it may lack keys that newer records need, and holds
// keys that should be gone.
func RestoreKeyring(r io.Reader, identities []age.Identity, paths []string, p keys.Provider, clk clock.Clock, late bool) (*keys.Ring, KeyringCopy, error) {
	plain, err := unseal(&sourceReader{r: r}, identities...)
	if err != nil {
		return nil, KeyringCopy{}, err
	}
	text, err := io.ReadAll(io.LimitReader(plain, 4<<20))
	defer clear(text)
	var c sealedKeyring
	if err != nil || json.Unmarshal(text, &c) != nil || c.Title != keyringTitle {
		return nil, KeyringCopy{}, fault.New(fault.Invalid, "keyring-copy-altered")
	}
	if clk.Now().After(c.Until) && !late {
		return nil, c.KeyringCopy, fault.New(fault.Expired, "keyring-copy-old")
	}
	if len(paths) == 0 {
		return nil, c.KeyringCopy, fault.New(fault.Invalid, "keyring-paths")
	}
	if err := importRing(&c, paths, p); err != nil {
		return nil, c.KeyringCopy, fmt.Errorf("write keyring: %w", err)
	}
	// Opening it writes the second place from the first.
	ring, err := keys.OpenRing(paths, p)
	if err != nil {
		return nil, c.KeyringCopy, err
	}
	for _, notice := range ring.Notices() {
		if !notice.Repaired {
			err = fault.New(fault.Unavailable, "keyring-write")
		}
	}
	if ring.Fingerprint() != c.Fingerprint {
		err = fault.New(fault.Invalid, "keyring-copy-altered")
	}
	if err != nil {
		ring.Close()
		return nil, c.KeyringCopy, err
	}
	return ring, c.KeyringCopy, nil
}

// importRing writes the keyring to the first place.
func importRing(c *sealedKeyring, paths []string, p keys.Provider) error {
	if slices.ContainsFunc(paths, func(path string) bool { _, err := os.Lstat(path); return err == nil }) {
		return fault.New(fault.Conflict, "keyring-exists")
	}
	for _, path := range paths {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return diskError(err)
		}
	}
	dir, err := os.MkdirTemp("", "causeway-keyring-")
	if err != nil {
		return diskError(err)
	}
	defer os.RemoveAll(dir)
	temp := filepath.Join(dir, "keyring")
	if err := newFile(temp, c.Keyring); err != nil {
		return err
	}
	ring, err := keys.OpenRing([]string{temp}, provider(c.Secret))
	if err != nil {
		return err
	}
	defer ring.Close()
	return ring.CopyTo(paths[0], p)
}
