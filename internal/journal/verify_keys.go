package journal

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"causeway/internal/fault"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// keyring holds a node's public journal keys. A key is trusted for the node and
// not for one epoch of it: after a restore the log goes on under a new name with
// the same key.
type keyring struct {
	node   string
	public [][]byte
	known  map[string]note.Verifiers // by the name of a log
}

// newKeyring reads verifier keys such as "causeway/XA/1+hash+key".
func newKeyring(keys []string) (*keyring, error) {
	k := &keyring{known: map[string]note.Verifiers{}}
	for _, text := range keys {
		v, err := note.NewVerifier(text)
		if err != nil {
			return nil, fault.Wrap(fault.Invalid, "verifier-key", err)
		}
		node, _, ok := splitOrigin(v.Name())
		if !ok || k.node != "" && k.node != node {
			return nil, fault.New(fault.Invalid, "verifier-key")
		}
		parts := strings.SplitN(text, "+", 3) // name, hash, key: base64 may hold a plus
		b, err := decode64(parts[len(parts)-1])
		if err != nil || len(b) != 1+ed25519.PublicKeySize {
			return nil, fault.New(fault.Invalid, "verifier-key")
		}
		k.node = node
		k.public = append(k.public, b[1:])
	}
	return k, nil
}

func (k *keyring) empty() bool { return len(k.public) == 0 }

// verifiers returns the verifiers of one log of the node.
func (k *keyring) verifiers(name string) (note.Verifiers, error) {
	if v, ok := k.known[name]; ok {
		return v, nil
	}
	var list []note.Verifier
	for _, public := range k.public {
		text, err := note.NewEd25519VerifierKey(name, public)
		if err != nil {
			return nil, err
		}
		v, err := note.NewVerifier(text)
		if err != nil {
			return nil, err
		}
		list = append(list, v)
	}
	v := note.VerifierList(list...)
	if len(k.known) < 1000 { // the name comes from what is checked
		k.known[name] = v
	}
	return v, nil
}

var (
	errNotSigned = errors.New("the signature does not verify")
	errSpelling  = errors.New("a signature is not in its one spelling")
)

// open verifies a signed note in the name of a log of this node and returns its
// text.
func (k *keyring) open(signed, name string) (string, error) {
	if node, _, ok := splitOrigin(name); !ok || node != k.node {
		return "", errors.New("signed in the name of another log")
	}
	v, err := k.verifiers(name)
	if err != nil {
		return "", err
	}
	n, err := openNote(signed, v)
	if err != nil {
		return "", errNotSigned
	}
	return n.Text, nil
}

// openNote is note.Open that accepts one spelling only: base64 leaves bits
// unused that could be changed otherwise.
func openNote(signed string, v note.Verifiers) (*note.Note, error) {
	n, err := note.Open([]byte(signed), v)
	if err != nil {
		return nil, err
	}
	for _, s := range slices.Concat(n.Sigs, n.UnverifiedSigs) {
		if _, err := decode64(s.Base64); err != nil {
			return nil, errSpelling
		}
	}
	return n, nil
}

// splitOrigin takes the name of a log apart: causeway/NODE/EPOCH.
func splitOrigin(name string) (node string, epoch int64, ok bool) {
	rest, ok := strings.CutPrefix(name, "causeway/")
	last := strings.LastIndexByte(rest, '/')
	if !ok || last <= 0 {
		return "", 0, false
	}
	epoch, err := strconv.ParseInt(rest[last+1:], 10, 64)
	if err != nil || epoch < 1 || strconv.FormatInt(epoch, 10) != rest[last+1:] {
		return "", 0, false
	}
	return rest[:last], epoch, true
}

// signedName returns the first line of a signed note: for a checkpoint the name
// of the log.
func signedName(signed string) string {
	name, _, _ := strings.Cut(signed, "\n")
	return name
}

// statement is what is signed when a restore opens an epoch.
type statement struct {
	old, new string
	size     int64
	root     tlog.Hash
	at       time.Time
	cause    string
}

const statementTitle = "causeway RESTORE statement v1"

func (s statement) text() string {
	return fmt.Sprintf("%s\nold %s\nnew %s\nsize %d\nroot %s\nat %s\ncause %s\n", statementTitle, s.old, s.new, s.size,
		base64.StdEncoding.EncodeToString(s.root[:]), s.at.Format(time.RFC3339Nano), s.cause)
}

// parseStatement reads the text of a statement; only what text writes is read.
func parseStatement(text string) (statement, error) {
	var s statement
	lines := strings.Split(text, "\n")
	words := []string{"", "old ", "new ", "size ", "root ", "at ", "cause "}
	if len(lines) != len(words)+1 {
		return s, errors.New("not a statement of a restore")
	}
	for i, w := range words {
		if !strings.HasPrefix(lines[i], w) {
			return s, errors.New("not a statement of a restore")
		}
		lines[i] = lines[i][len(w):]
	}
	s.old, s.new, s.cause = lines[1], lines[2], lines[6]
	var err, err2, err3 error
	var root []byte
	s.size, err = strconv.ParseInt(lines[3], 10, 64)
	root, err2 = base64.StdEncoding.DecodeString(lines[4])
	s.at, err3 = time.Parse(time.RFC3339Nano, lines[5])
	if err := errors.Join(err, err2, err3); err != nil {
		return s, err
	}
	if len(root) != tlog.HashSize {
		return s, errors.New("statement without a root")
	}
	s.root = tlog.Hash(root)
	if s.text() != text {
		return s, errors.New("statement is not in its one spelling")
	}
	return s, nil
}

// openStatement verifies the statement of an epoch and returns what it says.
func (k *keyring) openStatement(signed string) (statement, error) {
	name := ""
	for line := range strings.Lines(signed) {
		if rest, ok := strings.CutPrefix(line, "new "); ok {
			name = strings.TrimSuffix(rest, "\n")
			break
		}
	}
	text, err := k.open(signed, name)
	if err != nil {
		return statement{}, err
	}
	return parseStatement(text)
}

// openCheckpoint verifies a signed checkpoint and returns what it says.
func (k *keyring) openCheckpoint(signed string) (Checkpoint, error) {
	name := signedName(signed)
	text, err := k.open(signed, name)
	if err != nil {
		return Checkpoint{}, err
	}
	c, err := ParseCheckpoint(text)
	if err == nil && c.Origin != name {
		err = errors.New("checkpoint of another log")
	}
	return c, err
}
