package cx_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/cryptotest"
	"time"

	"filippo.io/age"
	"github.com/google/go-cmp/cmp"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/note"
)

var update = flag.Bool("update", false, "write the test vectors anew")

// vectorFolder holds the published vectors; docs/protocol/cx1-vectors.md describes it.
const vectorFolder = "testdata/vectors"

// vectorNode is a node of the vectors with all its secrets.
type vectorNode struct {
	Seeds   string `json:"seeds"`   // of its S pair: Ed25519, then ML-DSA-65, hexadecimal
	Public  string `json:"public"`  // of its S pair
	SKey    string `json:"skey"`    // key id of it
	Receive string `json:"receive"` // its E identity
	EKey    string `json:"ekey"`    // key id of it
}

// vector is one file and what a reader must make of it.
type vector struct {
	File string `json:"file"`
	Kind string `json:"kind"` // envelope, receipt, error, resync, resync.answer, ping, bundle, blob
	Self string `json:"self"` // the node that reads it
	Code string `json:"code"` // why it is refused; "" when it is taken
	Why  string `json:"why"`

	Now        string         `json:"now,omitempty"`        // the reader's time, where it counts
	Attachment string         `json:"attachment,omitempty"` // of a blob: its line of the manifest
	Key        string         `json:"key,omitempty"`        // of a blob
	Question   string         `json:"question,omitempty"`   // of an answer: digest of the question
	Message    map[string]any `json:"message,omitempty"`    // of an envelope: what it says
	Fields     map[string]any `json:"fields,omitempty"`     // of a note: what it says
}

type vectors struct {
	Nodes   map[string]vectorNode `json:"nodes"`
	Vectors []vector              `json:"vectors"`
}

// nodes are the keys of the vectors as this package wants them.
func (v *vectors) node(t testing.TB, id string) *node {
	t.Helper()
	n := v.Nodes[id]
	seeds, err := hex.DecodeString(n.Seeds)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := note.SecretFrom(seeds)
	if err != nil {
		t.Fatal(err)
	}
	e, err := age.ParseHybridIdentity(n.Receive)
	if err != nil {
		t.Fatal(err)
	}
	return &node{identity.NodeID(id), cx.NewSigner(identity.NodeID(id), secret), secret, e}
}

// TestVectors reads every published vector.
func TestVectors(t *testing.T) {
	if *update {
		writeVectors(t)
	}
	all, r := published(t)
	named := map[string]bool{"vectors.json": true}
	for _, v := range all.Vectors {
		named[v.File] = true
		t.Run(v.File, func(t *testing.T) {
			got, err := v.read(t, r, v.bytes(t))
			if string(cx.CodeOf(err)) != v.Code {
				t.Fatalf("%v, want %q", err, v.Code)
			}
			if err != nil {
				return
			}
			want := v.Message
			if want == nil {
				want = v.Fields
			}
			if diff := cmp.Diff(got, want); diff != "" {
				t.Errorf("read (-got +want):\n%s", diff)
			}
		})
	}
	err := filepath.WalkDir(vectorFolder, func(path string, d os.DirEntry, err error) error {
		if rel, _ := filepath.Rel(vectorFolder, path); err == nil && !d.IsDir() && !named[rel] {
			t.Errorf("%s is in no list", rel)
		}
		return err
	})
	if err != nil || len(all.Vectors) < 40 {
		t.Errorf("%d vectors, %v", len(all.Vectors), err)
	}
}

// published returns the vectors as they are published, and their nodes.
func published(t testing.TB) (*vectors, *rig) {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join(vectorFolder, "vectors.json"))
	if err != nil {
		t.Fatal(err)
	}
	var all vectors
	if err := json.Unmarshal(raw, &all); err != nil {
		t.Fatal(err)
	}
	return &all, &rig{all.node(t, "xa.dcs"), all.node(t, "xb.moi"), all.node(t, "xc.ngo")}
}

// bytes returns what stands in the file of a vector.
func (v *vector) bytes(t testing.TB) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(vectorFolder, v.File))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// read reads a vector as its kind wants it, and returns what it says.
func (v *vector) read(t *testing.T, r *rig, b []byte) (any, error) {
	t.Helper()
	self := identity.NodeID(v.Self)
	switch v.Kind {
	case "envelope":
		return v.readEnvelope(t, r, self, b)
	case "receipt":
		got, err := cx.OpenReceipt(b, self, r.pairs)
		return said(t, got), err
	case "error":
		got, err := cx.OpenRefusal(b, self, r.pairs)
		return said(t, got), err
	case "resync":
		got, err := cx.OpenSync(b, self, r.pairs)
		return said(t, got), err
	case "resync.answer":
		question, err := cx.ParseDigest(v.Question)
		if err != nil {
			t.Fatal(err)
		}
		got, err := cx.ReadSyncAnswer(bytes.NewReader(b), question, self, r.pairs)
		if err != nil {
			return nil, err
		}
		return said(t, map[string]any{"beyond": len(got.Beyond), "epoch": got.Epoch, "seen_by": string(got.SeenBy), "growth": len(got.Growth)}), nil
	case "ping":
		got, err := cx.OpenPing(b, self, r.pairs)
		return said(t, got), err
	case "bundle":
		return readBundleVector(t, r, self, b)
	case "blob":
		a, err := cx.ParseAttachment(v.Attachment)
		if err != nil {
			t.Fatal(err)
		}
		a.Key = cx.BlobKey(v.Key)
		var plain bytes.Buffer
		err = cx.OpenBlob(&plain, bytes.NewReader(b), &a)
		return said(t, map[string]any{"plain": plain.String()}), err
	}
	t.Fatalf("no kind %q", v.Kind)
	return nil, nil
}

func (v *vector) readEnvelope(t *testing.T, r *rig, self identity.NodeID, b []byte) (any, error) {
	t.Helper()
	env, err := cx.Read(bytes.NewReader(b), self, r.pairs)
	if err != nil {
		return nil, err
	}
	now, err := time.Parse(time.RFC3339, v.Now)
	if err != nil {
		t.Fatal(err)
	}
	if err := env.Header.Timely(now); err != nil {
		return nil, err
	}
	m, l, err := env.Open([]age.Identity{r.b.e}, r.pairs)
	if err != nil {
		return nil, err
	}
	return said(t, map[string]any{
		"from": m.From, "id": m.ID.String(), "thread": m.Thread.String(), "stream": m.Stream, "seq": m.Seq, "type": m.Type,
		"answers": m.Answers.String(), "purpose": m.Labels.Purpose, "flags": m.Labels.Flags, "schema": m.Schema,
		"payload": string(m.Payload), "attachments": len(m.Attachments), "officer": m.Officer,
		"created": m.Created, "expires": m.Expires, "content": l.Digest().String(),
	}), nil
}

func readBundleVector(t *testing.T, r *rig, self identity.NodeID, b []byte) (any, error) {
	t.Helper()
	in, err := cx.ReadBundle(bytes.NewReader(b), self, r.pairs)
	if err != nil {
		return nil, err
	}
	var items []string
	for {
		it, item, err := in.Next()
		if errors.Is(err, io.EOF) {
			return said(t, map[string]any{"items": items}), nil
		}
		if err != nil {
			return nil, err
		}
		if _, err := io.Copy(io.Discard, item); err != nil {
			return nil, err
		}
		items = append(items, string(it.What))
	}
}

// said returns a value as JSON gives it back, for comparing.
func said(t *testing.T, v any) any {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	var out any
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// writeVectors writes all vectors anew, the same each time: every random byte comes
// from one seed.
func writeVectors(t *testing.T) {
	cryptotest.SetGlobalRandom(t, 20261130)
	g := &generator{t: t, rig: newRig(t), out: vectors{Nodes: map[string]vectorNode{}}}
	for _, n := range []*node{g.a, g.b, g.c} {
		g.out.Nodes[string(n.id)] = vectorNode{
			Seeds: hex.EncodeToString(n.pair.Seeds()), Public: n.pair.Public().String(), SKey: n.sign.Key().String(),
			Receive: n.e.String(), EKey: identity.KeyIDOf(identity.Receive, n.id, []byte(n.e.Recipient().String())).String(),
		}
	}
	if err := os.RemoveAll(vectorFolder); err != nil {
		t.Fatal(err)
	}
	g.envelopes()
	g.insides()
	g.notes()
	g.files()
	g.growths()
	raw, err := json.MarshalIndent(g.out, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	g.write("vectors.json", append(raw, '\n'))
}

// generator makes vectors.
type generator struct {
	t *testing.T
	*rig
	out vectors
}

func (g *generator) write(name string, b []byte) {
	path := filepath.Join(vectorFolder, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		g.t.Fatal(err)
	}
	if err := os.WriteFile(path, b, 0o644); err != nil {
		g.t.Fatal(err)
	}
}

// add writes a vector, for xb.moi to read at noon, and notes what it says when it is
// taken.
func (g *generator) add(v vector, b []byte) {
	folder := "good/"
	if v.Code != "" {
		folder = "bad/"
	}
	v.File = folder + v.File
	if v.Self == "" {
		v.Self = string(g.b.id)
	}
	if v.Kind == "envelope" && v.Now == "" {
		v.Now = noon.Format(time.RFC3339)
	}
	got, err := v.read(g.t, g.rig, b)
	if string(cx.CodeOf(err)) != v.Code {
		g.t.Fatalf("%s: %v, want %q", v.File, err, v.Code)
	}
	if fields, ok := got.(map[string]any); err == nil && ok {
		if v.Kind == "envelope" {
			v.Message = fields
		} else {
			v.Fields = fields
		}
	}
	g.out.Vectors = append(g.out.Vectors, v)
	g.write(v.File, b)
}

// swap replaces what is there once.
func (g *generator) swap(b []byte, old, with string) []byte {
	if bytes.Count(b, []byte(old)) != 1 {
		g.t.Fatalf("%q is there %d times", old, bytes.Count(b, []byte(old)))
	}
	return bytes.Replace(b, []byte(old), []byte(with), 1)
}

// envelopes are wrong on the outside.
func (g *generator) envelopes() {
	t := g.t
	good := seal(t, g.letter(t, draft()), g.a, g.b)
	b := good.Bytes()
	env := func(name, why string, code cx.Code, b []byte) {
		g.add(vector{File: name, Kind: "envelope", Code: string(code), Why: why}, b)
	}
	env("offer.cx1", "an offer with consent, flags and an attachment", "", b)
	env("unknown-optional.cx1", "an extension that need not be understood", "", resign(t, g.a, good, func(s string) string { return s + "ext relay yes\n" }))
	env("tampered-header.cx1", "the epoch was changed", cx.BadSignature, g.swap(b, "\nepoch 1\n", "\nepoch 2\n"))
	bad := bytes.Clone(b)
	bad[len(bad)-1] ^= 1
	env("tampered-body.cx1", "a bit of the body was turned", cx.Damaged, bad)
	env("truncated-body.cx1", "the last byte is missing", cx.Damaged, b[:len(b)-1])
	env("truncated-header.cx1", "it ends in the header", cx.Damaged, b[:1000])
	env("empty.cx1", "nothing at all", cx.Damaged, nil)
	env("trailing.cx1", "a byte follows the body", cx.BadFormat, append(bytes.Clone(b), 0))
	lines := bytes.SplitAfter(good.Note, []byte("\n"))
	text, classic, lattice := bytes.Join(lines[:len(lines)-3], nil), lines[len(lines)-3], lines[len(lines)-2]
	env("stripped-ml-dsa.cx1", "only the Ed25519 signature is left", cx.BadSignature, g.with(good, append(bytes.Clone(text), classic...)))
	env("stripped-ed25519.cx1", "only the ML-DSA-65 signature is left", cx.BadSignature, g.with(good, append(bytes.Clone(text), lattice...)))
	env("swapped-signatures.cx1", "ML-DSA-65 before Ed25519", cx.BadSignature, g.with(good, append(append(bytes.Clone(text), lattice...), classic...)))
	env("oversized-header.cx1", "a header of 32769 bytes is announced", cx.TooLarge, append([]byte{0, 0, 0x80, 1}, make([]byte, 64)...))
	env("oversized-body.cx1", "a body of 3 MiB is announced", cx.TooLarge, resign(t, g.a, good, replaced("\nbody_len 18043\n", "\nbody_len 3145728\n")))
	env("odd-body.cx1", "a body that is no padded size", cx.BadFormat, resign(t, g.a, good, replaced("\nbody_len 18043\n", "\nbody_len 18042\n")))
	env("critical.cx1", "an extension that must be understood", cx.Unsupported, resign(t, g.a, good, func(s string) string { return s + "ext relay yes\ncrit relay\n" }))
	env("version-2.cx1", "another version", cx.Unsupported, resign(t, g.a, good, replaced("envelope/1", "envelope/2")))
	for _, change := range [][3]string{
		{"spelling-zero", "\nseq 1\n", "\nseq 01\n"},
		{"spelling-zone", "created 2026-11-30T12:00:00Z", "created 2026-11-30T12:00:00+00:00"},
		{"spelling-fraction", "created 2026-11-30T12:00:00Z", "created 2026-11-30T12:00:00.0Z"},
		{"spelling-space", "\nclass case\n", "\nclass  case\n"},
		{"order", "\nstream cmd\nseq 1\n", "\nseq 1\nstream cmd\n"},
		{"zero-resend", "\nblob ", "\nresend 0\nblob "},
		{"unknown-line", "\nstream cmd\n", "\nstream cmd\nvia xc.ngo\n"},
		{"no-epoch", "\nepoch 1\n", "\n"},
		{"to-itself", "\nto xb.moi\n", "\nto xa.dcs\n"},
		{"too-long-valid", "expires 2026-12-30T", "expires 2027-12-30T"},
	} {
		env("header-"+change[0]+".cx1", "a header that is not in its one spelling", cx.BadFormat, resign(t, g.a, good, replaced(change[1], change[2])))
	}
	d := draft()
	d.To = g.c.id
	env("wrong-recipient.cx1", "addressed to another node", cx.WrongRecipient, seal(t, g.letter(t, d), g.a, g.b).Bytes())
	stranger := newNode(t, g.a.id, 9)
	env("unknown-key.cx1", "signed by a pair that nobody knows", cx.UnknownSender, seal(t, g.letter(t, draft()), stranger, g.b).Bytes())
	env("unknown-ekey.cx1", "sealed to a key that the receiver does not have", cx.UnknownEKey, seal(t, g.letter(t, draft()), g.a, g.c).Bytes())
	g.add(vector{File: "future-dated.cx1", Kind: "envelope", Code: string(cx.Held), Why: "dated 24 hours and a second ahead", Now: "2026-11-29T11:59:59Z"}, b)
	g.add(vector{File: "expired.cx1", Kind: "envelope", Code: string(cx.Expired), Why: "its last second has passed", Now: "2026-12-30T12:00:00Z"}, b)
	g.add(vector{File: "dated-ahead.cx1", Kind: "envelope", Why: "dated 24 hours ahead, which is taken", Now: "2026-11-29T12:00:00Z"}, b)
}

func (g *generator) with(e *cx.Envelope, msg []byte) []byte {
	return (&cx.Envelope{Note: msg, Body: e.Body}).Bytes()
}

func replaced(old, with string) func(string) string {
	return func(s string) string { return strings.Replace(s, old, with, 1) }
}

// insides are envelopes whose outside is right.
func (g *generator) insides() {
	t := g.t
	env := func(name, why string, code cx.Code, l *cx.Letter, from *node) {
		g.add(vector{File: name, Kind: "envelope", Code: string(code), Why: why}, seal(t, l, from, g.b).Bytes())
	}
	status := draft()
	status.Stream, status.Type, status.Schema, status.Attachments = cx.Status, cx.StatusReport, "status/1", nil
	status.Answers = cx.NewID(noon)
	status.Payload = []byte(`{"state":"accepted"}`)
	l, err := cx.Write(status, cx.Place{ID: cx.NewID(noon), Seq: 2, Prev: cx.DigestOf(nil), Created: noon}, g.a.sign)
	if err != nil {
		t.Fatal(err)
	}
	env("status.cx1", "an answer, second in its stream", "", l, g.a)
	again, err := cx.Seal(l, cx.Cover{Epoch: 2, Resend: 1, EKey: g.b.e.Recipient().String()}, g.a.sign)
	if err != nil {
		t.Fatal(err)
	}
	g.add(vector{File: "status-resent.cx1", Kind: "envelope", Why: "the same letter in a new envelope"}, again.Bytes())
	largest := draft()
	largest.Attachments = nil
	largest.Payload = []byte(`{"a":"` + strings.Repeat("a", 20000) + `"}`)
	env("padded-64k.cx1", "a payload of 20 kB, padded to 64 KiB", "", g.letter(t, largest), g.a)

	d := draft()
	d.To = g.c.id
	l = g.letter(t, d)
	l.Content.To = g.b.id
	env("readdressed-to.cx1", "inside it is addressed to xc.ngo", cx.Readdressed, l, g.a)
	l.Content.From = g.c.id
	env("readdressed-from.cx1", "xc.ngo passes on, as its own, what xa.dcs wrote to it", cx.Readdressed, l, g.c)
	l = g.letter(t, draft())
	l.Content.ID = cx.NewID(noon)
	env("readdressed-id.cx1", "inside it has another id", cx.Readdressed, l, g.a)
	l = g.letter(t, draft())
	l.Content.Type = cx.Trial
	env("readdressed-class.cx1", "inside it is of another class", cx.Readdressed, l, g.a)
	for _, change := range [][3]string{
		{"tampered-payload", "shelter", "nothing"}, {"tampered-labels", "handling H2", "handling H0"},
	} {
		l, err = cx.ReadLetter(g.swap(g.letter(t, draft()).Bytes(), change[1], change[2]))
		if err != nil {
			t.Fatal(err)
		}
		env(change[0]+".cx1", "not what the content note has the digest of", cx.BadSignature, l, g.a)
	}
	d = draft()
	d.Labels.Extra, d.Labels.Crit = []cx.Extra{{Name: "embargo", Value: "2027-01-01"}}, []string{"embargo"}
	env("label-critical.cx1", "a label that must be understood", cx.LabelRefused, g.letter(t, d), g.a)
	d.Labels.Crit = nil
	env("label-optional.cx1", "a label that need not be understood", "", g.letter(t, d), g.a)
}

// notes are the texts that travel without a body.
func (g *generator) notes() {
	t := g.t
	a := string(g.a.id)
	signed := func(msg []byte, err error) []byte {
		if err != nil {
			t.Fatal(err)
		}
		return msg
	}
	e := seal(t, g.letter(t, draft()), g.a, g.b)
	rc := cx.ReceiptOf(e, noon)
	rc.Stage, rc.Epoch = cx.Stored, 1
	rc.Leaf, rc.Log = cx.DigestOf([]byte("entry")), cx.Checkpoint{Epoch: 1, Size: 812, Root: cx.DigestOf([]byte("root"))}
	stored := signed(rc.Sign(g.b.sign))
	g.add(vector{File: "receipt-stored.note", Kind: "receipt", Self: a, Why: "stored"}, stored)
	rc.Stage, rc.Code, rc.Unmet = cx.Refused, cx.LabelRefused, []string{"court", "roles"}
	g.add(vector{File: "receipt-refused.note", Kind: "receipt", Self: a, Why: "refused, two labels are not met"}, signed(rc.Sign(g.b.sign)))
	g.add(vector{File: "receipt-tampered.note", Kind: "receipt", Self: a, Code: string(cx.BadSignature), Why: "stored was made opened"}, g.swap(stored, "stage stored", "stage opened"))
	g.add(vector{File: "receipt-of-another.note", Kind: "receipt", Self: "xc.ngo", Code: string(cx.WrongRecipient), Why: "meant for another node"}, stored)
	gap := &cx.Refusal{From: g.b.id, To: g.a.id, ID: rc.ID, Code: cx.Gap, At: noon, Want: 3}
	g.add(vector{File: "error-gap.note", Kind: "error", Self: a, Why: "a message is missing"}, signed(gap.Sign(g.b.sign)))
	odd := &cx.Refusal{From: g.b.id, To: g.a.id, Code: "invented_later", At: noon}
	g.add(vector{File: "error-unknown-code.note", Kind: "error", Self: a, Why: "a code of a later version: not final"}, signed(odd.Sign(g.b.sign)))
	ping := &cx.Ping{From: g.a.id, To: g.b.id, At: noon, Epoch: 1, Log: rc.Log, Schedule: 2}
	g.add(vector{File: "ping.note", Kind: "ping", Why: "a ping"}, signed(ping.Sign(g.a.sign)))
	question, answer, _, _ := g.compared(t)
	g.add(vector{File: "resync.note", Kind: "resync", Why: "a question with two lines"}, question)
	digest := cx.DigestOf(question).String()
	g.add(vector{File: "resync-answer.bin", Kind: "resync.answer", Self: a, Question: digest, Why: "one message beyond, with its proof"}, answer)
	g.add(vector{File: "resync-answer-other.bin", Kind: "resync.answer", Self: a, Question: cx.DigestOf(nil).String(), Code: string(cx.Conflict), Why: "to another question"}, answer)
	g.add(vector{File: "resync-answer-cut.bin", Kind: "resync.answer", Self: a, Question: digest, Code: string(cx.Damaged), Why: "its last proof is cut off"}, answer[:len(answer)-1])
}

// growths are answers that prove how a journal has grown. It is written last: what is
// random before it stays as it was published.
func (g *generator) growths() {
	a := string(g.a.id)
	question, _, with, proofs := g.compared(g.t)
	with.Log = cx.Checkpoint{Epoch: 2, Size: 12, Root: cx.DigestOf([]byte("root"))}
	with.Growth = [][]byte{[]byte("old 9\n\na statement"), []byte("old 9\n\na checkpoint")}
	grown, err := with.Sign(g.b.sign, proofs)
	if err != nil {
		g.t.Fatal(err)
	}
	v := vector{File: "resync-answer-grown.bin", Kind: "resync.answer", Self: a, Question: cx.DigestOf(question).String(), Why: "with its journal: a restore and a checkpoint"}
	g.add(v, grown)
	v.File, v.Code, v.Why = "resync-answer-ungrown.bin", string(cx.Damaged), "its journal is named and nothing proves it"
	g.add(v, grown[:len(grown)-len(with.Growth[0])-len(with.Growth[1])-8])
}

// files are bundles and attachments.
func (g *generator) files() {
	t := g.t
	b, parts := g.carried(t)
	file := written(t, b, parts, g.a.sign)
	g.add(vector{File: "bundle.cxb", Kind: "bundle", Why: "an envelope, a note and a piece of an attachment"}, file)
	g.add(vector{File: "bundle-cut.cxb", Kind: "bundle", Code: string(cx.Damaged), Why: "the last byte is missing"}, file[:len(file)-1])
	g.add(vector{File: "bundle-trailing.cxb", Kind: "bundle", Code: string(cx.BadFormat), Why: "a byte follows the last item"}, append(bytes.Clone(file), 0))
	g.add(vector{File: "bundle-damaged.cxb", Kind: "bundle", Code: string(cx.Damaged), Why: "an item was changed"}, g.swap(file, "a note", "b note"))
	g.add(vector{File: "bundle-list.cxb", Kind: "bundle", Code: string(cx.BadSignature), Why: "the list was changed"}, g.swap(file, "\nparts 1\n", "\nparts 2\n"))
	var sealed bytes.Buffer
	a, err := cx.SealBlob(&sealed, strings.NewReader("a paper"))
	if err != nil {
		t.Fatal(err)
	}
	a.Media, a.Class = "text/plain", "document"
	v := vector{File: "blob.age", Kind: "blob", Attachment: a.Manifest(), Key: string(a.Key), Why: "a sealed attachment"}
	g.add(v, sealed.Bytes())
	v.File, v.Code, v.Why = "blob-cut.age", string(cx.BlobMismatch), "its last byte is missing"
	g.add(v, sealed.Bytes()[:sealed.Len()-1])
}
