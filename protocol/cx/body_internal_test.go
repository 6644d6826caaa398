package cx

import (
	"bytes"
	"testing"

	"filippo.io/age"
)

// TestSealedSize holds the arithmetic against what age makes.
func TestSealedSize(t *testing.T) {
	id, err := age.GenerateHybridIdentity()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{0, 1, 4096, ageChunk - 1, ageChunk, ageChunk + 1, 3 * ageChunk} {
		var b bytes.Buffer
		w, err := age.Encrypt(&b, id.Recipient())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(make([]byte, n)); err != nil {
			t.Fatal(err)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		if got, want := sealedSize(int64(n)), int64(b.Len()); got != want {
			t.Errorf("sealedSize(%d) = %d, want %d", n, got, want)
		}
	}
}

func TestPadded(t *testing.T) {
	for n, want := range map[int]int{
		0: 4 << 10, 1: 4 << 10, 4 << 10: 4 << 10, 4<<10 + 1: 16 << 10, 16<<10 + 1: 64 << 10, 64<<10 + 1: 256 << 10,
		256<<10 + 1: 512 << 10, 512<<10 + 1: 1 << 20, 1<<20 + 1: 2 << 20,
	} {
		if got := padded(n); got != want {
			t.Errorf("padded(%d) = %d, want %d", n, got, want)
		}
	}
	sizes := 0
	for n := int64(0); n <= bodyLimit+1; n++ {
		if isSealedSize(n) {
			sizes++
		}
	}
	if sizes != 7 {
		t.Errorf("%d sizes of bodies, want 7", sizes)
	}
}
