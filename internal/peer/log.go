package peer

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net/http"
	"strings"

	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// Bounds of a question about leaves.
const (
	leavesMost = 256
	leafLine   = 64 + 1        // hexadecimal digits and a line feed
	proofMost  = 64 << 10      // one proof
	proofsMost = 4 << 20       // an answer; what is beyond is asked for again
	mediaProof = MediaEnvelope // framed, as everything with a length
)

// log proves where leaves stand in this node's journal: POST /cx/1/log, digests in lines.
// The answer is for each in turn a proof behind its length in four bytes, of no length
// where there is none yet.
func (d *Door) log(w http.ResponseWriter, r *http.Request, p Partner) {
	body, ok := d.body(w, r, p, leavesMost*leafLine)
	if !ok {
		return
	}
	leaves, err := readLeaves(body)
	var proofs [][]byte
	if err == nil {
		proofs, err = d.c.Post.Placed(r.Context(), leaves)
	}
	if err != nil {
		d.fail(w, r, p, err)
		return
	}
	var out []byte
	for _, one := range proofs {
		if len(out)+len(one) > proofsMost {
			one = nil
		}
		out = append(out, cx.Frame(one)...)
	}
	w.Header().Set("Content-Type", mediaProof)
	_, _ = w.Write(out) // a peer that is gone asks again
}

func readLeaves(from io.Reader) ([]cx.Digest, error) {
	text, err := io.ReadAll(from)
	if err != nil {
		return nil, err
	}
	var out []cx.Digest
	for line := range strings.Lines(string(text)) {
		d, err := cx.ParseDigest(strings.TrimSuffix(line, "\n"))
		if err != nil || len(line) != leafLine {
			return nil, cx.BadFormat
		}
		out = append(out, d)
	}
	return out, nil
}

// Placed asks a peer where leaves stand in its journal, at most 256. Each answer is a
// C2SP tlog-proof that the caller verifies, nothing where there is none yet.
func (c *Client) Placed(ctx context.Context, to identity.NodeID, leaves []cx.Digest) ([][]byte, error) {
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
	defer cancel()
	var body []byte
	for _, d := range leaves {
		body = append(body, d.String()+"\n"...)
	}
	resp, err := c.ask(ctx, to, http.MethodPost, "log", bytes.NewReader(body), int64(len(body)))
	if err != nil {
		return nil, err
	}
	answer, err := c.answer(to, resp, http.StatusOK, proofsMost+4*leavesMost)
	if err != nil {
		return nil, err
	}
	out := make([][]byte, len(leaves))
	for i := range out {
		if len(answer) < 4 {
			return nil, fault.New(fault.Unavailable, "peer-answer")
		}
		n := binary.BigEndian.Uint32(answer)
		if answer = answer[4:]; n > proofMost || int(n) > len(answer) {
			return nil, fault.New(fault.Unavailable, "peer-answer")
		}
		out[i], answer = answer[:n:n], answer[n:]
	}
	return out, nil
}
