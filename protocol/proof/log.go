package proof

import (
	"encoding/base64"
	"fmt"
	"slices"
	"strconv"
	"strings"

	xnote "golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/witness"
)

// logHead is the first line of a C2SP tlog-proof.
const logHead = "c2sp.org/tlog-proof@v1"

// LogProof is a C2SP tlog-proof of a leaf that a receipt names: its index, the hashes
// that lead to the root, and the signed checkpoint.
type LogProof struct {
	Index      int64
	Hashes     tlog.RecordProof
	Checkpoint string
}

// String writes the proof.
func (p *LogProof) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nindex %d\n", logHead, p.Index)
	for _, h := range p.Hashes {
		b.WriteString(base64.StdEncoding.EncodeToString(h[:]) + "\n")
	}
	return b.String() + "\n" + p.Checkpoint
}

// ParseLogProof reads what [LogProof.String] writes, and nothing else.
func ParseLogProof(text string) (*LogProof, error) {
	head, checkpoint, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(lines) < 2 || len(lines) > 2+64 || lines[0] != logHead {
		return nil, ErrFormat
	}
	p := &LogProof{Checkpoint: checkpoint}
	index, _ := strings.CutPrefix(lines[1], "index ")
	var err error
	if p.Index, err = strconv.ParseInt(index, 10, 64); err != nil || p.Index < 0 {
		return nil, ErrFormat
	}
	for _, line := range lines[2:] {
		h, err := witness.Decode64(line)
		if err != nil || len(h) != tlog.HashSize {
			return nil, ErrFormat
		}
		p.Hashes = append(p.Hashes, tlog.Hash(h))
	}
	if p.String() != text {
		return nil, ErrFormat
	}
	return p, nil
}

// logged verifies that the leaf of a receipt stands in the journal of its signer, under
// a checkpoint that one of its log keys signed.
func (c *checker) logged(r *cx.Receipt, proof []byte) (name string, size int64, err error) {
	p, err := ParseLogProof(string(proof))
	if err != nil || r.Leaf.IsZero() {
		return "", 0, ErrFormat
	}
	name = witness.FirstLine(p.Checkpoint)
	n, err := witness.OpenNote(p.Checkpoint, xnote.VerifierList(c.logVerifiers(r.From, name)...))
	if err != nil {
		return "", 0, fmt.Errorf("checkpoint: %w", err)
	}
	cp, err := witness.ParseCheckpoint(n.Text)
	if err != nil {
		return "", 0, err
	}
	return name, cp.Size, tlog.CheckRecord(p.Hashes, cp.Size, cp.Root, p.Index, tlog.Hash(r.Leaf))
}

// logVerifiers returns the log keys that the schedules of a node name, as verifiers of a
// journal of this name: a key counts for every epoch of the node in its own name.
func (c *checker) logVerifiers(node identity.NodeID, name string) []xnote.Verifier {
	h := c.histories[node]
	if h == nil {
		return nil
	}
	of, _, ok := witness.SplitOrigin(name)
	if !ok {
		return nil
	}
	var seen []string
	var out []xnote.Verifier
	for _, s := range h.Schedules {
		for _, k := range s.Of(identity.Log) {
			parts := strings.SplitN(string(k.Public), "+", 3)
			if len(parts) != 3 || slices.Contains(seen, string(k.Public)) {
				continue
			}
			seen = append(seen, string(k.Public))
			raw, err := witness.Decode64(parts[2])
			if keyOf, _, ok := witness.SplitOrigin(parts[0]); err != nil || len(raw) < 2 || !ok || keyOf != of {
				continue
			}
			text, err := xnote.NewEd25519VerifierKey(name, raw[1:])
			if err != nil {
				continue // not an Ed25519 key: not one of a journal
			}
			if v, err := xnote.NewVerifier(text); err == nil {
				out = append(out, v)
			}
		}
	}
	return out
}
