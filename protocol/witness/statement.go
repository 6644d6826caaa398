package witness

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// Statement is what a node signs when a restore opens a new epoch of its log: where the
// log was cut, and why. It is signed under the name of the epoch that it opens.
type Statement struct {
	Old, New string // names of the log before and after
	Size     int64  // entries that are left
	Root     tlog.Hash
	At       time.Time
	Cause    string // one line
}

const statementTitle = "causeway RESTORE statement v1"

// Text returns the lines that are signed.
func (s Statement) Text() string {
	return fmt.Sprintf("%s\nold %s\nnew %s\nsize %d\nroot %s\nat %s\ncause %s\n", statementTitle, s.Old, s.New, s.Size,
		base64.StdEncoding.EncodeToString(s.Root[:]), s.At.Format(time.RFC3339Nano), s.Cause)
}

var errStatement = errors.New("not a statement of a restore")

// ParseStatement reads the text of a statement; only what Text writes is read.
func ParseStatement(text string) (Statement, error) {
	var s Statement
	lines := strings.Split(text, "\n")
	words := []string{"", "old ", "new ", "size ", "root ", "at ", "cause "}
	if len(lines) != len(words)+1 {
		return s, errStatement
	}
	for i, w := range words {
		if !strings.HasPrefix(lines[i], w) {
			return s, errStatement
		}
		lines[i] = lines[i][len(w):]
	}
	s.Old, s.New, s.Cause = lines[1], lines[2], lines[6]
	var err, err2, err3 error
	s.Size, err = parseSize(lines[3])
	s.Root, err2 = parseHash(lines[4])
	s.At, err3 = time.Parse(time.RFC3339Nano, lines[5])
	if err := errors.Join(err, err2, err3); err != nil {
		return s, err
	}
	if s.Text() != text {
		return s, errors.New("statement is not in its one spelling")
	}
	return s, nil
}

// StatementName returns the name under which a signed statement claims to be signed; ""
// for what is no statement. Nothing may be done on its word.
func StatementName(signed string) string {
	if FirstLine(signed) != statementTitle {
		return ""
	}
	for line := range strings.Lines(signed) {
		if rest, ok := strings.CutPrefix(line, "new "); ok {
			return strings.TrimSuffix(rest, "\n")
		}
	}
	return ""
}
