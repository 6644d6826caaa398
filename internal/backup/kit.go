package backup

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"strings"
	"time"

	"filippo.io/age"

	"causeway/internal/fault"
)

// Kit is the recovery identity of a node, made once by init. It is printed and
// kept in a safe, and never stored on the node; the node knows its public half.
type Kit struct {
	// A pointer hides the identity from fmt.
	identity *age.HybridIdentity
}

// NewKit makes a recovery identity: X25519 and ML-KEM-768 together, so that a
// backup copied today stays closed to the machines of tomorrow.
func NewKit() (*Kit, error) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "recovery-kit", err)
	}
	return &Kit{id}, nil
}

// Recipient returns the public half, for the configuration.
func (k *Kit) Recipient() string { return k.identity.Recipient().String() }

// Format shows nothing of the identity, for every verb of fmt.
func (k *Kit) Format(s fmt.State, _ rune) {
	_, _ = s.Write([]byte("[recovery kit]")) // fmt keeps its own error
}

// RecipientShort returns eight characters that tell one recipient from another.
func RecipientShort(recipient string) string {
	return fmt.Sprintf("%x", sha256.Sum256([]byte(recipient)))[:8]
}

// KitFacts is what the page says beside the identity.
type KitFacts struct {
	Node          string
	Fingerprint   string   // of the keyring
	KeyringPlaces []string // where the two copies of the keyring are
	Made          time.Time
}

// Page returns the recovery kit as one page of plain text, to be printed.
func (k *Kit) Page(f KitFacts) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("CAUSEWAY RECOVERY KIT")
	line("")
	line("node          %s", f.Node)
	line("fingerprint   %s", f.Fingerprint)
	line("made          %s", f.Made.UTC().Format("2006-01-02 15:04 UTC"))
	line("recipient     %s", RecipientShort(k.Recipient()))
	line("")
	line("Recovery identity. Whoever has it can open this node's backups.")
	line("Spaces and line breaks do not count.")
	line("")
	for _, row := range groups(k.identity.String()) {
		line("    %s", row)
	}
	line("")
	line("KEEP this page in a sealed envelope in a safe, away from the machine.")
	line("Do not photograph it, do not store it on the node, do not send it.")
	line("")
	line("THE KEYRING is the second half. It is in no backup. Its copies are at")
	for _, place := range f.KeyringPlaces {
		line("    %s", place)
	}
	line("They must lie on two disks that do not burn, flood or get stolen")
	line("together. A third copy, under a passphrase of its own, is made with")
	line("    causeway key copy FILE")
	line("Make it anew after each change of keys and destroy the one before:")
	line("an old copy keeps readable what was erased since.")
	line("Without any copy of the keyring no child's record can be read again.")
	line("")
	line("TO RESTORE, on a new machine with the same program:")
	line("  1. Bring the newest backup (*%s), the restrictions file and", Suffix)
	line("     the keyring or its copy.")
	line("  2. Type the identity into a file that only you can read, on a")
	line("     stick or in memory, not on a disk that stays.")
	line("  3. causeway restore BACKUP --identity FILE --dir NEW")
	line("       --keyring COPY --restrictions FILE")
	line("  4. Compare the fingerprint it shows with the one on this page.")
	line("  5. Destroy the file. Tell the auditor which period is lost.")
	line("")
	line("TO PRACTISE, every month: causeway restore --check --identity FILE BACKUP")
	line("Opened on, by, sealed again:")
	for range 4 {
		line("    ______________________________________________________________")
	}
	return b.String()
}

// groups spells an identity in groups of eight characters, six to a row, after a
// row for the prefix that is the same in all of them.
func groups(text string) []string {
	head := strings.IndexByte(text, '1') + 1
	rows, text := []string{text[:head]}, text[head:]
	var row []string
	for len(text) > 0 {
		n := min(8, len(text))
		row, text = append(row, text[:n]), text[n:]
		if len(row) == 6 || text == "" {
			rows, row = append(rows, strings.Join(row, " ")), nil
		}
	}
	return rows
}

const (
	identityStart = "AGE-SECRET-KEY-"
	identityMost  = 1 << 20
)

// ReadIdentities reads recovery identities as people bring them: a file of age,
// or what stands on the page, typed or copied, with blanks and line breaks in
// between and in small letters or capitals. It refuses with "identity" what
// holds none or one with a slip of the pen, and never says what it read.
func ReadIdentities(r io.Reader) ([]age.Identity, error) {
	b, err := io.ReadAll(io.LimitReader(r, identityMost))
	if err != nil {
		return nil, diskError(err)
	}
	defer clear(b)
	text := bytes.ToUpper(b)
	defer clear(text)
	var out []age.Identity
	for {
		i := bytes.Index(text, []byte(identityStart))
		if i < 0 {
			break
		}
		text = text[i:]
		end := identityEnd(text)
		one, err := age.ParseIdentities(bytes.NewReader(squeeze(text[:end])))
		if err != nil {
			return nil, fault.New(fault.Invalid, "identity")
		}
		out = append(out, one...)
		text = text[end:]
	}
	if len(out) == 0 {
		return nil, fault.New(fault.Invalid, "identity")
	}
	return out, nil
}

// identityEnd returns where an identity ends: at an empty line, at another
// identity, at a comment, or at the end of the text.
func identityEnd(text []byte) int {
	end := len(text)
	for _, stop := range []string{"\n#", "\n" + identityStart, "\n\n", "\n\r\n"} {
		if i := bytes.Index(text, []byte(stop)); i >= 0 {
			end = min(end, i)
		}
	}
	return end
}

// squeeze takes blanks and line breaks out.
func squeeze(text []byte) []byte {
	out := make([]byte, 0, len(text))
	for _, c := range text {
		if c > ' ' {
			out = append(out, c)
		}
	}
	return out
}
