package backup

import (
	"errors"
	"io"
	"slices"
	"strings"

	"filippo.io/age"

	"causeway/internal/fault"
)

// parseRecipients reads the public keys that may open a backup: X25519 ("age1…")
// or hybrid ("age1pq1…"). age refuses to mix the two kinds, because the weaker
// would open what the stronger is to protect.
func parseRecipients(list []string) ([]age.Recipient, error) {
	var out []age.Recipient
	for _, text := range list {
		// age's own error would quote what stands there, which may be a secret
		// key put in the wrong place.
		one, err := age.ParseRecipients(strings.NewReader(text))
		if err != nil {
			return nil, fault.InvalidField("backup.recipients", "age-recipient")
		}
		out = append(out, one...)
	}
	if len(out) == 0 {
		return nil, fault.InvalidField("backup.recipients", "required")
	}
	return out, nil
}

// witness is a recipient that remembers the key of the file it was asked to wrap,
// so that what was written can be read again as its recipients will, without
// any of their identities. The key stays in memory and is wiped afterwards.
type witness struct {
	age.Recipient
	key []byte
}

// WrapWithLabels hands the key on to the recipient, whichever kind it is.
func (w *witness) WrapWithLabels(key []byte) ([]*age.Stanza, []string, error) {
	w.key = slices.Clone(key)
	if labelled, ok := w.Recipient.(age.RecipientWithLabels); ok {
		return labelled.WrapWithLabels(key)
	}
	stanzas, err := w.Recipient.Wrap(key)
	return stanzas, nil, err
}

// seal returns a writer that encrypts to the recipients, and the key of the file.
func seal(w io.Writer, recipients []string) (io.WriteCloser, *witness, error) {
	list, err := parseRecipients(recipients)
	if err != nil {
		return nil, nil, err
	}
	seen := &witness{Recipient: list[0]}
	list[0] = seen
	out, err := age.Encrypt(w, list...)
	if err != nil && seen.key != nil && len(list) > 1 {
		return nil, nil, fault.InvalidField("backup.recipients", "recipients-mixed")
	}
	return out, seen, err
}

// unseal returns the plaintext of a sealed file. It refuses with "wrong-identity"
// (Denied) when it was sealed to somebody else, with "not-a-backup" when it is
// no age file.
func unseal(r io.Reader, identities ...age.Identity) (io.Reader, error) {
	if len(identities) == 0 {
		return nil, fault.New(fault.Invalid, "no-identity")
	}
	out, err := age.Decrypt(r, identities...)
	var other *age.NoIdentityMatchError
	var known *fault.Error
	switch {
	case err == nil:
		return out, nil
	case errors.As(err, &other):
		return nil, fault.New(fault.Denied, "wrong-identity")
	case errors.As(err, &known):
		return nil, err
	}
	return nil, fault.Wrap(fault.Invalid, "not-a-backup", err)
}
