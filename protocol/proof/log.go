package proof

import (
	"encoding/base64"
	"errors"
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

// Place is where a leaf stands: in which journal, how long that was, and which witnesses
// vouch for it.
type Place struct {
	Log       string
	Size      int64
	Witnesses []string // names of their keys, of those that were asked about
}

// errWitness is a cosignature that is not the one of its key.
var errWitness = errors.New("a witness did not sign the checkpoint")

// Placed verifies that a leaf stands in the journal of a node, under a checkpoint that one
// of its log keys signed. The history has the node's schedules. The cosignatures of the
// witnesses given are verified too; those of others are passed over.
func Placed(h *identity.History, leaf cx.Digest, proof []byte, by ...xnote.Verifier) (*Place, error) {
	p, err := ParseLogProof(string(proof))
	if err != nil || leaf.IsZero() || h == nil {
		return nil, ErrFormat
	}
	out := &Place{Log: witness.FirstLine(p.Checkpoint)}
	logs := logVerifiers(h, out.Log)
	n, err := witness.OpenNote(p.Checkpoint, xnote.VerifierList(logs...))
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	cp, err := witness.ParseCheckpoint(n.Text)
	if err != nil {
		return nil, err
	}
	out.Size = cp.Size
	if err := tlog.CheckRecord(p.Hashes, cp.Size, cp.Root, p.Index, tlog.Hash(leaf)); err != nil {
		return nil, err
	}
	if n, err = witness.OpenNote(p.Checkpoint, xnote.VerifierList(append(logs, by...)...)); err != nil {
		return nil, errWitness
	}
	for _, s := range n.Sigs {
		if s.Name != out.Log {
			out.Witnesses = append(out.Witnesses, s.Name)
		}
	}
	return out, nil
}

// logVerifiers returns the log keys that the schedules of a node name, as verifiers of a
// journal of this name: a key counts for every epoch of the node in its own name.
func logVerifiers(h *identity.History, name string) []xnote.Verifier {
	of, _, ok := witness.SplitOrigin(name)
	if !ok {
		return nil
	}
	var seen []string
	var out []xnote.Verifier
	for _, s := range h.Schedules {
		for _, k := range s.Of(identity.Log) {
			if slices.Contains(seen, string(k.Public)) {
				continue
			}
			seen = append(seen, string(k.Public))
			named, key, err := witness.ParseLogKey(string(k.Public))
			if keyOf, _, ok := witness.SplitOrigin(named); err != nil || !ok || keyOf != of {
				continue
			}
			text, err := xnote.NewEd25519VerifierKey(name, key)
			if err != nil {
				continue
			}
			if v, err := xnote.NewVerifier(text); err == nil {
				out = append(out, v)
			}
		}
	}
	return out
}

// witnesses returns the keys by which the other nodes of a pack cosign: a node vouches not
// for itself.
func (c *checker) witnesses(of identity.NodeID) []xnote.Verifier {
	var out []xnote.Verifier
	seen := map[string]bool{}
	for node, h := range c.histories {
		if node == of {
			continue
		}
		for _, s := range h.Schedules {
			for _, k := range s.Of(identity.Witness) {
				v, err := witness.ParseVerifier(string(k.Public))
				if err == nil && !seen[v.String()] {
					seen[v.String()] = true
					out = append(out, v)
				}
			}
		}
	}
	return out
}
