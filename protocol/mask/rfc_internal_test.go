package mask

import (
	"encoding/hex"
	"strings"
	"testing"
)

// The vectors of RFC 9497, A.1.1 (OPRF, ristretto255-SHA512): what there is called to
// blind and to evaluate is here to hide and to raise.
func TestVectorsOfRFC9497(t *testing.T) {
	tag := []byte("HashToGroup-OPRFV1-\x00-ristretto255-SHA512")
	blind := unhex(t, "64d37aed22a27f5191de1c1d69fadb899d8862b58eb4220029e036ec4c1f6706")
	server := unhex(t, "5ebcea5ee37023ccb9fc2d2019f9d7737be85591ae8652ffa9ef0f4d37063b0e")
	for _, v := range []struct{ input, blinded, evaluated string }{
		{
			"00", "609a0ae68c15a3cf6903766461307e5c8bb2f95e7e6550e1ffa2dc99e412803c",
			"7ec6578ae5120958eb2db1745758ff379e77cb64fe77b0b2d8cc917ea0869c7e",
		},
		{
			"5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a", "da27ef466870f5f15296299850aa088629945a17d1f5b7f5ff043f76b3c06418",
			"b4cbf5a4f1eeda5a63ce7b77c7d23f461db3fcab0dd28e4e17cecb5c90d02c25",
		},
	} {
		a, err := ParseSecret(blind)
		if err != nil {
			t.Fatal(err)
		}
		b, err := ParseSecret(server)
		if err != nil {
			t.Fatal(err)
		}
		p := a.hide(unhex(t, v.input), tag)
		if hex.EncodeToString(p[:]) != v.blinded {
			t.Errorf("input %s hides as %x", v.input, p)
		}
		if p, err = b.Raise(p); err != nil || hex.EncodeToString(p[:]) != v.evaluated {
			t.Errorf("input %s is raised to %x, %v", v.input, p, err)
		}
	}
}

// The vectors of RFC 9380, K.5 (expand_message_xmd with SHA-512) are for lengths of 32
// and 128 bytes; the one block that is needed here shows in those of RFC 9497 above.
// What is left to hold is that a domain's tag never grows past what one byte can count.
func TestTagFits(t *testing.T) {
	long := Domain{Purpose: strings.Repeat("p", maxPurpose), Asker: strings.Repeat("n", maxNode), Holder: strings.Repeat("m", maxNode), Epoch: ^uint64(0)}
	if err := long.Check(); err != nil {
		t.Fatal(err)
	}
	if n := len(long.tag()); n > 255 {
		t.Errorf("the longest tag has %d bytes", n)
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
