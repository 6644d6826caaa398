package cx_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"causeway/protocol/cx"
)

func TestBlobRoundTrip(t *testing.T) {
	for _, size := range []int{0, 1, 64 << 10, 64<<10 + 1, 1 << 20} {
		file := bytes.Repeat([]byte{7}, size)
		var sealed, opened bytes.Buffer
		a, err := cx.SealBlob(&sealed, bytes.NewReader(file))
		if err != nil {
			t.Fatal(err)
		}
		a.Media, a.Class = "image/png", "photo"
		if err := a.Check(); err != nil || a.Cipher != cx.DigestOf(sealed.Bytes()) || a.CipherSize != int64(sealed.Len()) {
			t.Errorf("%d bytes: %v", size, err)
		}
		if err := cx.OpenBlob(&opened, bytes.NewReader(sealed.Bytes()), &a); err != nil || !bytes.Equal(opened.Bytes(), file) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestBlobRefuses(t *testing.T) {
	var sealed bytes.Buffer
	good, err := cx.SealBlob(&sealed, strings.NewReader(strings.Repeat("a paper", 30000)))
	if err != nil {
		t.Fatal(err)
	}
	other, err := cx.SealBlob(io.Discard, strings.NewReader("a paper"))
	if err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		spoil func(a *cx.Attachment, b []byte) []byte
		want  cx.Code
	}{
		"a bit":            {func(_ *cx.Attachment, b []byte) []byte { b[len(b)-1] ^= 1; return b }, cx.BlobMismatch},
		"cut off":          {func(_ *cx.Attachment, b []byte) []byte { return b[:len(b)-1] }, cx.BlobMismatch},
		"cut at a chunk":   {func(_ *cx.Attachment, b []byte) []byte { return b[:1643+2*(64<<10+16)] }, cx.BlobMismatch},
		"more behind it":   {func(_ *cx.Attachment, b []byte) []byte { return append(b, 0) }, cx.BlobMismatch},
		"empty":            {func(*cx.Attachment, []byte) []byte { return nil }, cx.BlobMismatch},
		"another's key":    {func(a *cx.Attachment, b []byte) []byte { a.Key = other.Key; return b }, cx.BlobMismatch},
		"no key":           {func(a *cx.Attachment, b []byte) []byte { a.Key = ""; return b }, cx.BadFormat},
		"another name":     {func(a *cx.Attachment, b []byte) []byte { a.Cipher = other.Cipher; return b }, cx.BlobMismatch},
		"another file":     {func(a *cx.Attachment, b []byte) []byte { a.Plain = other.Plain; return b }, cx.BlobMismatch},
		"longer than said": {func(a *cx.Attachment, b []byte) []byte { a.PlainSize--; return b }, cx.BlobMismatch},
	} {
		a := good
		err := cx.OpenBlob(io.Discard, bytes.NewReader(tt.spoil(&a, bytes.Clone(sealed.Bytes()))), &a)
		if cx.CodeOf(err) != tt.want {
			t.Errorf("%s: %v, want %s", name, err, tt.want)
		}
	}
	full := errors.New("disk full")
	if err := cx.OpenBlob(failing{full}, bytes.NewReader(sealed.Bytes()), &good); !errors.Is(err, full) {
		t.Errorf("a full disk: %v", err)
	}
}

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestBlobKeyDoesNotPrint(t *testing.T) {
	a, err := cx.SealBlob(io.Discard, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		if got := fmt.Sprintf(verb, a.Key) + fmt.Sprintf(verb, a); strings.Contains(got, string(a.Key)[19:]) {
			t.Errorf("%s prints the key", verb)
		}
	}
}

// zeros is a file of a size that nobody keeps in memory.
type zeros struct{ left int64 }

func (z *zeros) Read(b []byte) (int, error) {
	if z.left == 0 {
		return 0, io.EOF
	}
	n := min(int64(len(b)), z.left)
	clear(b[:n])
	z.left -= n
	return int(n), nil
}

// TestBlobMemory: sealing and opening a large file allocates no more than a small one.
func TestBlobMemory(t *testing.T) {
	const size = 128 << 20
	before := allocated()
	r, w := io.Pipe()
	done := make(chan cx.Attachment, 1)
	go func() {
		a, err := cx.SealBlob(w, &zeros{size})
		w.CloseWithError(err)
		done <- a
	}()
	n, err := io.Copy(io.Discard, r)
	a := <-done
	if err != nil || n != a.CipherSize || a.PlainSize != size {
		t.Fatalf("sealed %d of %d bytes: %v", n, a.CipherSize, err)
	}
	if grown := allocated() - before; grown > 4<<20 {
		t.Errorf("sealing %d MiB allocated %d bytes", size>>20, grown)
	}
}

// TestOpenBlobMemory: opening holds a few chunks of the file at a time.
func TestOpenBlobMemory(t *testing.T) {
	const size = 64 << 20
	file, err := os.Create(filepath.Join(t.TempDir(), "sealed"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	a, err := cx.SealBlob(file, &zeros{size})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	w := &watched{}
	if err := cx.OpenBlob(w, file, &a); err != nil || w.written != size {
		t.Fatalf("opened %d bytes: %v", w.written, err)
	}
	if w.most > 32<<20 {
		t.Errorf("opening %d MiB held %d bytes", size>>20, w.most)
	}
}

// watched notes how much memory is in use while it is written to.
type watched struct {
	written int64
	most    uint64
}

func (w *watched) Write(b []byte) (int, error) {
	if w.written%(4<<20) < int64(len(b)) {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		w.most = max(w.most, m.HeapAlloc)
	}
	w.written += int64(len(b))
	return len(b), nil
}

// allocated returns how many bytes were ever allocated.
func allocated() uint64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.TotalAlloc
}
