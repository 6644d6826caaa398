package proof

import (
	"errors"
	"fmt"
	"time"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// Report is what a pack proves.
type Report struct {
	Nodes    []NodeReport
	Messages []MessageReport
}

// NodeReport is whose keys everything rests on.
type NodeReport struct {
	ID          identity.NodeID
	Fingerprint identity.Fingerprint // of the recovery pair, to be compared
	Schedules   int                  // that the recovery pair signed
	Revocations int
	Fault       string // what is wrong with the keys, "" for nothing
}

// MessageReport is what is proven of one message.
type MessageReport struct {
	Content  *cx.Content // nil when its signature is not right
	Labels   *cx.Labels  // nil when they are not shown
	Payload  []byte      // what the room wrote; nil when it is not shown
	Header   *cx.Header  // nil when it is not shown
	Doubtful bool        // the signing key was in wrong hands by then
	Receipts []ReceiptReport
	Answered int    // which message of the pack, from 1, answers this one; 0: none
	Fault    string // what is false, "" for nothing
}

// ReceiptReport is what is proven of one receipt.
type ReceiptReport struct {
	*cx.Receipt
	Logged    bool     // its entry stands in the signer's journal
	LogSize   int64    // of the journal whose signed root proves it
	LogName   string   // of that journal
	Witnesses []string // keys of nodes in the pack that cosigned that root, by their names
	Doubtful  bool     // as of a message
	SameCover bool     // it is for the very envelope that is shown
	Fault     string   // what is false, "" for nothing
}

// Faults counts what is false.
func (r *Report) Faults() int {
	n := 0
	count := func(fault string) {
		if fault != "" {
			n++
		}
	}
	for _, node := range r.Nodes {
		count(node.Fault)
	}
	for _, m := range r.Messages {
		count(m.Fault)
		for _, rc := range m.Receipts {
			count(rc.Fault)
		}
	}
	return n
}

// Whole reports whether every message was confirmed as opened, or answered, and every
// receipt stands in a journal; nothing is doubtful.
func (r *Report) Whole() bool {
	for _, m := range r.Messages {
		opened := m.Answered > 0
		for _, rc := range m.Receipts {
			opened = opened || rc.Stage == cx.OpenedStage
			if !rc.Logged || rc.Doubtful {
				return false
			}
		}
		if m.Doubtful || !opened && m.Content != nil && m.Content.Stream == cx.Cmd {
			return false
		}
	}
	return true
}

// Check verifies everything in a pack against the keys in it. What those are worth is
// said by their fingerprints alone.
func (p *Pack) Check() *Report {
	c := &checker{histories: map[identity.NodeID]*identity.History{}}
	report := &Report{}
	for i := range p.Nodes {
		report.Nodes = append(report.Nodes, c.node(&p.Nodes[i]))
	}
	for i := range p.Messages {
		report.Messages = append(report.Messages, c.message(&p.Messages[i]))
	}
	answer(report.Messages)
	return report
}

// answer finds which message answers which.
func answer(list []MessageReport) {
	at := map[cx.ID]int{}
	for i, m := range list {
		if m.Content != nil {
			at[m.Content.ID] = i + 1
		}
	}
	for i, m := range list {
		if m.Content == nil || m.Content.Answers.IsZero() {
			continue
		}
		asked := at[m.Content.Answers]
		if asked == 0 {
			continue
		}
		of := list[asked-1].Content
		if of.Thread == m.Content.Thread && of.From == m.Content.To && of.To == m.Content.From {
			list[asked-1].Answered = i + 1
		}
	}
}

type checker struct {
	histories map[identity.NodeID]*identity.History
}

// node reads the keys of a node, each note at the time at which it says it was issued.
func (c *checker) node(n *Node) NodeReport {
	h := &identity.History{Node: n.ID, Recovery: n.Recovery}
	out := NodeReport{ID: n.ID, Fingerprint: identity.FingerprintOf(n.Recovery)}
	for i, signed := range n.Schedules {
		s, err := identity.OpenSchedule(signed, n.ID, n.Recovery)
		if err == nil {
			_, err = h.Accept(signed, s.Issued)
		}
		if err != nil {
			out.Fault = fmt.Sprintf("schedule %d of its keys is not signed by its recovery key, or not in order", i+1)
			return out
		}
		out.Schedules++
	}
	for i, signed := range n.Revocations {
		v, err := identity.OpenRevocation(signed, n.ID, n.Recovery)
		if err == nil {
			_, err = h.Revoke(signed, v.Issued)
		}
		if err != nil {
			out.Fault = fmt.Sprintf("revocation %d is not signed by its recovery key", i+1)
			return out
		}
		out.Revocations++
	}
	c.histories[n.ID] = h
	return out
}

// pairs finds the pair of a node in the schedules of the pack.
func (c *checker) pairs(node identity.NodeID, id identity.KeyID) (*note.Public, error) {
	h := c.histories[node]
	if h == nil {
		return nil, cx.UnknownSender
	}
	k, ok := h.Find(id)
	if !ok || k.Role != identity.Sign {
		return nil, cx.UnknownSender
	}
	return note.PublicFrom(k.Public)
}

// held reports whether a key held at a time, and whether it is doubted for that time.
func (c *checker) held(node identity.NodeID, id identity.KeyID, at time.Time) (held, doubtful bool) {
	h := c.histories[node]
	if h == nil {
		return false, false
	}
	for _, k := range h.Keys(identity.Sign, at) {
		held = held || k.ID(node) == id
	}
	doubtful = h.Doubted(id, at)
	return held || doubtful, doubtful
}

func (c *checker) message(m *Message) MessageReport {
	var out MessageReport
	n, err := cx.OpenContent(m.Content, c.pairs)
	if err != nil {
		out.Fault = "its content is not signed by a key of the node that it names as its sender"
		return out
	}
	out.Content = n
	held, doubtful := c.held(n.From, n.SKey, n.Created)
	out.Doubtful = doubtful
	out.Fault = c.shown(m, &out)
	if !held {
		out.Fault = "the key that signed it did not hold on the day that it bears"
	}
	for _, r := range m.Receipts {
		out.Receipts = append(out.Receipts, c.receipt(m, n, &r))
	}
	return out
}

// shown checks what is shown beside the content note, and returns what is false.
func (c *checker) shown(m *Message, out *MessageReport) string {
	n := out.Content
	if m.Labels != nil {
		l, err := cx.ReadLabels(m.Labels)
		if err != nil || cx.DigestOf(m.Labels) != n.Labels {
			return "the labels shown are not those that were signed"
		}
		out.Labels = l
	}
	if m.Payload != nil {
		body, err := cx.ReadPayload(m.Payload)
		if err != nil || cx.DigestOf(m.Payload) != n.Payload {
			return "the words shown are not those that were signed"
		}
		out.Payload = body
	}
	if m.Header != nil {
		h, err := cx.OpenHeader(m.Header, n.To, c.pairs)
		if err != nil || h.Content != cx.DigestOf(m.Content) || !n.Fits(h) {
			return "the envelope shown is not one of this message"
		}
		out.Header = h
	}
	return ""
}

func (c *checker) receipt(m *Message, n *cx.Content, r *Receipt) ReceiptReport {
	var out ReceiptReport
	rc, err := cx.OpenReceipt(r.Note, n.From, c.pairs)
	if err != nil {
		out.Fault = "a receipt is not signed by a key of the receiver"
		return out
	}
	out.Receipt = rc
	if rc.From != n.To || rc.ID != n.ID || rc.Content != cx.DigestOf(m.Content) {
		out.Fault = "a receipt is for another message"
		return out
	}
	out.SameCover = m.Header != nil && rc.Header == cx.DigestOf(m.Header)
	held, doubtful := c.held(rc.From, rc.SKey, rc.At)
	out.Doubtful = doubtful
	if !held {
		out.Fault = "the key that signed a receipt did not hold on the day that it bears"
		return out
	}
	if r.Log == nil {
		return out
	}
	at, err := Placed(c.histories[rc.From], rc.Leaf, r.Log, c.witnesses(rc.From)...)
	switch {
	case errors.Is(err, errWitness):
		out.Fault = "a witness is said to have signed for a journal, and did not"
	case err != nil:
		out.Fault = "a receipt is said to stand in a journal, and does not"
	default:
		out.Logged, out.LogName, out.LogSize, out.Witnesses = true, at.Log, at.Size, at.Witnesses
	}
	return out
}
