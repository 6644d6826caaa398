package cx_test

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"filippo.io/age"

	"causeway/protocol/cx"
)

// fourKiB is a draft with a payload of 4 KiB and nothing else.
func fourKiB() *cx.Draft {
	d := draft()
	d.Attachments = nil
	d.Payload = []byte(`{"a":"` + strings.Repeat("a", 4096-8) + `"}`)
	return d
}

func BenchmarkWriteAndSeal(b *testing.B) {
	r, d := newRig(b), fourKiB()
	for b.Loop() {
		seal(b, r.letter(b, d), r.a, r.b)
	}
}

func BenchmarkReadOutside(b *testing.B) {
	r := newRig(b)
	file := seal(b, r.letter(b, fourKiB()), r.a, r.b).Bytes()
	for b.Loop() {
		if _, err := r.read(file); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReadAndOpen(b *testing.B) {
	r := newRig(b)
	file := seal(b, r.letter(b, fourKiB()), r.a, r.b).Bytes()
	for b.Loop() {
		env, err := r.read(file)
		if err != nil {
			b.Fatal(err)
		}
		if _, _, err := env.Open([]age.Identity{r.b.e}, r.pairs); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReceiptSign(b *testing.B) {
	r := newRig(b)
	rc := cx.ReceiptOf(seal(b, r.letter(b, fourKiB()), r.a, r.b), noon)
	rc.Stage, rc.Epoch = cx.Stored, 1
	for b.Loop() {
		if _, err := rc.Sign(r.b.sign); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkReceiptOpen(b *testing.B) {
	r := newRig(b)
	rc := cx.ReceiptOf(seal(b, r.letter(b, fourKiB()), r.a, r.b), noon)
	rc.Stage, rc.Epoch = cx.Stored, 1
	msg, err := rc.Sign(r.b.sign)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := cx.OpenReceipt(msg, r.a.id, r.pairs); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSealBlob(b *testing.B) {
	const size = 64 << 20
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := cx.SealBlob(io.Discard, &zeros{size}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkOpenBlob(b *testing.B) {
	const size = 64 << 20
	var sealed bytes.Buffer
	a, err := cx.SealBlob(&sealed, &zeros{size})
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		if err := cx.OpenBlob(io.Discard, bytes.NewReader(sealed.Bytes()), &a); err != nil {
			b.Fatal(err)
		}
	}
}
