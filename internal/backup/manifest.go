package backup

import (
	"bytes"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"time"

	"golang.org/x/mod/sumdb/note"

	"causeway/internal/fault"
)

// format is the version of the stream written today.
const format = 1

// Manifest says what a backup is. It stands at the beginning of the stream and,
// complete and signed, at its end. It holds no personal data.
type Manifest struct {
	Format      int       `json:"format"`
	ID          string    `json:"id"` // random, names this backup
	Node        string    `json:"node"`
	Fingerprint string    `json:"fingerprint"` // of the keyring that belongs to it
	Engine      string    `json:"engine"`      // that it was made on; it can be restored on any
	Schema      []string  `json:"schema"`      // migrations the database had
	Made        time.Time `json:"made"`        // everything committed before is in it
	Program     string    `json:"program"`
	// Config is the node's configuration, which holds no secret: whoever
	// restores on an empty machine needs it.
	Config json.RawMessage `json:"config,omitempty"`

	// The rest is in the closing manifest only.

	Journal *JournalState `json:"journal,omitempty"`
	Tables  []TableCount  `json:"tables,omitempty"`
	Rows    int64         `json:"rows,omitempty"`
	Digest  string        `json:"digest,omitempty"` // SHA-256 of the stream before the closing manifest
}

// JournalState is the journal as it was verified before the backup was sealed.
// The backup holds at least this much.
type JournalState struct {
	Size       int64  `json:"size"`
	Root       string `json:"root"`
	Checkpoint string `json:"checkpoint"` // newest signed checkpoint
}

// TableCount is a table and how many rows of it the backup holds.
type TableCount struct {
	Table string `json:"table"`
	Rows  int64  `json:"rows"`
}

// newID returns the random name of a backup.
func newID() (string, error) {
	var b [16]byte
	if _, err := rand.Read(b[:]); err != nil {
		return "", fault.Wrap(fault.Internal, "randomness", err)
	}
	return hex.EncodeToString(b[:]), nil
}

// Ring is what a backup needs of the keyring; *keys.Ring has it.
type Ring interface {
	Fingerprint() string
	Signer(name string) (note.Signer, error)
	Verifiers(name string) ([]note.Verifier, error)
	VerifierKeys(name string) ([]string, error)
	Derive(label string) [32]byte
}

// signName is the name under which a node signs its backups, beside the names
// of its logs.
func signName(node string) string { return "causeway/" + node + "/backup" }

// sign returns the manifest as a signed note: one line of JSON.
func (m *Manifest) sign(ring Ring) ([]byte, error) {
	text, err := json.Marshal(m)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "backup-manifest", err)
	}
	signer, err := ring.Signer(signName(m.Node))
	if err != nil {
		return nil, err
	}
	signed, err := note.Sign(&note.Note{Text: string(text) + "\n"}, signer)
	return signed, fault.Wrap(fault.Internal, "backup-manifest", err)
}

// openManifest reads a signed manifest. Without a ring its signature is not
// looked at.
func openManifest(signed []byte, ring Ring) (*Manifest, error) {
	line, _, _ := bytes.Cut(signed, []byte("\n"))
	var m Manifest
	if err := json.Unmarshal(line, &m); err != nil {
		return nil, altered("the closing manifest cannot be read")
	}
	if ring == nil {
		return &m, nil
	}
	verifiers, err := ring.Verifiers(signName(m.Node))
	if err != nil {
		return nil, altered("the closing manifest names no node")
	}
	n, err := note.Open(signed, note.VerifierList(verifiers...))
	if err != nil || n.Text != string(line)+"\n" {
		return nil, fault.Wrap(fault.Invalid, "backup-not-ours", errNotSigned)
	}
	return &m, nil
}
