package proof

import (
	"archive/zip"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// Pack is what stands in a proof pack.
type Pack struct {
	Made     time.Time
	By       identity.NodeID // who made it; nothing rests on it
	Messages []Message       // in the order in which they were said
	Nodes    []Node          // every node that signed something
}

// Message is what is shown of one message.
type Message struct {
	Content  []byte    // the signed content note
	Header   []byte    // the signed header note of an envelope it travelled in; nil: not shown
	Labels   []byte    // as signed; nil: not shown
	Payload  []byte    // as signed, with its salt; nil: not shown
	Receipts []Receipt // for that envelope, or for an earlier or later one of the same letter
}

// Receipt is a signed receipt and the proof that its entry stands in the signer's journal.
type Receipt struct {
	Note []byte
	Log  []byte // a C2SP tlog-proof without an extra line; nil: none
}

// Node is what is known of the keys of a node.
type Node struct {
	ID          identity.NodeID
	Recovery    *note.Public
	Schedules   [][]byte // signed by the recovery pair, in order of their serials
	Revocations [][]byte
}

// Limits of a pack.
const (
	SizeLimit    = 256 << 20 // bytes
	memberLimit  = cx.PayloadLimit + 1<<10
	membersLimit = 20_000
	messageLimit = 4_000
	receiptLimit = 16 // of one message
	noteLimit    = 64 // schedules or revocations of one node
	nodeLimit    = 64
)

// ErrFormat is a file that is not a proof pack in its one form.
var ErrFormat = errors.New("not a proof pack")

const (
	indexName = "proof.txt"
	indexHead = "causeway/proof/1\n"
	stamp     = "2006-01-02T15:04:05Z"
)

// member is one file of a pack.
type member struct {
	name string
	data []byte
}

// index is the first member. Only its first three lines are read.
func (p *Pack) index() []byte {
	return []byte(indexHead + "by " + string(p.By) + "\nmade " + p.Made.UTC().Format(stamp) + `

This is a proof pack of Causeway. cx-verify FILE says in plain words what it proves.
Compare the fingerprints that it prints with what the nodes tell you over a telephone
number that you knew before.
`)
}

// members returns the files of a pack in their order.
func (p *Pack) members() []member {
	list := []member{{indexName, p.index()}}
	add := func(name string, data []byte) {
		if data != nil {
			list = append(list, member{name, data})
		}
	}
	for _, n := range p.Nodes {
		at := "keys/" + string(n.ID) + "/"
		add(at+"recovery", []byte(n.Recovery.String()+"\n"))
		for i, s := range n.Schedules {
			add(fmt.Sprintf("%sschedule-%02d", at, i+1), s)
		}
		for i, r := range n.Revocations {
			add(fmt.Sprintf("%srevocation-%02d", at, i+1), r)
		}
	}
	for i, m := range p.Messages {
		at := fmt.Sprintf("messages/%04d/", i+1)
		add(at+"content", m.Content)
		add(at+"header", m.Header)
		add(at+"labels", m.Labels)
		add(at+"payload", m.Payload)
		for j, r := range m.Receipts {
			add(fmt.Sprintf("%sreceipt-%02d", at, j+1), r.Note)
			add(fmt.Sprintf("%slog-%02d", at, j+1), r.Log)
		}
	}
	return list
}

// check reports whether a pack keeps to the limits.
func (p *Pack) check() error {
	ok := len(p.Messages) <= messageLimit && len(p.Nodes) <= nodeLimit
	for _, m := range p.Messages {
		ok = ok && m.Content != nil && len(m.Receipts) <= receiptLimit
		for _, r := range m.Receipts {
			ok = ok && r.Note != nil
		}
	}
	seen := map[identity.NodeID]bool{}
	for _, n := range p.Nodes {
		ok = ok && n.Recovery != nil && !seen[n.ID] && len(n.Schedules) <= noteLimit && len(n.Revocations) <= noteLimit
		seen[n.ID] = true
	}
	if !ok {
		return ErrFormat
	}
	return nil
}

// Write writes a pack: a ZIP archive whose members are not compressed and have no time,
// so the same pack is the same bytes.
func Write(w io.Writer, p *Pack) error {
	if err := p.check(); err != nil {
		return err
	}
	z := zip.NewWriter(w)
	for _, m := range p.members() {
		out, err := z.CreateHeader(&zip.FileHeader{Name: m.name, Method: zip.Store})
		if err == nil {
			_, err = out.Write(m.data)
		}
		if err != nil {
			return fmt.Errorf("write proof pack: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("write proof pack: %w", err)
	}
	return nil
}

// Read reads a pack of size bytes. It checks the form only; see [Pack.Check].
func Read(r io.ReaderAt, size int64) (*Pack, error) {
	if size > SizeLimit {
		return nil, fmt.Errorf("%w: larger than %d MiB", ErrFormat, SizeLimit>>20)
	}
	z, err := zip.NewReader(r, size)
	if err != nil || len(z.File) > membersLimit {
		return nil, ErrFormat
	}
	in := &unpacker{}
	for _, f := range z.File {
		data, err := readMember(f)
		if err != nil {
			return nil, err
		}
		in.list = append(in.list, member{f.Name, data})
	}
	p, err := in.pack()
	if err != nil {
		return nil, err
	}
	if !slices.EqualFunc(p.members()[1:], in.all[1:], func(a, b member) bool { return a.name == b.name }) {
		return nil, ErrFormat // members are missing, doubled or out of order
	}
	return p, nil
}

// readMember reads a file of an archive, which is not compressed.
func readMember(f *zip.File) ([]byte, error) {
	if f.Method != zip.Store || f.UncompressedSize64 > uint64(memberLimit) || f.CompressedSize64 != f.UncompressedSize64 {
		return nil, ErrFormat
	}
	r, err := f.Open()
	if err != nil {
		return nil, ErrFormat
	}
	data, err := io.ReadAll(io.LimitReader(r, memberLimit+1))
	if err != nil || uint64(len(data)) != f.UncompressedSize64 {
		return nil, ErrFormat // also when its checksum is wrong
	}
	return data, r.Close()
}

// unpacker reads members in their order.
type unpacker struct {
	list, all []member
}

// next returns the next member when it has this name, nil otherwise.
func (u *unpacker) next(name string) []byte {
	if len(u.list) == 0 || u.list[0].name != name {
		return nil
	}
	data := u.list[0].data
	u.list = u.list[1:]
	return data
}

func (u *unpacker) pack() (*Pack, error) {
	u.all = u.list
	p := &Pack{}
	rest, ok := strings.CutPrefix(string(u.next(indexName)), indexHead+"by ")
	by, rest, ok2 := strings.Cut(rest, "\nmade ")
	made, _, ok3 := strings.Cut(rest, "\n")
	var err, err2 error
	p.By, err = identity.ParseNodeID(by)
	p.Made, err2 = time.Parse(stamp, made)
	if !ok || !ok2 || !ok3 || err != nil || err2 != nil {
		return nil, ErrFormat
	}
	for len(u.list) > 0 && strings.HasPrefix(u.list[0].name, "keys/") {
		n, err := u.node()
		if err != nil {
			return nil, err
		}
		p.Nodes = append(p.Nodes, n)
	}
	for len(u.list) > 0 && len(p.Messages) <= messageLimit {
		m, err := u.message(fmt.Sprintf("messages/%04d/", len(p.Messages)+1))
		if err != nil {
			return nil, err
		}
		p.Messages = append(p.Messages, m)
	}
	return p, p.check()
}

func (u *unpacker) node() (n Node, err error) {
	_, rest, _ := strings.Cut(u.list[0].name, "/")
	name, _, _ := strings.Cut(rest, "/")
	if n.ID, err = identity.ParseNodeID(name); err != nil {
		return n, ErrFormat
	}
	at := "keys/" + name + "/"
	text, ok := strings.CutSuffix(string(u.next(at+"recovery")), "\n")
	if n.Recovery, err = note.ParsePublic(text); err != nil || !ok {
		return n, ErrFormat
	}
	for s := u.next(at + "schedule-01"); s != nil; s = u.next(fmt.Sprintf("%sschedule-%02d", at, len(n.Schedules)+1)) {
		n.Schedules = append(n.Schedules, s)
	}
	for r := u.next(at + "revocation-01"); r != nil; r = u.next(fmt.Sprintf("%srevocation-%02d", at, len(n.Revocations)+1)) {
		n.Revocations = append(n.Revocations, r)
	}
	return n, nil
}

func (u *unpacker) message(at string) (m Message, err error) {
	if m.Content = u.next(at + "content"); m.Content == nil {
		return m, ErrFormat
	}
	m.Header, m.Labels, m.Payload = u.next(at+"header"), u.next(at+"labels"), u.next(at+"payload")
	for r := u.next(at + "receipt-01"); r != nil; r = u.next(fmt.Sprintf("%sreceipt-%02d", at, len(m.Receipts)+1)) {
		m.Receipts = append(m.Receipts, Receipt{r, u.next(fmt.Sprintf("%slog-%02d", at, len(m.Receipts)+1))})
	}
	return m, nil
}
