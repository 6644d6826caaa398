package backup_test

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"encoding/binary"
	"io"
	"slices"
	"strings"
	"testing"

	"filippo.io/age"
	"golang.org/x/mod/sumdb/note"

	"causeway/internal/backup"
	"causeway/internal/fault"
)

// frame is one frame of the stream inside the seal.
type frame struct {
	kind    byte
	payload []byte
}

// unpack takes the seal and the compression off.
func unpack(t testing.TB, n *node, sealed []byte) []byte {
	t.Helper()
	r, err := age.Decrypt(bytes.NewReader(sealed), n.identity)
	must(t, err)
	b, err := io.ReadAll(flate.NewReader(r))
	must(t, err)
	return b
}

func deflate(t testing.TB, plain []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := flate.NewWriter(&b, flate.BestSpeed)
	must(t, err)
	_, err = w.Write(plain)
	must(t, err)
	must(t, w.Close())
	return b.Bytes()
}

// pack compresses and seals, as somebody can who knows the recipients.
func pack(t testing.TB, n *node, plain []byte) []byte {
	t.Helper()
	r, err := age.ParseRecipients(strings.NewReader(n.kit.Recipient()))
	must(t, err)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, r...)
	must(t, err)
	_, err = w.Write(deflate(t, plain))
	must(t, err)
	must(t, w.Close())
	return b.Bytes()
}

const title = "causeway-backup/1\n"

func split(t testing.TB, plain []byte) []frame {
	t.Helper()
	rest, ok := bytes.CutPrefix(plain, []byte(title))
	if !ok {
		t.Fatal("not a backup")
	}
	var out []frame
	for len(rest) > 0 {
		size := binary.BigEndian.Uint32(rest[1:5])
		out = append(out, frame{rest[0], slices.Clone(rest[5 : 5+size])})
		rest = rest[5+size:]
	}
	return out
}

func join(frames []frame) []byte {
	out := []byte(title)
	for _, f := range frames {
		out = binary.BigEndian.AppendUint32(append(out, f.kind), uint32(len(f.payload)))
		out = append(out, f.payload...)
	}
	return out
}

// mend makes the digests at the ends of the tables right again, as a forger
// would.
func mend(frames []frame) []frame {
	for i, f := range frames {
		if f.kind == 'E' {
			sum := sha256.Sum256(join(frames[:i]))
			copy(f.payload[8:], sum[:])
		}
	}
	return frames
}

func index(frames []frame, kind byte, nth int) int {
	for i, f := range frames {
		if f.kind == kind {
			if nth == 0 {
				return i
			}
			nth--
		}
	}
	return -1
}

// TestForgedStreams: the forger knows the recipients and the format, so the seal
// proves nothing; digests, counts and the signature do.
func TestForgedStreams(t *testing.T) {
	n := onSQLite(t)
	_, c := n.worker("amara")
	n.register(c)
	plain := unpack(t, n, n.write())
	if sound, err := backup.NewReader(bytes.NewReader(deflate(t, join(split(t, plain)))), n.ring); err != nil {
		t.Fatal(err)
	} else if rows, err := read(sound); err != nil || len(rows) == 0 {
		t.Fatalf("unchanged: %d rows, %v", len(rows), err)
	}
	cases := map[string]struct {
		change func([]frame) []frame
		code   string
	}{
		"a byte of a row": {func(f []frame) []frame {
			p := f[index(f, 'R', 0)].payload
			p[len(p)-1] ^= 1
			return f
		}, "backup-altered"},
		"a byte of a row, digests mended": {func(f []frame) []frame {
			p := f[index(f, 'R', 0)].payload
			p[len(p)-1] ^= 1
			return mend(f)
		}, "backup-altered"},
		"a table left out, digests mended": {func(f []frame) []frame {
			i := index(f, 'T', 1)
			return mend(slices.Delete(f, i, i+3))
		}, "backup-altered"},
		"a table twice": {func(f []frame) []frame {
			i := index(f, 'T', 0)
			return mend(slices.Insert(f, i, cloned(f[i:i+3])...))
		}, "backup-altered"},
		"no closing manifest": {func(f []frame) []frame { return f[:len(f)-1] }, "backup-altered"},
		"something behind it": {func(f []frame) []frame { return append(f, f[index(f, 'R', 0)]) }, "backup-altered"},
		"no opening manifest": {func(f []frame) []frame { return f[1:] }, "backup-altered"},
		"an unknown frame":    {func(f []frame) []frame { return slices.Insert(f, 1, frame{'X', nil}) }, "backup-altered"},
		"rows without a head": {func(f []frame) []frame { return slices.Insert(f, 1, frame{'R', []byte{0}}) }, "backup-altered"},
		"a later format": {func(f []frame) []frame {
			f[0].payload = bytes.Replace(f[0].payload, []byte(`"format":1`), []byte(`"format":2`), 1)
			return f
		}, "backup-newer"},
		"another opening manifest": {func(f []frame) []frame {
			f[0].payload = bytes.Replace(f[0].payload, []byte(`"node":"XA-test"`), []byte(`"node":"XB-test"`), 1)
			return mend(f)
		}, "backup-altered"},
		"signed by another": {func(f []frame) []frame {
			last := &f[len(f)-1]
			line, _, _ := bytes.Cut(last.payload, []byte("\n"))
			private, _, err := note.GenerateKey(nil, "causeway/XA-test/backup")
			must(t, err)
			signer, err := note.NewSigner(private)
			must(t, err)
			last.payload, err = note.Sign(&note.Note{Text: string(line) + "\n"}, signer)
			must(t, err)
			return f
		}, "backup-not-ours"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			b := join(test.change(split(t, plain)))
			r, err := backup.NewReader(bytes.NewReader(deflate(t, b)), n.ring)
			if err == nil {
				_, err = read(r)
			}
			if fault.CodeOf(err) != test.code {
				t.Errorf("got %v, want %s", err, test.code)
			}
		})
	}
	t.Run("a second stream behind the first", func(t *testing.T) {
		one := deflate(t, plain)
		r, err := backup.NewReader(bytes.NewReader(slices.Concat(one, one)), n.ring)
		must(t, err)
		if _, err = read(r); fault.CodeOf(err) != "backup-altered" {
			t.Errorf("got %v", err)
		}
	})
}

func cloned(frames []frame) []frame {
	var out []frame
	for _, f := range frames {
		out = append(out, frame{f.kind, slices.Clone(f.payload)})
	}
	return out
}

// tiny is a whole stream of two rows.
func tiny() []byte {
	const head = `{"format":1,"id":"a","node":"XA","fingerprint":"b","engine":"sqlite","schema":["0001_a.sql"],"made":"2026-03-02T09:00:00Z","program":"c"`
	frames := mend([]frame{
		{'M', []byte(head + "}")},
		{'T', []byte(`{"table":"store_a","columns":["x","y","z"]}`)},
		{'R', []byte{1, 7, 2, 2, 'h', 'i', 0, 5, 3, 1, 0xff, 4}},
		{'E', append([]byte{0, 0, 0, 0, 0, 0, 0, 2}, make([]byte, sha256.Size)...)},
	})
	sum := sha256.Sum256(join(frames))
	close := head + `,"tables":[{"table":"store_a","rows":2}],"rows":2,"digest":"` + hexOf(sum[:]) + "\"}\n"
	return join(append(frames, frame{'Z', []byte(close)}))
}

// FuzzReader: no stream makes the reader fail in another way than by name, take
// memory it was not given bytes for, or end well without a right digest.
func FuzzReader(f *testing.F) {
	f.Add(tiny())
	f.Add([]byte(title))
	f.Add(tiny()[:200])
	if r, err := backup.NewReader(bytes.NewReader(deflate(f, tiny())), nil); err != nil {
		f.Fatal(err)
	} else if rows, err := read(r); err != nil || len(rows) != 2 {
		f.Fatalf("%d rows, %v", len(rows), err)
	}
	f.Fuzz(func(t *testing.T, b []byte) {
		r, err := backup.NewReader(bytes.NewReader(deflate(t, b)), nil)
		if err == nil {
			_, err = read(r)
		}
		if err == nil {
			// Without a ring the signature is not looked at, but everything
			// else must hold together.
			frames := split(t, b)
			sum := sha256.Sum256(join(frames[:len(frames)-1]))
			if got := r.Manifest().Digest; got != hexOf(sum[:]) {
				t.Errorf("digest %s of a stream with %s", got, hexOf(sum[:]))
			}
			return
		}
		if code := fault.CodeOf(err); code != "backup-altered" && code != "backup-newer" {
			t.Errorf("got %v", err)
		}
	})
}
