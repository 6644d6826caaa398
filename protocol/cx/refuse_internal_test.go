package cx

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"causeway/protocol/identity"
	"causeway/protocol/note"
)

// forge is a sender without scruples: it signs and seals whatever it likes.
type forge struct {
	t    *testing.T
	sign *PairSigner
	pair *note.Secret
	e    *age.HybridIdentity
}

func newForge(t *testing.T) *forge {
	t.Helper()
	pair := note.NewSecret()
	e, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	return &forge{t, NewSigner("xa.dcs", pair), pair, e}
}

func (f *forge) pairs(identity.NodeID, identity.KeyID) (*note.Public, error) {
	return f.pair.Public(), nil
}

// letter returns a letter with nothing special about it.
func (f *forge) letter() *Letter {
	f.t.Helper()
	labels := DefaultLabels(Protection, BasisVital)
	labels.Jurisdiction, labels.RetainRule = "XA", "rule"
	l, err := Write(&Draft{
		To: "xb.moi", Thread: Thread{1}, Stream: Cmd, Type: Withdraw, Labels: labels, Schema: "words/1",
		Payload: []byte(`{}`), Officer: "o-1",
	}, Place{ID: NewID(noon), Seq: 1, Created: noon}, f.sign)
	if err != nil {
		f.t.Fatal(err)
	}
	return l
}

// signed signs the content of a letter anew.
func (f *forge) signed(l *Letter) *Letter {
	f.t.Helper()
	var err error
	if l.note, err = sign(&l.Content, f.sign, NoteLimit); err != nil {
		f.t.Fatal(err)
	}
	return l
}

// wrap puts any bytes in an envelope that is right on the outside.
func (f *forge) wrap(l *Letter, plain []byte, change func(*Header), to ...age.Recipient) *Envelope {
	f.t.Helper()
	var body bytes.Buffer
	w, err := age.Encrypt(&body, append([]age.Recipient{f.e.Recipient()}, to...)...)
	if err == nil {
		_, err = w.Write(plain)
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		f.t.Fatal(err)
	}
	outside := *l
	outside.Content.Type = Withdraw // the outside shows a class that is there
	e, err := Seal(&outside, Cover{Epoch: 1, EKey: f.e.Recipient().String()}, f.sign)
	if err != nil {
		f.t.Fatal(err)
	}
	e.Body = body.Bytes()
	e.Header.BodySize, e.Header.Body = int64(len(e.Body)), DigestOf(e.Body)
	if change != nil {
		change(&e.Header)
	}
	if e.Note, err = sign(&e.Header, f.sign, NoteLimit); err != nil {
		f.t.Fatal(err)
	}
	return e
}

// fate returns why an envelope is refused, "" when it is taken.
func (f *forge) fate(e *Envelope) Code {
	f.t.Helper()
	got, err := Read(bytes.NewReader(e.Bytes()), "xb.moi", f.pairs)
	if err != nil {
		return CodeOf(err)
	}
	m, _, err := got.Open([]age.Identity{f.e}, f.pairs)
	if (m == nil) != (err != nil) {
		f.t.Error("something came out of what was refused")
	}
	return CodeOf(err)
}

func pad(b []byte, size int) []byte { return append(b, make([]byte, size-len(b))...) }

func TestRefusesForgedInside(t *testing.T) {
	f := newForge(t)
	l := f.letter()
	inside := l.Bytes()
	for name, tt := range map[string]struct {
		plain []byte
		want  Code
	}{
		"as it is":               {pad(inside, 16<<10), ""},
		"padded too far":         {pad(inside, 64<<10), BadFormat},
		"padded with ones":       {append(inside, bytes.Repeat([]byte{1}, 16<<10-len(inside))...), BadFormat},
		"the last byte a one":    {append(pad(inside, 16<<10-1), 1), BadFormat},
		"nothing but zeros":      {pad(nil, 4<<10), Readdressed},
		"a part too long":        {pad(binary.BigEndian.AppendUint32(nil, NoteLimit+1), 64<<10), TooLarge},
		"a part that is cut off": {append(pad(nil, 4<<10-4), 0, 0, 0, 9), BadFormat},
		"no keys":                {pad(inside[:len(inside)-len(l.keys)-4], 16<<10), BadFormat},
	} {
		if got := f.fate(f.wrap(l, bytes.Clone(tt.plain), nil)); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestRefusesForgedContent(t *testing.T) {
	f := newForge(t)
	for name, tt := range map[string]struct {
		spoil func(l *Letter)
		want  Code
	}{
		"crit":           {func(l *Letter) { l.Content.Extra, l.Content.Crit = []Extra{{"relay", "yes"}}, []string{"relay"} }, Unsupported},
		"not critical":   {func(l *Letter) { l.Content.Extra = []Extra{{"relay", "yes"}} }, ""},
		"unknown type":   {func(l *Letter) { l.Content.Type = "forget" }, Unsupported},
		"another stream": {func(l *Letter) { l.Content.Stream = Status }, BadFormat},
		"a file without key": {func(l *Letter) {
			l.Content.Attachments = []Attachment{{
				Cipher: Digest{1}, CipherSize: sealedSize(5), Plain: Digest{2}, PlainSize: 5, Media: "text/plain", Class: "document",
			}}
		}, BadFormat},
		"a file of another size": {func(l *Letter) {
			l.Content.Attachments = []Attachment{{
				Cipher: Digest{1}, CipherSize: sealedSize(5) + 1, Plain: Digest{2}, PlainSize: 5, Media: "text/plain", Class: "document",
			}}
		}, BadFormat},
		"abuse imagery": {func(l *Letter) {
			l.Content.Attachments = []Attachment{{
				Cipher: Digest{1}, CipherSize: sealedSize(5), Plain: Digest{2}, PlainSize: 5, Media: "image/png", Class: Prohibited,
			}}
		}, LabelRefused},
		"a payload that is no object": {func(l *Letter) { l.payload = []byte(strings.Replace(string(l.payload), "{}", "[]", 1)) }, BadFormat},
		"labels of another kind":      {func(l *Letter) { l.labels = []byte("causeway/labels/2\n") }, Unsupported},
	} {
		l := f.letter()
		tt.spoil(l)
		l.Content.Labels, l.Content.Payload = DigestOf(l.labels), DigestOf(l.payload)
		f.signed(l)
		if got := f.fate(f.wrap(l, pad(l.Bytes(), 16<<10), nil)); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
	l := f.letter()
	other := func(h *Header) { h.Content = DigestOf([]byte("another")) }
	if got := f.fate(f.wrap(l, pad(l.Bytes(), 16<<10), other)); got != Readdressed {
		t.Errorf("a content that the header does not name: %q", got)
	}
	huge := func(h *Header) { h.Blobs = []Blob{{Digest{1}, BlobLimit + 1}} }
	if got := f.fate(f.wrap(l, pad(l.Bytes(), 16<<10), huge)); got != TooLarge {
		t.Errorf("a blob that is too large: %q", got)
	}
	many := func(h *Header) {
		for i := range 6 {
			h.Blobs = append(h.Blobs, Blob{Digest{byte(i + 1)}, BlobLimit})
		}
	}
	if got := f.fate(f.wrap(l, pad(l.Bytes(), 16<<10), many)); got != TooLarge {
		t.Errorf("blobs that are too large together: %q", got)
	}
}

// filler is a recipient that nobody is: it makes the header of an age file longer.
type filler struct{ size int }

// Wrap implements age.Recipient.
func (f filler) Wrap([]byte) ([]*age.Stanza, error) {
	return []*age.Stanza{{Type: "fill", Args: []string{strings.Repeat("x", f.size)}, Body: []byte("x")}}, nil
}

// WrapWithLabels implements age.RecipientWithLabels.
func (f filler) WrapWithLabels(key []byte) ([]*age.Stanza, []string, error) {
	s, err := f.Wrap(key)
	return s, []string{"postquantum"}, err
}

// TestRefusesSecondRecipient: whoever else can open a body does not stay unseen.
func TestRefusesSecondRecipient(t *testing.T) {
	f := newForge(t)
	l := f.letter()
	plain := pad(l.Bytes(), 16<<10)
	one := f.wrap(l, plain, nil, filler{1})
	if got := f.fate(one); got != BadFormat {
		t.Errorf("of a size that no body has: %q", got)
	}
	fits := f.wrap(l, plain, nil, filler{1 + int(sealedSize(64<<10)-one.Header.BodySize)})
	if fits.Header.BodySize != sealedSize(64<<10) {
		t.Fatalf("the body has %d bytes", fits.Header.BodySize)
	}
	if got := f.fate(fits); got != BadFormat {
		t.Errorf("of a size that a longer letter has: %q", got)
	}
}

func TestCheckAttachments(t *testing.T) {
	good := func(n byte) Attachment {
		const size = BlobLimit - 1<<20
		return Attachment{Cipher: Digest{n}, CipherSize: sealedSize(size), Plain: Digest{n}, PlainSize: size, Media: "video/mp4", Class: "recording"}
	}
	list := func(n int) (out []Attachment) {
		for i := range n {
			out = append(out, good(byte(i+1)))
		}
		return out
	}
	small := list(AttachmentsLimit + 1)
	for i := range small {
		small[i].PlainSize, small[i].CipherSize = 1, sealedSize(1)
	}
	odd := list(1)
	odd[0].CipherSize++
	for name, tt := range map[string]struct {
		list []Attachment
		want Code
	}{
		"five": {list(5), ""}, "more than an envelope may have": {list(6), TooLarge}, "many": {small[1:], ""}, "too many": {small, TooLarge},
		"sizes that do not fit": {odd, BadFormat}, "one twice": {append(list(1), list(1)...), BadFormat},
	} {
		if got := CodeOf(checkAttachments(tt.list)); got != tt.want {
			t.Errorf("%s: %q, want %q", name, got, tt.want)
		}
	}
}

func TestSealBlobLimit(t *testing.T) {
	if _, err := sealBlob(io.Discard, strings.NewReader("a paper"), sealedSize(7)); err != nil {
		t.Errorf("as large as it may be: %v", err)
	}
	if _, err := sealBlob(io.Discard, strings.NewReader("a papers"), sealedSize(7)); !errors.Is(err, TooLarge) {
		t.Errorf("a byte too large: %v", err)
	}
}

func TestOpenBlobSize(t *testing.T) {
	var sealed bytes.Buffer
	a, err := SealBlob(&sealed, strings.NewReader("a paper"))
	if err != nil {
		t.Fatal(err)
	}
	a.CipherSize++
	if err := OpenBlob(io.Discard, &sealed, &a); !errors.Is(err, BlobMismatch) {
		t.Errorf("a size that is not its own: %v", err)
	}
}

func TestNoteLimits(t *testing.T) {
	f := newForge(t)
	r := &Receipt{Stage: Stored, From: "xa.dcs", To: "xb.moi", ID: NewID(noon), Header: Digest{1}, Content: Digest{2}, At: noon, Epoch: 1}
	r.Extra = []Extra{{"a", "b"}}
	msg, err := r.Sign(f.sign)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReceipt(msg, "xb.moi", f.pairs); err != nil {
		t.Errorf("an extension that need not be known: %v", err)
	}
	r.Crit = []string{"a"}
	if msg, err = r.Sign(f.sign); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenReceipt(msg, "xb.moi", f.pairs); !errors.Is(err, Unsupported) {
		t.Errorf("one that must be: %v", err)
	}
	if _, err := OpenReceipt(append(msg, make([]byte, NoteLimit)...), "xb.moi", f.pairs); !errors.Is(err, TooLarge) {
		t.Errorf("larger than a note: %v", err)
	}
	list := &Bundle{From: "xa.dcs", To: "xb.moi", At: noon, Part: 1, Parts: 1, Items: []Item{
		{What: CarriedBlob, Size: 10, Digest: Digest{1}, Blob: Digest{2}, Offset: 91, Whole: 100},
	}}
	if _, err := WriteBundle(io.Discard, list, f.sign); !errors.Is(err, BadFormat) {
		t.Errorf("a piece beyond the end: %v", err)
	}
	list.Items[0].Offset, list.Items[0].Whole = 0, BlobLimit+1
	if _, err := WriteBundle(io.Discard, list, f.sign); !errors.Is(err, BadFormat) {
		t.Errorf("a piece of something too large: %v", err)
	}
	list.Items[0].Offset, list.Items[0].Whole = 90, 100
	if _, err := WriteBundle(io.Discard, list, f.sign); err != nil {
		t.Errorf("the last piece: %v", err)
	}
}

// TestAnothersHeaderProvesNothing: what somebody else sent is not what we lost.
func TestAnothersHeaderProvesNothing(t *testing.T) {
	f := newForge(t)
	e := f.wrap(f.letter(), pad(nil, 4<<10), nil) // from xa.dcs to xb.moi
	h := e.Header
	peer := NewSigner("xb.moi", f.pair)
	a := &SyncAnswer{
		Sync: Sync{From: "xb.moi", To: "xc.ngo", At: noon, Epoch: 1}, Question: Digest{1},
		Beyond: []Beyond{{h.Thread, h.Stream, h.Seq, h.ID, h.Content, h.Epoch}},
	}
	read := func(to identity.NodeID) error {
		a.To = to
		b, err := a.Sign(peer, map[ID][]byte{h.ID: e.Note})
		if err != nil {
			t.Fatal(err)
		}
		_, err = ReadSyncAnswer(bytes.NewReader(b), Digest{1}, to, f.pairs)
		return err
	}
	if err := read("xa.dcs"); err != nil {
		t.Errorf("our own header: %v", err)
	}
	if err := read("xc.ngo"); !errors.Is(err, Conflict) {
		t.Errorf("another's: %v", err)
	}
}
