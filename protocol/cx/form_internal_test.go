package cx

import (
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"causeway/protocol/identity"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// sample is one kind of text: a value with everything in it, and how to read it.
type sample struct {
	full, least form
	empty       func() form
}

// samples are all kinds of texts.
func samples(t testing.TB) map[string]sample {
	t.Helper()
	id := ID{1, 2, 3, 4, 5, 6, 0x70, 8, 0x80}
	th, d, k := Thread{9}, DigestOf([]byte("x")), identity.KeyID{7}
	until := noon.Add(DefaultExpiry)
	ext, crit := []Extra{{"a", "b c"}, {"embargo", "2027"}}, []string{"embargo"}
	log := Checkpoint{2, 100, d}
	a := Attachment{
		Cipher: d, CipherSize: 1759, Plain: d, PlainSize: 100, Media: "application/pdf", Class: "document", RetainUntil: until,
	}
	blob, err := NewBlobKey()
	if err != nil {
		t.Fatal(err)
	}
	head := Header{
		From: "xa.dcs", To: "xb.moi.unit", ID: id, Class: ClassCase, Thread: th, Stream: Cmd, Seq: 2, Epoch: 1, Created: noon,
		Expires: until, Content: d, BodySize: 5755, Body: d, SKey: k, EKey: k,
	}
	fullHead := head
	fullHead.Answers, fullHead.Resend, fullHead.Blobs, fullHead.Extra, fullHead.Crit = id, 3, []Blob{{d, 5}, {d, 6}}, ext, crit
	content := Content{
		From: "xa.dcs", To: "xb.moi", ID: id, Thread: th, Stream: Cmd, Seq: 1, Type: ReferralOffer, Schema: "offer/1",
		Created: noon, Expires: until, Officer: "o-1", Labels: d, Payload: d, SKey: k,
	}
	fullContent := content
	fullContent.Seq, fullContent.Prev, fullContent.Answers = 2, d, id
	fullContent.Attachments, fullContent.Extra, fullContent.Crit = []Attachment{a}, ext, crit
	labels := DefaultLabels(Protection, BasisVital)
	labels.Jurisdiction, labels.RetainRule = "XA", "five-years"
	full := labels
	full.Basis, full.BasisRef, full.Onward, full.Nodes = BasisConsent, "Children Act, art. 3 – ü", OnwardList, []identity.NodeID{"xb.moi", "xc.ngo"}
	full.Consent = &Consent{By: "child", At: noon, Scope: "referral", Language: "ar", Ref: "c-1", Assent: "yes", Withdrawn: true}
	full.Roles, full.Eval, full.Flags = []string{"guardian", "social"}, "B2", Flags()
	full.RetainRule, full.RetainUntil, full.Extra, full.Crit = "", until, ext, crit
	receipt := Receipt{Stage: Stored, From: "xb.moi", To: "xa.dcs", ID: id, Header: d, Content: d, At: noon, Epoch: 1, SKey: k}
	fullReceipt := receipt
	fullReceipt.Stage, fullReceipt.Code, fullReceipt.Unmet = Refused, LabelRefused, []string{"court", "roles"}
	fullReceipt.Leaf, fullReceipt.Log, fullReceipt.Extra, fullReceipt.Crit = d, log, ext, crit
	sync := Sync{From: "xa.dcs", To: "xb.moi", At: noon, Epoch: 2, SKey: k}
	fullSync := sync
	fullSync.Known, fullSync.Log, fullSync.Seen = 1, log, log
	fullSync.Stands = []Stand{{th, Cmd, true, 5, d}, {th, Cmd, false, 5, d}, {th, Status, true, 1, d}}
	return map[string]sample{
		"envelope": {&fullHead, &head, func() form { return &Header{} }},
		"content":  {&fullContent, &content, func() form { return &Content{} }},
		"labels":   {&labelText{full, salt{1}}, &labelText{labels, salt{}}, func() form { return &labelText{} }},
		"keys":     {&keyText{[]BlobKey{blob, blob}}, &keyText{}, func() form { return &keyText{} }},
		"receipt":  {&fullReceipt, &receipt, func() form { return &Receipt{} }},
		"error": {
			&Refusal{From: "xb.moi", To: "xa.dcs", ID: id, Code: Gap, At: noon, Want: 7, SKey: k},
			&Refusal{From: "xb.moi", To: "xa.dcs", Code: UnknownEKey, At: noon, EKey: k, SKey: k},
			func() form { return &Refusal{} },
		},
		"resync": {&fullSync, &sync, func() form { return &Sync{} }},
		"resync.answer": {
			&SyncAnswer{Sync: fullSync, Question: d, Beyond: []Beyond{{th, Cmd, 6, id, d, 1}, {th, Cmd, 7, id, d, 1}}},
			&SyncAnswer{Sync: sync, Question: d}, func() form { return &SyncAnswer{} },
		},
		"ping": {
			&Ping{From: "xa.dcs", To: "xb.moi", At: noon, Epoch: 1, Log: log, Schedule: 4, SKey: k},
			&Ping{From: "xa.dcs", To: "xb.moi", At: noon, Epoch: 1, SKey: k}, func() form { return &Ping{} },
		},
		"bundle": {
			&Bundle{From: "xa.dcs", To: "xb.moi", At: noon, Part: 1, Parts: 2, SKey: k, Items: []Item{
				{What: CarriedEnvelope, Size: 5, Digest: d},
				{What: CarriedNote, Size: 6, Digest: d},
				{What: CarriedBlob, Size: 10, Digest: d, Blob: d, Offset: 20, Whole: 30},
			}},
			&Bundle{From: "xa.dcs", To: "xb.moi", At: noon, Part: 2, Parts: 2, SKey: k}, func() form { return &Bundle{} },
		},
	}
}

// TestFormsRoundTrip: what is written is read as the same value, for the fullest and the
// emptiest of every kind.
func TestFormsRoundTrip(t *testing.T) {
	for name, s := range samples(t) {
		for _, f := range []form{s.full, s.least} {
			text, err := format(f)
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			got := s.empty()
			if err := parse(text, got); err != nil {
				t.Fatalf("%s: %v in\n%s", name, err, text)
			}
			if !reflect.DeepEqual(got, f) {
				t.Errorf("%s: got %+v, want %+v", name, got, f)
			}
			if again, err := format(got); err != nil || again != text {
				t.Errorf("%s: written again: %v\n%s", name, err, again)
			}
		}
	}
}

// TestFormsHaveOneSpelling turns every text in many ways. What is still accepted must be
// another value, which is written as just that text.
func TestFormsHaveOneSpelling(t *testing.T) {
	for name, s := range samples(t) {
		text, err := format(s.full)
		if err != nil {
			t.Fatal(err)
		}
		for how, bad := range turned(text) {
			if bad == text { // there was nothing to turn
				continue
			}
			got := s.empty()
			err := parse(bad, got)
			if err != nil {
				if !errors.Is(err, BadFormat) && !errors.Is(err, Unsupported) {
					t.Errorf("%s, %s: %v has no code", name, how, err)
				}
				continue
			}
			if again, err := format(got); err != nil || again != bad || reflect.DeepEqual(got, s.full) {
				t.Errorf("%s, %s: accepted another spelling of the same: %v", name, how, err)
			}
		}
	}
}

// turned returns a text with lines left out, doubled and swapped, and with values
// written in other ways.
func turned(text string) map[string]string {
	out := map[string]string{
		"empty": "", "no end": strings.TrimSuffix(text, "\n"), "an empty line": text + "\n", "another line": text + "more than this\n",
		"carriage returns": strings.ReplaceAll(text, "\n", "\r\n"), "spaces": strings.ReplaceAll(text, " ", "  "),
		"capitals": strings.ToUpper(text), "version 2": strings.Replace(text, "/1\n", "/2\n", 1), "version 01": strings.Replace(text, "/1\n", "/01\n", 1),
		"another zone": strings.ReplaceAll(text, "Z", "+00:00"), "a plus": strings.ReplaceAll(text, " 2", " +2"), "a zero": strings.ReplaceAll(text, " 2\n", " 02\n"),
		"hexadecimal in capitals": strings.ReplaceAll(text, "a", "A"), "a fraction": strings.ReplaceAll(text, ":00Z", ":00.0Z"),
		"a byte order mark": "\ufeff" + text, "minus": strings.ReplaceAll(text, " 2", " -2"), "huge": strings.ReplaceAll(text, " 2", " 99999999999999999992"),
	}
	lines := strings.SplitAfter(strings.TrimSuffix(text, "\n"), "\n")
	lines[len(lines)-1] += "\n"
	for i := range lines {
		at := strings.TrimSpace(lines[i])
		without := append(append([]string{}, lines[:i]...), lines[i+1:]...)
		out["without "+at] = strings.Join(without, "")
		twice := append(append(append([]string{}, lines[:i]...), lines[i]), lines[i:]...)
		out["twice "+at] = strings.Join(twice, "")
		out["a space behind "+at] = strings.Join(lines[:i], "") + at + " \n" + strings.Join(lines[i+1:], "")
		key, _, _ := strings.Cut(at, " ")
		out["no value of "+at] = strings.Join(lines[:i], "") + key + " \n" + strings.Join(lines[i+1:], "")
		if i > 0 {
			swapped := append([]string{}, lines...)
			swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
			out["swapped "+at] = strings.Join(swapped, "")
		}
	}
	return out
}

// TestFormatRefuses: the writer refuses what the reader would.
func TestFormatRefuses(t *testing.T) {
	for name, spoil := range map[string]func(*Content){
		"a line in a word":        func(n *Content) { n.Officer = "a\nb" },
		"a fraction of a second":  func(n *Content) { n.Created = n.Created.Add(time.Millisecond) },
		"a year of five digits":   func(n *Content) { n.Created, n.Expires = n.Created.AddDate(9000, 0, 0), n.Expires.AddDate(9000, 0, 0) },
		"a number for no column":  func(n *Content) { n.Seq = 1 << 63 },
		"no node":                 func(n *Content) { n.To = "xb" },
		"itself":                  func(n *Content) { n.To = n.From },
		"no first":                func(n *Content) { n.Seq = 0 },
		"a first with a previous": func(n *Content) { n.Seq = 1 },
		"valid for too long":      func(n *Content) { n.Expires = n.Created.Add(ExpiryLimit + time.Second) },
		"over before it began":    func(n *Content) { n.Expires = n.Created },
		"unknown crit":            func(n *Content) { n.Crit = []string{"other"} },
		"names out of order":      func(n *Content) { n.Extra[0], n.Extra[1] = n.Extra[1], n.Extra[0] },
		"too many names":          func(n *Content) { n.Extra = make([]Extra, extraLimit+1) },
		"a space in a class":      func(n *Content) { n.Attachments[0].Class = "a b" },
	} {
		n, ok := samples(t)["content"].full.(*Content)
		if !ok {
			t.Fatal("no content")
		}
		spoil(n)
		if text, err := format(n); !errors.Is(err, BadFormat) {
			t.Errorf("%s: %v\n%s", name, err, text)
		}
	}
}

// fuzzForm holds a parser to its promise: what it accepts, the writer writes back.
func fuzzForm(f *testing.F, name string) {
	f.Helper()
	s := samples(f)[name]
	for _, of := range []form{s.full, s.least} {
		text, err := format(of)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		got := s.empty()
		if parse(text, got) != nil {
			return
		}
		if again, err := format(got); err != nil || again != text {
			t.Fatalf("%q is written back as %q, %v", text, again, err)
		}
	})
}

func FuzzHeader(f *testing.F)     { fuzzForm(f, "envelope") }
func FuzzContent(f *testing.F)    { fuzzForm(f, "content") }
func FuzzLabels(f *testing.F)     { fuzzForm(f, "labels") }
func FuzzKeys(f *testing.F)       { fuzzForm(f, "keys") }
func FuzzReceipt(f *testing.F)    { fuzzForm(f, "receipt") }
func FuzzError(f *testing.F)      { fuzzForm(f, "error") }
func FuzzSync(f *testing.F)       { fuzzForm(f, "resync") }
func FuzzSyncAnswer(f *testing.F) { fuzzForm(f, "resync.answer") }
func FuzzPing(f *testing.F)       { fuzzForm(f, "ping") }
func FuzzBundleList(f *testing.F) { fuzzForm(f, "bundle") }
