package keys

import (
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"causeway/internal/fault"
)

// Provider protects the key of the keyring file, and nothing else. It is the
// place where a hardware module or a key server would be attached.
type Provider interface {
	// Name is the word in the file's header, such as "passphrase".
	Name() string
	// IsPlain reports whether the file protects nothing by itself.
	IsPlain() bool
	// Wrap protects secret, bound to ad. The stanza is one line of printable
	// ASCII and says everything that Unwrap needs to know besides the secret.
	Wrap(secret, ad []byte) (stanza string, err error)
	// Unwrap returns the secret. It answers a wrong passphrase or key with a
	// fault of kind Denied.
	Unwrap(stanza string, ad []byte) (secret []byte, err error)
	// Destroy forgets whatever the provider itself keeps for a stanza, such as
	// a key version on a server. Local providers keep nothing.
	Destroy(stanza string) error
}

// b64 is the spelling of binary data in keyring files: one spelling per value.
var b64 = base64.RawStdEncoding.Strict()

// box seals secret under key in the spelling of a stanza.
func box(key, secret, ad []byte) string {
	return b64.EncodeToString(newAEAD(key).Seal(nil, nil, secret, ad))
}

// unbox opens what box made; code names the refusal when the key is another.
func unbox(key []byte, text string, ad []byte, code string) ([]byte, error) {
	sealed, err := b64.DecodeString(text)
	if err != nil {
		return nil, damaged()
	}
	secret, err := newAEAD(key).Open(nil, nil, sealed, ad)
	if err != nil {
		return nil, fault.New(fault.Denied, code)
	}
	return secret, nil
}

// PlainFile returns the provider that protects nothing: whoever has the file has
// the keys. It is meant for demonstrations and is shown in red everywhere.
func PlainFile() Provider { return plain{} }

type plain struct{}

func (plain) Name() string         { return "plain" }
func (plain) IsPlain() bool        { return true }
func (plain) Destroy(string) error { return nil }

func (plain) Wrap(secret, _ []byte) (string, error) { return b64.EncodeToString(secret), nil }

func (plain) Unwrap(stanza string, _ []byte) ([]byte, error) {
	secret, err := b64.DecodeString(stanza)
	if err != nil {
		return nil, damaged()
	}
	return secret, nil
}

// secretFile is a provider whose key comes from a file outside the keyring: a
// removable stick, or a credential that systemd has unsealed for the service.
type secretFile struct {
	name   string                 // provider name
	read   func() ([]byte, error) // the file's whole content
	denied string                 // message code for a wrong key
}

func (secretFile) IsPlain() bool        { return false }
func (secretFile) Destroy(string) error { return nil }
func (s secretFile) Name() string       { return s.name }

// key stretches nothing: the content is random and at least 32 bytes long.
func (s secretFile) key() ([]byte, error) {
	content, err := s.read()
	if err != nil {
		return nil, err
	}
	defer clear(content)
	key, err := hkdf.Key(sha256.New, content, nil, "causeway/keyring/"+s.name+"/1", keySize)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "keyring", err)
	}
	return key, nil
}

func (s secretFile) Wrap(secret, ad []byte) (string, error) {
	key, err := s.key()
	if err != nil {
		return "", err
	}
	defer clear(key)
	return box(key, secret, ad), nil
}

func (s secretFile) Unwrap(stanza string, ad []byte) ([]byte, error) {
	key, err := s.key()
	if err != nil {
		return nil, err
	}
	defer clear(key)
	return unbox(key, stanza, ad, s.denied)
}

// KeyFile returns the provider whose key is a file of exactly 32 random bytes,
// meant for a removable stick; [NewKeyFile] makes one. File systems of sticks
// know no permissions, so none are checked: taking it out is the protection.
func KeyFile(path string) Provider {
	return secretFile{"key-file", func() ([]byte, error) {
		content, err := readSecret(path, "key-file-missing")
		if err == nil && len(content) != keySize {
			clear(content)
			return nil, fault.New(fault.Invalid, "key-file-size")
		}
		return content, err
	}, "wrong-key-file"}
}

// NewKeyFile writes a fresh key for [KeyFile]. It refuses to replace a file.
func NewKeyFile(path string) error {
	key := newKey()
	defer clear(key)
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if errors.Is(err, fs.ErrExist) {
		return fault.New(fault.Conflict, "key-file-exists")
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, "key-file-write", err)
	}
	_, err = f.Write(key)
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = syncDir(filepath.Dir(path))
	}
	return fault.Wrap(fault.Unavailable, "key-file-write", err)
}

// SystemdCredential returns the provider whose key is the credential of this
// name, which systemd unseals with the machine's own chip and places in
// $CREDENTIALS_DIRECTORY for the service alone (LoadCredentialEncrypted). It
// must hold at least 32 bytes, which must be random.
func SystemdCredential(name string) Provider {
	return secretFile{"systemd-credential", func() ([]byte, error) {
		dir := os.Getenv("CREDENTIALS_DIRECTORY")
		if dir == "" || name == "" || name != filepath.Base(name) {
			return nil, fault.New(fault.Unavailable, "credential-missing")
		}
		content, err := readSecret(filepath.Join(dir, name), "credential-missing")
		if err == nil && len(content) < keySize {
			clear(content)
			return nil, fault.New(fault.Invalid, "credential-size")
		}
		return content, err
	}, "wrong-credential"}
}

// readSecret reads a small file into one buffer, so that there is one to wipe.
func readSecret(path, code string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, code, err)
	}
	defer f.Close()
	buf := make([]byte, 1<<16)
	n, err := io.ReadFull(f, buf)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		clear(buf)
		return nil, fault.Wrap(fault.Unavailable, code, err)
	}
	return buf[:n], nil
}
