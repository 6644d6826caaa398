package exchange

import (
	"math"
	"strconv"
	"strings"

	"causeway/internal/fault"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

const mebibyte = 1 << 20

// MiB writes a size in mebibytes, as people type it.
func MiB(bytes int64) string {
	return strconv.FormatFloat(float64(bytes)/mebibyte, 'f', -1, 64)
}

// ReadLimits reads the limits of a pair as people type them, in mebibytes, with a point
// or a comma. What is left empty is the most that CX/1 takes. What is no number, or more
// than that, is Invalid with its field.
func ReadLimits(payload, blob, envelope string) (identity.Limits, error) {
	var chk fault.Check
	read := func(field, text string, most int64) int64 {
		text = strings.ReplaceAll(strings.TrimSpace(text), ",", ".")
		if text == "" {
			return most
		}
		f, err := strconv.ParseFloat(text, 64)
		switch {
		case err != nil || math.IsNaN(f):
			chk.Reject(field, "not-a-number")
			return most
		case f < 0 || f > float64(most)/mebibyte:
			chk.Reject(field, "out-of-range")
			return most
		}
		return int64(math.Round(f * mebibyte))
	}
	s := identity.StandardLimits
	l := identity.Limits{
		Payload: read("peer_payload", payload, s.Payload), Blob: read("peer_blob", blob, s.Blob), Envelope: read("peer_envelope", envelope, s.Envelope),
	}
	if err := chk.Err(); err != nil {
		return l, err
	}
	checkLimits(&chk, l)
	return l, chk.Err()
}

// checkLimits says what of limits cannot stand: a whole message holds its text and at
// least one attachment of the size that is permitted.
func checkLimits(chk *fault.Check, l identity.Limits) {
	s := identity.StandardLimits
	chk.Require(l.Payload > 0 && l.Payload <= s.Payload, "peer_payload", "out-of-range")
	chk.Require(l.Blob >= 0 && l.Blob <= s.Blob, "peer_blob", "out-of-range")
	chk.Require(l.Envelope <= s.Envelope, "peer_envelope", "out-of-range")
	chk.Require(l.Envelope >= l.Payload && l.Envelope >= l.Blob, "peer_envelope", "limit-whole")
}

// fits reports whether a message is within the limits of the pair.
func (p *Peer) fits(payload []byte, attachments []cx.Attachment) bool {
	l := p.Limits()
	total := int64(len(payload))
	for i := range attachments {
		if attachments[i].PlainSize > l.Blob {
			return false
		}
		total += attachments[i].PlainSize
	}
	return int64(len(payload)) <= l.Payload && total <= l.Envelope
}
