package witness

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint is a signed statement of how large a log is and what its root is, in the
// C2SP tlog-checkpoint format: origin, size and root on a line each, no extension lines.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// Text returns the lines that are signed.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// ParseCheckpoint reads the lines of a checkpoint whose signatures were checked. Only
// what Text writes is read.
func ParseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 4 || lines[3] != "" || lines[0] == "" {
		return Checkpoint{}, errors.New("checkpoint is not three lines")
	}
	size, err := parseSize(lines[1])
	if err != nil {
		return Checkpoint{}, errors.New("checkpoint size is not a number")
	}
	root, err := parseHash(lines[2])
	if err != nil {
		return Checkpoint{}, errors.New("checkpoint root is not a hash")
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: root}, nil
}

var errNumber = errors.New("not a number in its one spelling")

// parseSize reads a size in its one spelling.
func parseSize(s string) (int64, error) {
	n, err := strconv.ParseInt(s, 10, 64)
	if err != nil || n < 0 || strconv.FormatInt(n, 10) != s {
		return 0, errNumber
	}
	return n, nil
}

// parseHash reads a hash in base64.
func parseHash(s string) (tlog.Hash, error) {
	b, err := Decode64(s)
	if err != nil || len(b) != tlog.HashSize {
		return tlog.Hash{}, errors.New("not a hash")
	}
	return tlog.Hash(b), nil
}

// Decode64 reads base64 in its one spelling: the decoder of the library passes over line
// breaks and, unless strict, over unused bits.
func Decode64(s string) ([]byte, error) {
	if strings.ContainsAny(s, "\r\n") {
		return nil, errors.New("base64 with a line break")
	}
	return base64.StdEncoding.Strict().DecodeString(s)
}

// OpenNote is note.Open that accepts one spelling only: base64 leaves bits unused that
// could be changed otherwise. Signatures by keys that are not in v are passed over.
func OpenNote(signed string, v note.Verifiers) (*note.Note, error) {
	n, err := note.Open([]byte(signed), v)
	if err != nil {
		return nil, err
	}
	for _, s := range slices.Concat(n.Sigs, n.UnverifiedSigs) {
		if _, err := Decode64(s.Base64); err != nil {
			return nil, errors.New("a signature is not in its one spelling")
		}
	}
	return n, nil
}

// Origin returns the name of a log in one of its epochs: causeway/NODE/EPOCH.
func Origin(node string, epoch int64) string { return fmt.Sprintf("causeway/%s/%d", node, epoch) }

// SplitOrigin takes the name of a log apart; ok is false for what is not one of ours.
func SplitOrigin(name string) (node string, epoch int64, ok bool) {
	rest, ok := strings.CutPrefix(name, "causeway/")
	last := strings.LastIndexByte(rest, '/')
	if !ok || last <= 0 {
		return "", 0, false
	}
	epoch, err := parseSize(rest[last+1:])
	if err != nil || epoch < 1 {
		return "", 0, false
	}
	return rest[:last], epoch, true
}

// FirstLine returns the first line of a signed note: for a checkpoint the name of the log.
func FirstLine(signed string) string {
	name, _, _ := strings.Cut(signed, "\n")
	return name
}

// cut divides a signed note in its text and its signature lines.
func cut(signed string) (text, lines string, ok bool) {
	i := strings.LastIndex(signed, "\n\n")
	if i < 0 {
		return "", "", false
	}
	return signed[:i+1], signed[i+2:], true
}

// NoteText returns the text of a signed note without looking at its signatures, "" for what
// is no note. Nothing may be done on its word.
func NoteText(signed string) string {
	text, _, _ := cut(signed)
	return text
}

// AddLines returns a signed note with further signature lines behind those it has. A line
// that is there already is not added again.
func AddLines(signed string, lines ...string) string {
	for _, l := range lines {
		if !strings.Contains(signed, "\n"+l) {
			signed += l
		}
	}
	return signed
}
