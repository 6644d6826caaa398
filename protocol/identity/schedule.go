package identity

import (
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"causeway/protocol/note"
)

const kindSchedule = "causeway/schedule/1"

// ScheduleLimit is the size of the largest schedule, in bytes.
const ScheduleLimit = 64 << 10

// How much a schedule holds at most.
const (
	keysMost      = 40
	urlsMost      = 4
	protocolsMost = 8
)

// Limits are the most that a node takes, in bytes.
type Limits struct {
	Payload  int64 // the payload of a message
	Blob     int64 // one attachment
	Envelope int64 // a message with all its attachments
}

// StandardLimits are the limits of CX/1; a node and a pair may have lower ones.
var StandardLimits = Limits{Payload: 1 << 20, Blob: 2 << 30, Envelope: 10 << 30}

// Least returns the lower of each of two limits.
func (l Limits) Least(o Limits) Limits {
	return Limits{min(l.Payload, o.Payload), min(l.Blob, o.Blob), min(l.Envelope, o.Envelope)}
}

func (l Limits) valid() bool {
	s := StandardLimits
	return l.Payload > 0 && l.Blob >= 0 && l.Envelope >= l.Payload && l.Least(s) == l
}

func (w *writer) limits(l Limits) {
	w.number("limit-payload", l.Payload)
	w.number("limit-blob", l.Blob)
	w.number("limit-envelope", l.Envelope)
}

func (r *reader) limits() Limits {
	l := Limits{Payload: r.number("limit-payload"), Blob: r.number("limit-blob"), Envelope: r.number("limit-envelope")}
	r.check(l.valid())
	return l
}

// Schedule is the keys of a node and where it is reached, signed by its recovery pair.
// A node signs a year of it at one sitting.
type Schedule struct {
	Node      NodeID
	Serial    int64 // 1 for the first; it only goes up
	Issued    time.Time
	Protocols []int64 // majors of CX that the node speaks, rising
	URLs      []string
	Limits    Limits
	Keys      []Key
}

// Text writes the schedule. Keys are written in their order.
func (s *Schedule) Text() string {
	var w writer
	w.WriteString(kindSchedule + "\n")
	w.line("node", string(s.Node))
	w.number("serial", s.Serial)
	w.time("issued", s.Issued)
	for _, p := range s.Protocols {
		w.number("protocol", p)
	}
	for _, u := range s.URLs {
		w.line("url", u)
	}
	w.limits(s.Limits)
	keys := slices.Clone(s.Keys)
	slices.SortFunc(keys, compareKeys)
	for _, k := range keys {
		w.line("key", k.line())
	}
	return w.String()
}

// ParseSchedule reads the text of a schedule. The error is [ErrFormat].
func ParseSchedule(text string) (*Schedule, error) {
	if len(text) > ScheduleLimit {
		return nil, ErrFormat
	}
	r := read(text, kindSchedule)
	s := &Schedule{Node: r.node("node"), Serial: r.number("serial"), Issued: r.time("issued")}
	r.check(s.Serial > 0)
	for r.next("protocol") && len(s.Protocols) <= protocolsMost {
		s.Protocols = append(s.Protocols, r.number("protocol"))
	}
	r.each("url", urlsMost, func(u string) {
		r.check(isURL(u))
		s.URLs = append(s.URLs, u)
	})
	s.Limits = r.limits()
	r.each("key", keysMost, func(value string) { s.Keys = append(s.Keys, r.key(value)) })
	r.check(s.wellFormed())
	if err := r.end(text, s.Text); err != nil {
		return nil, err
	}
	return s, nil
}

// wellFormed reports whether lists rise and the keys are of different bytes.
func (s *Schedule) wellFormed() bool {
	if len(s.Protocols) == 0 || len(s.Protocols) > protocolsMost || s.Protocols[0] < 1 {
		return false
	}
	for i := range s.Protocols[1:] {
		if s.Protocols[i] >= s.Protocols[i+1] {
			return false
		}
	}
	seen := map[string]bool{}
	for _, k := range s.Keys {
		if seen[string(k.Public)] {
			return false // a key is used for one role, once
		}
		seen[string(k.Public)] = true
	}
	return len(s.Of(Sign)) > 0 && len(s.Of(Receive)) > 0 && len(s.Of(Transport)) > 0
}

// isURL reports whether text is the address of a node: https, a host, no secret in it.
func isURL(text string) bool {
	u, err := url.Parse(text)
	return err == nil && len(text) <= 200 && u.Scheme == "https" && u.Hostname() != "" && u.User == nil && u.RawQuery == "" && !u.ForceQuery &&
		u.Fragment == "" && !strings.HasSuffix(text, "#") && u.String() == text && isWords(text) && !strings.Contains(text, " ")
}

// Of returns the keys of a role, in the order in which they begin.
func (s *Schedule) Of(role Role) []Key {
	var out []Key
	for _, k := range s.Keys {
		if k.Role == role {
			out = append(out, k)
		}
	}
	slices.SortFunc(out, compareKeys)
	return out
}

// Ends returns when the last key of a role ends, zero where there is none.
func (s *Schedule) Ends(role Role) time.Time {
	var end time.Time
	for _, k := range s.Of(role) {
		if k.Until.After(end) {
			end = k.Until
		}
	}
	return end
}

// SignSchedule returns the schedule as a note by the recovery pair.
func SignSchedule(s *Schedule, recovery *note.Secret) ([]byte, error) {
	text := s.Text()
	if _, err := ParseSchedule(text); err != nil {
		return nil, signError("schedule", err)
	}
	return note.Sign(text, note.Signer{Name: string(s.Node), Pair: recovery})
}

// ErrNotRecovery is a note that the recovery pair of the node did not sign.
var ErrNotRecovery = errors.New("not signed by the recovery pair of the node")

// OpenSchedule reads a schedule that the recovery pair of a node signed. The errors are
// [ErrNotRecovery] and [ErrFormat].
func OpenSchedule(signed []byte, node NodeID, recovery *note.Public) (*Schedule, error) {
	text, err := openBy(signed, ScheduleLimit, node, recovery)
	if err != nil {
		return nil, signError("schedule", err)
	}
	s, err := ParseSchedule(text)
	if err != nil {
		return nil, signError("schedule", err)
	}
	if s.Node != node {
		return nil, signError("schedule", ErrNotRecovery)
	}
	return s, nil
}

// openBy returns the text of a note that the recovery pair of a node signed.
func openBy(signed []byte, limit int, node NodeID, recovery *note.Public) (string, error) {
	text, _, err := note.Open(signed, limit, note.Known{Name: string(node), Pairs: []*note.Public{recovery}})
	switch {
	case errors.Is(err, note.ErrSignature):
		return "", ErrNotRecovery
	case err != nil:
		return "", ErrFormat
	}
	return text, nil
}
