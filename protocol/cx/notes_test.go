package cx_test

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

func TestReceipts(t *testing.T) {
	r := newRig(t)
	e := seal(t, r.letter(t, draft()), r.a, r.b)
	rc := cx.ReceiptOf(e, noon.Add(time.Millisecond))
	rc.Stage, rc.Epoch = cx.Stored, 1
	msg, err := rc.Sign(r.b.sign)
	if err != nil {
		t.Fatal(err)
	}
	got, err := cx.OpenReceipt(msg, r.a.id, r.pairs)
	if err != nil || !got.For(e) || got.Stage != cx.Stored || !got.At.Equal(noon) {
		t.Errorf("OpenReceipt = %+v, %v", got, err)
	}
	if bytes.Contains(msg, []byte("referral")) || bytes.Contains(msg, []byte("officer")) {
		t.Error("a receipt says what it is about")
	}
	if _, err := cx.OpenReceipt(msg, r.c.id, r.pairs); cx.CodeOf(err) != cx.WrongRecipient {
		t.Errorf("at another node: %v", err)
	}
	if _, err := cx.OpenReceipt(bytes.Replace(msg, []byte("stored"), []byte("opened"), 1), r.a.id, r.pairs); cx.CodeOf(err) != cx.BadSignature {
		t.Errorf("a receipt that says more than was signed: %v", err)
	}
	if other := seal(t, r.letter(t, draft()), r.a, r.b); got.For(other) {
		t.Error("the receipt counts for another letter")
	}
	for name, spoil := range map[string]func(*cx.Receipt){
		"a confirmation with a code": func(r *cx.Receipt) { r.Code = cx.LabelRefused },
		"a denial without one":       func(r *cx.Receipt) { r.Stage = cx.Rejected },
		"labels unmet, but stored":   func(r *cx.Receipt) { r.Unmet = []string{"court"} },
		"in another's name":          func(r *cx.Receipt) { r.From = "xc.ngo" },
	} {
		bad := *got
		spoil(&bad)
		if _, err := bad.Sign(r.b.sign); err == nil {
			t.Errorf("%s: signed", name)
		}
	}
}

func TestRefusals(t *testing.T) {
	r := newRig(t)
	msg, err := (&cx.Refusal{From: r.b.id, To: r.a.id, ID: cx.NewID(noon), Code: cx.Gap, At: noon, Want: 3}).Sign(r.b.sign)
	if err != nil {
		t.Fatal(err)
	}
	got, err := cx.OpenRefusal(msg, r.a.id, r.pairs)
	if err != nil || got.Code != cx.Gap || got.Want != 3 {
		t.Errorf("OpenRefusal = %+v, %v", got, err)
	}
	msg, err = (&cx.Refusal{From: r.b.id, To: r.a.id, Code: "invented_later", At: noon}).Sign(r.b.sign)
	if err != nil {
		t.Fatal(err)
	}
	if got, err := cx.OpenRefusal(msg, r.a.id, r.pairs); err != nil || got.Code.Final() {
		t.Errorf("a code that is not known: %+v, %v", got, err)
	}
	if _, err := (&cx.Refusal{From: r.b.id, To: r.a.id, Code: cx.Busy, At: noon, Want: 3}).Sign(r.b.sign); err == nil {
		t.Error("a number is wanted although nothing is missing")
	}
}

func TestPing(t *testing.T) {
	r := newRig(t)
	msg, err := (&cx.Ping{From: r.a.id, To: r.b.id, At: noon, Epoch: 1}).Sign(r.a.sign)
	if err != nil {
		t.Fatal(err)
	}
	p, err := cx.OpenPing(msg, r.b.id, r.pairs)
	if err != nil || p.Apart(noon.Add(time.Hour)) != time.Hour || p.Apart(noon.Add(-time.Hour)) != time.Hour {
		t.Errorf("OpenPing = %+v, %v", p, err)
	}
}

// compared is a comparison in which b holds one message more than a knows of.
func (r *rig) compared(t testing.TB) (question, answer []byte, want *cx.SyncAnswer, proofs map[cx.ID][]byte) {
	t.Helper()
	e := seal(t, r.letter(t, draft()), r.a, r.b)
	th := cx.Thread{2}
	question, err := (&cx.Sync{From: r.a.id, To: r.b.id, At: noon, Epoch: 1, Stands: []cx.Stand{
		{Thread: th, Stream: cx.Status, Ours: true, Len: 0},
		{Thread: th, Stream: cx.Cmd, Ours: false, Len: 2, Head: cx.DigestOf(nil)},
		{Thread: th, Stream: cx.Cmd, Ours: true, Len: 1, Head: cx.DigestOf(nil)},
	}}).Sign(r.a.sign)
	if err != nil {
		t.Fatal(err)
	}
	h := e.Header
	a := &cx.SyncAnswer{
		Sync: cx.Sync{
			From: r.b.id, To: r.a.id, At: noon, Epoch: 4, Known: 1, Seen: cx.Checkpoint{Epoch: 1, Size: 9, Root: cx.DigestOf(nil)},
		},
		Question: cx.DigestOf(question), SeenBy: []byte("a checkpoint"),
		Beyond: []cx.Beyond{{Thread: h.Thread, Stream: h.Stream, Seq: h.Seq, ID: h.ID, Content: h.Content, Epoch: h.Epoch}},
	}
	proofs = map[cx.ID][]byte{h.ID: e.Note}
	answer, err = a.Sign(r.b.sign, proofs)
	if err != nil {
		t.Fatal(err)
	}
	return question, answer, a, proofs
}

func TestSync(t *testing.T) {
	r := newRig(t)
	question, answer, want, proofs := r.compared(t)
	q, err := cx.OpenSync(question, r.b.id, r.pairs)
	if err != nil || len(q.Stands) != 2 || !q.Stands[0].Ours {
		t.Fatalf("OpenSync = %+v, %v", q, err)
	}
	read := func(b []byte) (*cx.SyncAnswer, error) {
		return cx.ReadSyncAnswer(bytes.NewReader(b), cx.DigestOf(question), r.a.id, r.pairs)
	}
	a, err := read(answer)
	if err != nil || len(a.Beyond) != 1 || a.Beyond[0] != want.Beyond[0] || string(a.SeenBy) != "a checkpoint" {
		t.Fatalf("ReadSyncAnswer = %+v, %v", a, err)
	}
	if _, err := cx.ReadSyncAnswer(bytes.NewReader(answer), cx.DigestOf(nil), r.a.id, r.pairs); cx.CodeOf(err) != cx.Conflict {
		t.Errorf("the answer to another question: %v", err)
	}
	if _, err := read(answer[:len(answer)-1]); cx.CodeOf(err) != cx.Damaged {
		t.Errorf("cut off: %v", err)
	}
	if _, err := read(append(bytes.Clone(answer), 1)); cx.CodeOf(err) != cx.BadFormat {
		t.Errorf("more behind it: %v", err)
	}

	want.Log, want.Growth = cx.Checkpoint{Epoch: 1, Size: 3, Root: cx.DigestOf(nil)}, [][]byte{[]byte("one"), []byte("two")}
	grown, err := want.Sign(r.b.sign, proofs)
	if err != nil {
		t.Fatal(err)
	}
	if a, err := read(grown); err != nil || len(a.Growth) != 2 || string(a.Growth[1]) != "two" {
		t.Errorf("with the growth of a journal: %+v, %v", a, err)
	}
	if _, err := read(append(bytes.Clone(grown), 0, 0)); cx.CodeOf(err) != cx.Damaged {
		t.Errorf("half a part more: %v", err)
	}
	want.Growth = nil
	if _, err := want.Sign(r.b.sign, proofs); cx.CodeOf(err) != cx.BadFormat {
		t.Errorf("a journal without its growth: %v", err)
	}
	want.Log = cx.Checkpoint{}

	// A peer that makes up what we are said to have lost has no header of ours for it.
	want.Beyond[0].Content = cx.DigestOf([]byte("made up"))
	lie, err := want.Sign(r.b.sign, proofs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(lie); cx.CodeOf(err) != cx.Conflict {
		t.Errorf("another content than in the header: %v", err)
	}
	want.Beyond[0].Content = a.Beyond[0].Content
	proofs[want.Beyond[0].ID] = bytes.Replace(a.Proofs[0], []byte("seq 1\n"), []byte("seq 9\n"), 1)
	lie, err = want.Sign(r.b.sign, proofs)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := read(lie); cx.CodeOf(err) != cx.BadSignature {
		t.Errorf("a header that was not signed so: %v", err)
	}
}

func TestPeek(t *testing.T) {
	r := newRig(t)
	b := seal(t, r.letter(t, draft()), r.a, r.b).Bytes()
	kind, whole, err := cx.Peek(bytes.NewReader(b))
	if err != nil || kind != cx.KindEnvelope {
		t.Fatalf("Peek = %q, %v", kind, err)
	}
	if all, err := io.ReadAll(whole); err != nil || !bytes.Equal(all, b) {
		t.Errorf("what was peeked at is not whole: %v", err)
	}
	ping, err := (&cx.Ping{From: r.a.id, To: r.b.id, At: noon, Epoch: 1}).Sign(r.a.sign)
	if err != nil {
		t.Fatal(err)
	}
	kind, whole, err = cx.Peek(bytes.NewReader(cx.Frame(ping)))
	if err != nil || kind != cx.KindPing {
		t.Fatalf("Peek = %q, %v", kind, err)
	}
	if got, err := cx.Unframe(whole); err != nil || !bytes.Equal(got, ping) {
		t.Errorf("Unframe: %v", err)
	}
	if _, err := cx.Unframe(bytes.NewReader(append(cx.Frame(ping), 0))); cx.CodeOf(err) != cx.BadFormat {
		t.Errorf("more behind a note: %v", err)
	}
	if kind := cx.KindOf([]byte("go.sum database tree\n")); kind != "" {
		t.Errorf("another's note is a %q", kind)
	}
}

func TestBodies(t *testing.T) {
	id := cx.NewID(noon)
	b, err := cx.EncodeBody(&cx.VoidBody{Stands: cx.DigestOf(nil).String()})
	if err != nil {
		t.Fatal(err)
	}
	if v, err := cx.DecodeBody[cx.VoidBody](b); err != nil || v.Stands != cx.DigestOf(nil).String() {
		t.Errorf("void: %+v, %v", v, err)
	}
	if _, err := cx.DecodeBody[cx.VoidBody]([]byte(`{"stands":"","later":[1]}`)); err != nil {
		t.Errorf("a member that is not known: %v", err)
	}
	for _, bad := range []string{"", "null x", `{"stands":"x"}`, `{"stands":""}{}`, `{"stands":1}`, `[]`} {
		if _, err := cx.DecodeBody[cx.VoidBody]([]byte(bad)); !errors.Is(err, cx.BadFormat) {
			t.Errorf("void %q: %v", bad, err)
		}
	}
	if _, err := cx.EncodeBody(&cx.RetentionDueBody{ID: id.String(), Done: "extended"}); err == nil {
		t.Error("an extension without a reason")
	}
	if _, err := cx.EncodeBody(&cx.RetentionDueBody{ID: id.String(), Done: "extended", Reason: "court-order", Until: "2027-01-01T00:00:00Z"}); err != nil {
		t.Errorf("an extension: %v", err)
	}
	if _, err := cx.EncodeBody(&cx.SignedNoteBody{Note: "causeway/schedule/1\n"}); err != nil {
		t.Errorf("a note: %v", err)
	}
}

func TestTighten(t *testing.T) {
	l := draft().Labels
	id := cx.NewID(noon).String()
	got, err := (&cx.LabelUpdateBody{
		ID: id, Handling: cx.H3, Onward: cx.OnwardNone, Court: cx.CourtNo, Flags: []cx.Flag{cx.ChildMayNotSee},
	}).Tighten(l)
	if err != nil || got.Check() != nil || got.Handling != cx.H3 || !got.Has(cx.ChildMayNotSee) || !got.Has(cx.LocationSecret) || got.Derived() != "TLP:RED" {
		t.Errorf("Tighten = %+v, %v", got, err)
	}
	for name, u := range map[string]cx.LabelUpdateBody{
		"handling": {Handling: cx.H1}, "onward": {Onward: cx.OnwardAsk}, "until, where a rule stands": {Until: "2027-01-01T00:00:00Z"},
	} {
		if _, err := u.Tighten(l); cx.CodeOf(err) != cx.LabelRefused {
			t.Errorf("%s loosened: %v", name, err)
		}
	}
	l.Court = cx.CourtNo
	if _, err := (&cx.LabelUpdateBody{Court: cx.CourtAsk}).Tighten(l); cx.CodeOf(err) != cx.LabelRefused {
		t.Errorf("court loosened: %v", err)
	}
	if l.RetainUntil = noon; l.Check() == nil {
		t.Error("a day and a rule")
	}
	l.RetainRule = ""
	if _, err := (&cx.LabelUpdateBody{Until: "2026-11-30T12:00:01Z"}).Tighten(l); cx.CodeOf(err) != cx.LabelRefused {
		t.Errorf("kept longer: %v", err)
	}
}

// carried is a bundle from a to b with an envelope, a note and a piece of an attachment.
func (r *rig) carried(t testing.TB) (*cx.Bundle, [][]byte) {
	t.Helper()
	parts := [][]byte{seal(t, r.letter(t, draft()), r.a, r.b).Bytes(), []byte("a note"), []byte("a piece of an attachment")}
	b := &cx.Bundle{From: r.a.id, To: r.b.id, At: noon, Part: 1, Parts: 1}
	for i, what := range []cx.Carried{cx.CarriedEnvelope, cx.CarriedNote, cx.CarriedBlob} {
		b.Items = append(b.Items, cx.Item{What: what, Size: int64(len(parts[i])), Digest: cx.DigestOf(parts[i])})
	}
	b.Items[2].Blob, b.Items[2].Offset, b.Items[2].Whole = cx.DigestOf([]byte("all")), 100, 1000
	return b, parts
}

// written returns the bytes of a bundle.
func written(t testing.TB, b *cx.Bundle, parts [][]byte, by cx.Signer) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := cx.WriteBundle(&out, b, by)
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range parts {
		if err := w.Add(bytes.NewReader(p)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestBundle(t *testing.T) {
	r := newRig(t)
	b, parts := r.carried(t)
	file := written(t, b, parts, r.a.sign)
	in, err := cx.ReadBundle(bytes.NewReader(file), r.b.id, r.pairs)
	if err != nil {
		t.Fatal(err)
	}
	for i := range parts {
		it, item, err := in.Next()
		if err != nil {
			t.Fatal(err)
		}
		got, err := io.ReadAll(item)
		if err != nil || !bytes.Equal(got, parts[i]) || *it != b.Items[i] {
			t.Errorf("item %d: %+v, %v", i, it, err)
		}
	}
	if _, _, err := in.Next(); !errors.Is(err, io.EOF) {
		t.Errorf("after the last: %v", err)
	}
}

// TestBundleDamaged: an item that was damaged on the way is found, and the others are
// read all the same.
func TestBundleDamaged(t *testing.T) {
	r := newRig(t)
	b, parts := r.carried(t)
	file := written(t, b, parts, r.a.sign)
	at := bytes.Index(file, parts[1])
	file[at] ^= 1
	in, err := cx.ReadBundle(bytes.NewReader(file), r.b.id, r.pairs)
	if err != nil {
		t.Fatal(err)
	}
	var codes []string
	for {
		it, _, err := in.Next() // what is not read is read over
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			codes = append(codes, string(cx.CodeOf(err)))
			continue
		}
		codes = append(codes, string(it.What))
	}
	if got, want := strings.Join(codes, " "), "envelope note damaged blob"; got != want {
		t.Errorf("read %q, want %q", got, want)
	}
}

func TestBundleRefuses(t *testing.T) {
	r := newRig(t)
	b, parts := r.carried(t)
	file := written(t, b, parts, r.a.sign)
	read := func(b []byte) error {
		in, err := cx.ReadBundle(bytes.NewReader(b), r.b.id, r.pairs)
		for err == nil {
			_, _, err = in.Next()
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		return err
	}
	for name, tt := range map[string]struct {
		file []byte
		want cx.Code
	}{
		"as it is":            {file, ""},
		"cut off":             {file[:len(file)-1], cx.Damaged},
		"cut off in its list": {file[:100], cx.Damaged},
		"more behind it":      {append(bytes.Clone(file), 0), cx.BadFormat},
		"another list":        {bytes.Replace(file, []byte("part 1\n"), []byte("part 2\n"), 1), cx.BadFormat},
		"another time":        {bytes.Replace(file, []byte("at 2026"), []byte("at 2027"), 1), cx.BadSignature},
		"a huge list":         {[]byte{0xff, 0xff, 0xff, 0xff}, cx.TooLarge},
	} {
		if err := read(tt.file); cx.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if _, err := cx.ReadBundle(bytes.NewReader(file), r.c.id, r.pairs); cx.CodeOf(err) != cx.WrongRecipient {
		t.Errorf("at another node: %v", err)
	}
	stranger := func(identity.NodeID, identity.KeyID) (*pair, error) { return nil, cx.UnknownSender }
	if _, err := cx.ReadBundle(bytes.NewReader(file), r.b.id, stranger); cx.CodeOf(err) != cx.UnknownSender {
		t.Errorf("by a stranger: %v", err)
	}
	b.Items[0].Size = cx.BundleLimit + 1
	if _, err := cx.WriteBundle(io.Discard, b, r.a.sign); err == nil {
		t.Error("a part that is too large")
	}
	b.Items = b.Items[1:]
	w, err := cx.WriteBundle(io.Discard, b, r.a.sign)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Add(strings.NewReader("another note than in the list")); cx.CodeOf(err) != cx.Damaged {
		t.Errorf("an item that is not the one of the list: %v", err)
	}
	if err := w.Close(); cx.CodeOf(err) != cx.Damaged {
		t.Errorf("an item is missing: %v", err)
	}
}

func FuzzRead(f *testing.F) {
	all, r := published(f)
	for _, v := range all.Vectors {
		if v.Kind == "envelope" {
			f.Add(v.bytes(f))
		}
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		env, err := r.read(b)
		if err != nil {
			return
		}
		if !bytes.Equal(env.Bytes(), b) {
			t.Fatal("an envelope that was read is written otherwise")
		}
		m, l, err := env.Open([]age.Identity{r.b.e}, r.pairs)
		if (err == nil) != (m != nil && l != nil) {
			t.Fatalf("something came out of what was refused: %v", err)
		}
	})
}

func FuzzReadLetter(f *testing.F) {
	r := newRig(f)
	f.Add(r.letter(f, draft()).Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := cx.ReadLetter(b)
		if err == nil && !bytes.Equal(l.Bytes(), b) {
			t.Fatal("a letter that was read is written otherwise")
		}
	})
}

func FuzzPayload(f *testing.F) {
	r := newRig(f)
	f.Add(r.letter(f, draft()).Payload())
	f.Fuzz(func(t *testing.T, b []byte) {
		body, err := cx.ReadPayload(b)
		if err == nil && (len(body) == 0 || body[0] == ',' || !bytes.HasSuffix(b, append(bytes.Clone(body), '}'))) {
			t.Fatalf("read %q out of %q", body, b)
		}
	})
}

func FuzzBundle(f *testing.F) {
	all, r := published(f)
	for _, v := range all.Vectors {
		if v.Kind == "bundle" {
			f.Add(v.bytes(f))
		}
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		in, err := cx.ReadBundle(bytes.NewReader(file), r.b.id, r.pairs)
		for err == nil {
			_, _, err = in.Next()
		}
	})
}

func FuzzSyncAnswerProofs(f *testing.F) {
	r := newRig(f)
	question, answer, _, _ := r.compared(f)
	f.Add(answer)
	f.Fuzz(func(t *testing.T, b []byte) {
		a, err := cx.ReadSyncAnswer(bytes.NewReader(b), cx.DigestOf(question), r.a.id, r.pairs)
		if err == nil && len(a.Proofs) != len(a.Beyond) {
			t.Fatal("a line without its proof")
		}
	})
}

func FuzzOpenBlob(f *testing.F) {
	var sealed bytes.Buffer
	a, err := cx.SealBlob(&sealed, strings.NewReader("a paper"))
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed.Bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		if cx.OpenBlob(io.Discard, bytes.NewReader(b), &a) == nil && !bytes.Equal(b, sealed.Bytes()) {
			t.Fatal("another file was taken for the attachment")
		}
	})
}

func FuzzNames(f *testing.F) {
	f.Add(cx.NewID(noon).String())
	f.Add(cx.NewThread().String())
	f.Add(cx.DigestOf(nil).String())
	f.Fuzz(func(t *testing.T, text string) {
		if id, err := cx.ParseID(text); err == nil && id.String() != text {
			t.Errorf("id %q is written as %s", text, id)
		}
		if th, err := cx.ParseThread(text); err == nil && th.String() != text {
			t.Errorf("thread %q is written as %s", text, th)
		}
		if d, err := cx.ParseDigest(text); err == nil && d.String() != text {
			t.Errorf("digest %q is written as %s", text, d)
		}
	})
}
