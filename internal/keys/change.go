package keys

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/sealed"
)

// change applies fn to a copy of the content and writes it as the next
// generation. The ring uses the new content only when every place holds it. The
// caller holds r.mu.
func (r *Ring) change(fn func(*content)) error {
	s, err := r.live()
	if err != nil {
		return err
	}
	c := s.content
	c.Epochs = slices.Clone(c.Epochs)
	c.Signers = slices.Clone(c.Signers)
	c.Exchange = slices.Clone(c.Exchange)
	c.Match, c.Selectors = slices.Clone(c.Match), slices.Clone(c.Selectors)
	fn(&c)
	return r.write(c, r.provider, s.fileKey, s.stanza)
}

// write puts content into every place as the next generation and makes it the
// ring's state. It refuses with "keyring-changed" when another process has
// changed the file since it was read. The caller holds r.mu.
func (r *Ring) write(c content, p Provider, fileKey []byte, stanza string) error {
	unlock, err := lockFile(r.paths[0])
	if err != nil {
		return err
	}
	defer unlock()
	if err := r.unchanged(); err != nil {
		return err
	}
	c.Generation = r.written + 1
	s, err := newState(c, Info{c.Node, c.Generation, p.Name(), p.IsPlain()}, stanza, fileKey)
	if err != nil {
		return err
	}
	file, err := s.file()
	if err != nil {
		return err
	}
	r.written = c.Generation
	for _, path := range r.paths {
		removeTemps(path)
		if err := replaceFile(path, file); err != nil {
			return fault.Wrap(fault.Unavailable, "keyring-write", err)
		}
	}
	r.provider = p
	r.state.Store(s)
	return nil
}

// unchanged checks that no place holds a generation that we did not write.
func (r *Ring) unchanged() error {
	for _, path := range r.paths {
		b, err := readCopy(path)
		if err != nil {
			continue // missing or damaged: about to be written
		}
		if info, err := ParseFile(b); err == nil && info.Generation > r.written {
			return fault.New(fault.Conflict, "keyring-changed")
		}
	}
	return nil
}

// file returns the state as the bytes of a file.
func (s *ringState) file() ([]byte, error) {
	plaintext, err := sealed.Encode(s.content)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "keyring", err)
	}
	defer clear(plaintext)
	e := envelope{Info: s.envelope, stanza: s.stanza}
	e.body = newAEAD(s.fileKey).Seal(nil, nil, plaintext, e.header())
	file := e.bytes()
	// What cannot be read again must never replace what can.
	if _, err := parseEnvelope(file); err != nil {
		return nil, fault.New(fault.Internal, "keyring-provider")
	}
	return file, nil
}

// openState opens a file with the key that protects it.
func openState(e *envelope, fileKey []byte) (*ringState, error) {
	plaintext, err := newAEAD(fileKey).Open(nil, nil, e.body, e.header())
	if err != nil {
		return nil, damaged()
	}
	defer clear(plaintext)
	var c content
	if err := sealed.Decode(plaintext, &c); err != nil || c.Node != e.Node || c.Generation != e.Generation {
		return nil, damaged()
	}
	return newState(c, e.Info, e.stanza, fileKey)
}

// newState checks content and computes the keys that are used again and again.
func newState(c content, info Info, stanza string, fileKey []byte) (*ringState, error) {
	s := &ringState{content: c, envelope: info, stanza: stanza, fileKey: fileKey, epochs: map[int64]*epochKey{}}
	if len(c.Root) != keySize || len(c.Epochs) == 0 || len(c.Signers) == 0 || !c.checkWitness() || !c.checkExchange() || !c.checkMatch() {
		return nil, damaged()
	}
	last := int64(0)
	for i, e := range c.Epochs {
		isNewest := i == len(c.Epochs)-1
		if e.ID <= last || e.ID > maxEpoch || isNewest && e.Destroyed != 0 {
			return nil, damaged()
		}
		last = e.ID
		if e.Destroyed != 0 {
			continue
		}
		if len(e.Key) != keySize {
			return nil, damaged()
		}
		s.epochs[e.ID] = newEpochKey(e.ID, e.Key)
	}
	for i, k := range c.Signers {
		isNewest := i == len(c.Signers)-1
		if len(k.Public) != ed25519.PublicKeySize || (len(k.Seed) == ed25519.SeedSize) != isNewest {
			return nil, damaged()
		}
		if isNewest {
			s.signer = ed25519.NewKeyFromSeed(k.Seed)
			if !bytes.Equal(s.signer.Public().(ed25519.PublicKey), k.Public) {
				return nil, damaged()
			}
		}
	}
	return s, nil
}

func newEpochKey(id int64, key []byte) *epochKey {
	ex := newExpander(key)
	wrap, node := ex.expand(nil, "causeway/epoch-wrap/1"), ex.expand(nil, "causeway/epoch-node/1")
	defer clear(wrap)
	defer clear(node)
	return &epochKey{id, newAEAD(wrap), newAEAD(node), captureKey(ex), ex.expand(nil, "causeway/epoch-commit/1")}
}

// wrapFileKey asks the provider to protect the file key, bound to the node.
func wrapFileKey(p Provider, fileKey []byte, node string) (string, error) {
	stanza, err := p.Wrap(fileKey, fileKeyContext(node))
	if err != nil {
		return "", err
	}
	if stanza == "" || strings.ContainsAny(stanza+p.Name(), "\r\n") || p.Name() == "" {
		return "", fault.New(fault.Internal, "keyring-provider")
	}
	return stanza, nil
}

func fileKeyContext(node string) []byte { return []byte(fileVersion + " file key of " + node) }

// ChangeProvider protects the keyring in another way, or under another
// passphrase, and with a new file key: the old passphrase together with an old
// copy of the file does not open the new one. Destroy old copies that were put
// elsewhere, they still hold the keys.
func (r *Ring) ChangeProvider(p Provider) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, err := r.live()
	if err != nil {
		return err
	}
	fileKey := newKey()
	stanza, err := wrapFileKey(p, fileKey, s.content.Node)
	if err != nil {
		return err
	}
	before := r.provider
	if err := r.write(s.content, p, fileKey, stanza); err != nil {
		return err
	}
	clear(s.fileKey)
	return before.Destroy(s.stanza)
}

// CopyTo writes the keyring to another file under another provider, such as the
// passphrase of the recovery kit. The copy is not kept up to date, and it keeps
// the epoch keys it holds alive: what is erased later can be read with it and an
// old backup. It refuses to replace a file.
func (r *Ring) CopyTo(path string, p Provider) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := makeRoom(path); err != nil {
		return err
	}
	s, err := r.live()
	if err != nil {
		return err
	}
	fileKey := newKey()
	defer clear(fileKey)
	stanza, err := wrapFileKey(p, fileKey, s.content.Node)
	if err != nil {
		return err
	}
	twin := &ringState{content: s.content, envelope: s.envelope, stanza: stanza, fileKey: fileKey}
	twin.envelope.Provider, twin.envelope.Plain = p.Name(), p.IsPlain()
	file, err := twin.file()
	if err != nil {
		return err
	}
	return fault.Wrap(fault.Unavailable, "keyring-write", replaceFile(path, file))
}

// makeRoom checks that there is no file yet, and makes its directory.
func makeRoom(path string) error {
	if _, err := os.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return fault.Wrap(fault.Unavailable, "keyring-unreadable", err)
		}
		return fault.New(fault.Conflict, "keyring-exists")
	}
	return fault.Wrap(fault.Unavailable, "keyring-write", os.MkdirAll(filepath.Dir(path), 0o700))
}
