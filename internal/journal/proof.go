package journal

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
	"causeway/protocol/witness"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// hashReader reads tree hashes from stored tiles (tlog.HashReader). Full tiles
// never change and are kept, with the hashes inside them, in cache.
type hashReader struct {
	ctx   context.Context
	tx    *store.Tx
	size  int64 // of the tree that is read
	cache *tileCache
}

// tileCache keeps full tiles expanded. The zero value is ready.
type tileCache struct {
	mu    sync.Mutex // guards tiles
	tiles map[tileKey][][]tlog.Hash
}

// cacheTiles bounds the cache: about 16 KiB a tile.
const cacheTiles = 512

// expand returns the hashes of a tile level by level, from its leaves upwards,
// as far as they are complete.
func expand(leaves []tlog.Hash) [][]tlog.Hash {
	levels := [][]tlog.Hash{leaves}
	for len(levels[len(levels)-1]) > 1 {
		below := levels[len(levels)-1]
		up := make([]tlog.Hash, len(below)/2)
		for i := range up {
			up[i] = tlog.NodeHash(below[2*i], below[2*i+1])
		}
		levels = append(levels, up)
	}
	return levels
}

// tile returns the expanded tile k, from the cache or the database.
func (r *hashReader) tile(k tileKey) ([][]tlog.Hash, error) {
	if r.cache != nil {
		r.cache.mu.Lock()
		t, ok := r.cache.tiles[k]
		r.cache.mu.Unlock()
		if ok {
			return t, nil
		}
	}
	var data []byte
	if err := r.tx.QueryRow(r.ctx, sqlSelectTile, k.level, k.n).Scan(&data); err != nil {
		return nil, fmt.Errorf("read journal tile %d/%d: %w", k.level, k.n, err)
	}
	leaves, err := unpackHashes(data)
	if err != nil {
		return nil, err
	}
	t := expand(leaves)
	if r.cache != nil && len(leaves) == tileWidth {
		r.cache.mu.Lock()
		if r.cache.tiles == nil || len(r.cache.tiles) >= cacheTiles {
			r.cache.tiles = map[tileKey][][]tlog.Hash{}
		}
		r.cache.tiles[k] = t
		r.cache.mu.Unlock()
	}
	return t, nil
}

// ReadHashes implements tlog.HashReader.
func (r *hashReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		level, n := tlog.SplitStoredHashIndex(x)
		tileLevel, inside := level/8, level%8
		width := int64(tileWidth) >> inside
		t, err := r.tile(tileKey{int64(tileLevel), n / width})
		if err != nil {
			return nil, err
		}
		if inside >= len(t) || n%width >= int64(len(t[inside])) {
			return nil, errors.New("journal tile is shorter than the tree")
		}
		out[i] = t[inside][n%width]
	}
	return out, nil
}

// rootAt computes the root the log had at an earlier size.
func rootAt(ctx context.Context, tx *store.Tx, size int64) (tlog.Hash, error) {
	if size == 0 {
		return emptyRoot, nil
	}
	return tlog.TreeHash(size, &hashReader{ctx: ctx, tx: tx, size: size})
}

// Proof shows that an entry is in the log that a checkpoint speaks of. It can
// be checked by anybody, with the node's public journal key and nothing else.
type Proof struct {
	Index      int64
	Header     []byte
	Hashes     tlog.RecordProof
	Checkpoint string // signed note
}

// Prove returns the inclusion proof of an entry under the newest checkpoint
// that covers it. An entry that is not yet covered is Unavailable
// ("journal-not-signed-yet"): wait for the next checkpoint.
func (j *Journal) Prove(ctx context.Context, entry ident.Entry) (Proof, error) {
	var p Proof
	err := j.db.Read(ctx, func(tx *store.Tx) error {
		var sealed []byte
		if err := tx.QueryRow(ctx, sqlEntryByID, entry).Scan(&p.Index, &p.Header, &sealed); err != nil {
			return err
		}
		cp, err := lastCheckpoint(ctx, tx)
		if err != nil {
			return err
		}
		if cp.size <= p.Index {
			return fault.New(fault.Unavailable, "journal-not-signed-yet")
		}
		if p.Checkpoint, err = cosignedNote(ctx, tx, cp); err != nil {
			return err
		}
		p.Hashes, err = tlog.ProveRecord(cp.size, p.Index, &hashReader{ctx: ctx, tx: tx, size: cp.size, cache: &j.tiles})
		return err
	})
	if err != nil {
		return Proof{}, fmt.Errorf("prove entry: %w", err)
	}
	return p, nil
}

// Consistency proves that the log of size now extends the log of size before.
func (j *Journal) Consistency(ctx context.Context, before, now int64) (tlog.TreeProof, error) {
	var p tlog.TreeProof
	err := j.db.Read(ctx, func(tx *store.Tx) (err error) {
		p, err = tlog.ProveTree(now, before, &hashReader{ctx: ctx, tx: tx, size: now, cache: &j.tiles})
		return err
	})
	return p, err
}

// proofHeader is the first line of a proof file (C2SP tlog-proof).
const proofHeader = "c2sp.org/tlog-proof@v1"

// String writes the proof as a C2SP tlog-proof: the entry's header stands in
// the extra line, so that the file is enough by itself.
func (p Proof) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", proofHeader, base64.StdEncoding.EncodeToString(p.Header), p.Index)
	for _, h := range p.Hashes {
		fmt.Fprintf(&b, "%s\n", base64.StdEncoding.EncodeToString(h[:]))
	}
	b.WriteString("\n")
	b.WriteString(p.Checkpoint)
	return b.String()
}

// ParseProof reads a proof file. It checks form only; see [Proof.Check].
func ParseProof(text string) (Proof, error) {
	head, checkpoint, ok := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if !ok || len(text) > 1<<20 || len(lines) < 3 || len(lines) > 66 || lines[0] != proofHeader {
		return Proof{}, errors.New("not a proof file")
	}
	p := Proof{Checkpoint: checkpoint}
	extra, okExtra := strings.CutPrefix(lines[1], "extra ")
	index, okIndex := strings.CutPrefix(lines[2], "index ")
	var err error
	if p.Header, err = witness.Decode64(extra); err != nil || !okExtra {
		return Proof{}, errors.New("proof without an entry")
	}
	if _, err := fmt.Sscanf(index, "%d", &p.Index); err != nil || !okIndex || fmt.Sprint(p.Index) != index || p.Index < 0 {
		return Proof{}, errors.New("proof without an index")
	}
	for _, l := range lines[3:] {
		h, err := witness.Decode64(l)
		if err != nil || len(h) != tlog.HashSize {
			return Proof{}, errors.New("proof with a bad hash")
		}
		p.Hashes = append(p.Hashes, tlog.Hash(h))
	}
	return p, nil
}

// Check verifies the proof with the verifiers of the node's journal keys and
// returns the entry's header and the checkpoint that covers it.
func (p Proof) Check(v ...note.Verifier) (*Header, Checkpoint, error) {
	n, err := witness.OpenNote(p.Checkpoint, note.VerifierList(v...))
	if err != nil {
		return nil, Checkpoint{}, fmt.Errorf("checkpoint signature: %w", err)
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return nil, Checkpoint{}, err
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(p.Header)); err != nil {
		return nil, Checkpoint{}, fmt.Errorf("entry is not in the log: %w", err)
	}
	h, err := ParseHeader(p.Header)
	return h, c, err
}
