package journal

import (
	"archive/tar"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// A pack is one file that holds everything an auditor needs and nothing that
// opens a record: headers, digests of payloads, tiles, checkpoints, epochs,
// chain heads. It is a tar archive whose members stand in the order below. What
// lies under tile/ together with checkpoint is a log in the C2SP tlog-tiles
// layout, for the tools of others. docs/protocol/journal-pack.md is the
// description for everybody else.
const (
	packTitle = "causeway journal pack v1"

	packAbout       = "pack.txt"
	packKeys        = "keys.txt"
	packHead        = "head.txt"
	packCheckpoint  = "checkpoint"
	packEpochs      = "epochs/"
	packCheckpoints = "checkpoints/"
	packEntries     = "tile/entries/"
	packPayloads    = "payloads/"
	packTiles       = "tile/" // with the level behind it
	packChains      = "chains/"
	packPending     = "pending/"
	packEnd         = "end.txt"
)

// memberMost is the largest member accepted: a bundle of 256 largest entries.
const memberMost = 256 * (2 + maxHeader)

// recordsPerMember is how many records a member of a list holds.
const recordsPerMember = 1000

var errPack = errors.New("not a journal pack of this kind")

// bundlePath writes the number of a tile or bundle as C2SP tlog-tiles has it:
// groups of three digits, all but the last with an x; width is added when the
// tile is not full.
func bundlePath(n int64, width int) string {
	s := fmt.Sprintf("%03d", n%1000)
	for n >= 1000 {
		n /= 1000
		s = fmt.Sprintf("x%03d/%s", n%1000, s)
	}
	if width < tileWidth {
		s += fmt.Sprintf(".p/%d", width)
	}
	return s
}

// parseBundlePath reads what bundlePath wrote.
func parseBundlePath(path string) (n int64, width int, err error) {
	digits, partial, isPartial := strings.Cut(path, ".p/")
	width = tileWidth
	if isPartial {
		if width, err = strconv.Atoi(partial); err != nil {
			return 0, 0, errPack
		}
	}
	digits = strings.NewReplacer("x", "", "/", "").Replace(digits)
	if n, err = strconv.ParseInt(digits, 10, 64); err != nil || n < 0 || width < 1 {
		return 0, 0, errPack
	}
	if bundlePath(n, width) != path {
		return 0, 0, errPack
	}
	return n, width, nil
}

// listPath is the name of a member of a list.
func listPath(n int64) string { return fmt.Sprintf("%09d", n) }

// aboutText is the text of pack.txt.
func aboutText(node string, made time.Time, size int64) string {
	return fmt.Sprintf("%s\nnode %s\nmade %s\nentries %d\n\n%s", packTitle, node, made.Format(time.RFC3339Nano), size, packSays)
}

const packSays = `This file shows what was recorded about records, not what they say. It holds no
key, no name and no text about a child. It does hold pseudonyms and times, which
may point to a child: keep it as evidence.

Check it with: causeway audit verify --pack FILE
`

func parseAbout(b []byte) (node string, made time.Time, err error) {
	var size int64
	lines := strings.SplitN(string(b), "\n", 5)
	if len(lines) != 5 || lines[0] != packTitle {
		return "", time.Time{}, errPack
	}
	node, _ = strings.CutPrefix(lines[1], "node ")
	stamp, _ := strings.CutPrefix(lines[2], "made ")
	if made, err = time.Parse(time.RFC3339Nano, stamp); err != nil {
		return "", time.Time{}, errPack
	}
	if _, err := fmt.Sscanf(lines[3], "entries %d", &size); err != nil || aboutText(node, made, size) != string(b) {
		return "", time.Time{}, errPack
	}
	return node, made, nil
}

// headText is the text of head.txt: the row of journal_head.
func headText(h head) string {
	return fmt.Sprintf("size %d\nroot %s\nfrontier %s\nlast_at %d\n", h.size,
		base64.StdEncoding.EncodeToString(h.root), base64.StdEncoding.EncodeToString(h.frontier), h.lastAt)
}

func parseHead(b []byte) (head, error) {
	var h head
	lines := strings.Split(string(b), "\n")
	words := []string{"size ", "root ", "frontier ", "last_at "}
	if len(lines) != len(words)+1 {
		return h, errPack
	}
	for i, w := range words {
		if !strings.HasPrefix(lines[i], w) {
			return h, errPack
		}
		lines[i] = lines[i][len(w):]
	}
	var errs [4]error
	h.size, errs[0] = strconv.ParseInt(lines[0], 10, 64)
	h.root, errs[1] = base64.StdEncoding.DecodeString(lines[1])
	h.frontier, errs[2] = base64.StdEncoding.DecodeString(lines[2])
	h.lastAt, errs[3] = strconv.ParseInt(lines[3], 10, 64)
	if errors.Join(errs[:]...) != nil || headText(h) != string(b) {
		return h, errPack
	}
	return h, nil
}

// epochText is a row of journal_epoch: two numbers on a line, and the statement.
func epochText(e Epoch) string {
	return fmt.Sprintf("%d %d\n%s", e.StartSize, e.OpenedAt.UnixMicro(), e.Statement)
}

func parseEpoch(number string, b []byte) (Epoch, error) {
	var e Epoch
	var at int64
	first, statement, _ := strings.Cut(string(b), "\n")
	_, err := fmt.Sscanf(first, "%d %d", &e.StartSize, &at)
	e.OpenedAt, e.Statement = time.UnixMicro(at).UTC(), statement
	if err == nil {
		e.Epoch, err = strconv.ParseInt(number, 10, 64)
	}
	if err != nil || epochText(e) != string(b) || fmt.Sprint(e.Epoch) != number {
		return e, errPack
	}
	return e, nil
}

// appendRecord frames one record of a list: its length, then its bytes.
func appendRecord(dst []byte, parts ...[]byte) []byte {
	n := 0
	for _, p := range parts {
		n += len(p)
	}
	dst = binary.BigEndian.AppendUint32(dst, uint32(n))
	for _, p := range parts {
		dst = append(dst, p...)
	}
	return dst
}

// takeRecord reads what appendRecord wrote.
func takeRecord(b []byte) (record, rest []byte, err error) {
	if len(b) < 4 {
		return nil, nil, errPack
	}
	n := uint64(binary.BigEndian.Uint32(b))
	if b = b[4:]; n > uint64(len(b)) {
		return nil, nil, errPack
	}
	return b[:n:n], b[n:], nil
}

// appendPayload writes whether an entry has a sealed payload, and its digest.
func appendPayload(dst []byte, has bool, digest []byte) []byte {
	if !has {
		return append(dst, 0)
	}
	return append(append(dst, 1), digest...)
}

func takePayload(b []byte) (has bool, digest, rest []byte, err error) {
	switch {
	case len(b) > 0 && b[0] == 0:
		return false, nil, b[1:], nil
	case len(b) > tlog.HashSize && b[0] == 1:
		return true, b[1 : 1+tlog.HashSize], b[1+tlog.HashSize:], nil
	}
	return false, nil, nil, errPack
}

// endText closes the pack: a digest of every byte before the member that holds
// it. It finds damage, not fraud.
func endText(sum []byte) string { return fmt.Sprintf("end\nsha256 %x\n", sum) }

// tarHeader is how a member is announced: plain, and the same for the same
// content.
func tarHeader(name string, size int, made time.Time) *tar.Header {
	return &tar.Header{
		Typeflag: tar.TypeReg, Name: name, Size: int64(size), Mode: 0o444,
		ModTime: made.Truncate(time.Second), Format: tar.FormatUSTAR,
	}
}

// plain reports whether a member is announced as tarHeader does.
func plain(h *tar.Header) bool {
	return h.Typeflag == tar.TypeReg && h.Format == tar.FormatUSTAR && h.Size >= 0 && h.Size <= memberMost &&
		h.Linkname == "" && len(h.PAXRecords) == 0 && !bytes.ContainsAny([]byte(h.Name), "\\\x00")
}
