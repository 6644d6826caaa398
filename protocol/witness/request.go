package witness

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// What a request and an answer may be long, and how many hashes prove (C2SP tlog-witness).
const (
	RequestMost = 64 << 10
	AnswerMost  = 64 << 10
	ProofMost   = 63
)

// Request asks a witness for a cosignature: the size it cosigned last, the proof that the
// log has only grown since, and the checkpoint. The same form carries the statement of a
// restore.
type Request struct {
	Old   int64          // size that the witness cosigned last, 0 for none
	Proof tlog.TreeProof // consistency proof from Old to the size in Note
	Note  string         // signed checkpoint or statement
}

// Bytes writes the request as C2SP tlog-witness has it.
func (r *Request) Bytes() []byte {
	b := fmt.Appendf(nil, "old %d\n", r.Old)
	for _, h := range r.Proof {
		b = fmt.Appendf(b, "%s\n", base64.StdEncoding.EncodeToString(h[:]))
	}
	return append(append(b, '\n'), r.Note...)
}

var errRequest = errors.New("not a request to a witness")

// ParseRequest reads what Bytes writes, in its one spelling. Nothing in it is proven.
func ParseRequest(b []byte) (*Request, error) {
	if len(b) > RequestMost {
		return nil, errRequest
	}
	head, signed, ok := strings.Cut(string(b), "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) > 1+ProofMost {
		return nil, errRequest
	}
	size, ok := strings.CutPrefix(lines[0], "old ")
	old, err := parseSize(size)
	if !ok || err != nil {
		return nil, errRequest
	}
	r := &Request{Old: old, Note: signed}
	for _, l := range lines[1:] {
		h, err := parseHash(l)
		if err != nil {
			return nil, errRequest
		}
		r.Proof = append(r.Proof, h)
	}
	if text, sigs, ok := cut(signed); !ok || text == "\n" || sigs == "" {
		return nil, errRequest
	}
	return r, nil
}

// Proves reports whether the proof leads from (old, oldRoot) to (size, root). From
// nothing to anything no proof is needed and none may be there.
func Proves(proof tlog.TreeProof, old int64, oldRoot tlog.Hash, size int64, root tlog.Hash) bool {
	switch {
	case old < 0 || old > size:
		return false
	case old == 0:
		return len(proof) == 0
	case old == size:
		return len(proof) == 0 && oldRoot == root
	}
	return tlog.CheckTree(proof, size, root, old, oldRoot) == nil
}
