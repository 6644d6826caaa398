package person

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"unicode"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/linkage"

	"golang.org/x/text/unicode/norm"
)

// searchTable is the label search rows are sealed under.
const searchTable = "person_search"

// Index finds persons by an exact identifier, and by what they are like: a name in any
// script, a birth. It lives in memory, filled from sealed rows once the node is unlocked;
// a tag is a keyed digest cut to 64 bits, so that what it finds must still be compared
// once opened.
type Index struct {
	key  []byte
	like *linkage.Index

	mu      sync.RWMutex          // guards the fields below
	byTag   [tagDrawers][]indexed // by the first bits of the tag, in no order
	changed map[ident.Case]change // cases whose person was changed since they were first indexed
	at      int64                 // newest changed_at seen
	last    ident.Person          // newest person seen at that time
}

// tagDrawers is how many drawers the index has: a million tags are some fifteen
// in each. Drawers hold no pointers, so that the garbage collector passes by; a
// map of so many small slices took four times the memory.
const tagDrawers = 1 << 16

// drawer returns where a tag is kept. Tags are digests: they spread evenly.
func drawer(tag uint64) uint64 { return tag >> 48 }

// indexed is one tag of the person of a case. There is one for every identifier in
// the node, so it holds no more than it must.
type indexed struct {
	tag uint64
	in  ident.Case
}

// change is the newest version of a person, with the tags of today: others that are
// still in a drawer count no more.
type change struct {
	version int64
	tags    []uint64
}

// searchable is what a search row holds, sealed.
type searchable struct {
	Tags []uint64         `cbor:"1,keyasint,omitempty"` // of the identifiers
	Like linkage.Prepared `cbor:"2,keyasint,omitempty"` // what the person is compared by
}

// openSearch opens a search row. One that was written before persons were found by name
// holds tags alone: such a person is found by a name once it was changed.
func openSearch(p *access.Pass, id ident.Person, version int64, blob []byte) (*searchable, error) {
	var t searchable
	err := p.OpenNode(searchTable, id[:], version, blob, &t)
	if err == nil {
		return &t, nil
	}
	var old struct {
		_    struct{} `cbor:",toarray"`
		Tags []uint64
	}
	if p.OpenNode(searchTable, id[:], version, blob, &old) == nil {
		return &searchable{Tags: old.Tags}, nil
	}
	return nil, err
}

// NewIndex returns an empty index whose tags are made with key.
func NewIndex(key [32]byte) *Index {
	return &Index{key: key[:], like: linkage.New(linkage.Default()), changed: map[ident.Case]change{}}
}

// Plain returns an identifier as it is compared: letters and digits only, upper
// case, compatibility forms folded (Arabic-Indic digits become ASCII digits).
func Plain(s string) string {
	var b strings.Builder
	for _, r := range norm.NFKC.String(s) {
		switch {
		case unicode.IsDigit(r):
			b.WriteByte('0' + byte(digit(r)))
		case unicode.IsLetter(r):
			b.WriteRune(unicode.ToUpper(r))
		}
	}
	return b.String()
}

// digit returns the value of a decimal digit of any script: in Unicode the ten
// digits of a script stand together and begin at a multiple that their lowest
// member reveals.
func digit(r rune) int {
	n := 0
	for n < 9 && unicode.IsDigit(r-1) {
		r--
		n++
	}
	return n
}

// tag is the keyed digest of an identifier's value, whatever its kind: people
// do not know which kind of number they hold.
func (x *Index) tag(value string) uint64 { return binary.BigEndian.Uint64(x.digest(value)) }

func (x *Index) digest(value string) []byte {
	m := hmac.New(sha256.New, x.key)
	m.Write([]byte(Plain(value)))
	return m.Sum(nil)
}

// save writes the search row of a person in the pass's transaction and indexes
// it once that has committed.
func (x *Index) save(ctx context.Context, p *access.Pass, id ident.Person, in ident.Case, version int64, d *Details) error {
	var t searchable
	for _, i := range d.Identifiers {
		if Plain(i.Value.Reveal()) != "" {
			t.Tags = append(t.Tags, x.tag(i.Value.Reveal()))
		}
	}
	t.Like = x.features(d)
	blob, err := p.SealNode(searchTable, id[:], version, &t)
	if err != nil {
		return fmt.Errorf("seal search row: %w", err)
	}
	if err := p.Tx().Put(ctx, sqlUpsertSearch, id, in, version, p.Now().UnixMicro(), blob); err != nil {
		return fmt.Errorf("write search row: %w", err)
	}
	p.Tx().OnCommit(func() { x.add(in, version, &t) })
	return nil
}

// add puts one version of what a case's person is found by into the index.
func (x *Index) add(in ident.Case, version int64, t *searchable) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.addLocked(in, version, t)
}

func (x *Index) addLocked(in ident.Case, version int64, t *searchable) {
	if x.changed[in].version >= version {
		return // the commit hook and the refresh may bring the same row
	}
	if version > 1 {
		x.changed[in] = change{version, t.Tags}
	}
	if len(t.Like) > 0 {
		// A row that this program did not prepare was refused when it was opened.
		_ = x.like.Put(linkage.Ref(in), t.Like)
	}
	for _, tag := range t.Tags {
		row, d := indexed{tag, in}, drawer(tag)
		if !slices.Contains(x.byTag[d], row) {
			x.byTag[d] = append(x.byTag[d], row)
		}
	}
}

// Forget has the index find a case no more, once it is erased. What a refresh brings of
// it later changes nothing.
func (x *Index) Forget(in ident.Case) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.changed[in] = change{math.MaxInt64, nil}
	x.like.Remove(linkage.Ref(in))
}

// Find returns the cases whose person may have this identifier.
func (x *Index) Find(value string) []ident.Case {
	if Plain(value) == "" {
		return nil
	}
	x.mu.RLock()
	defer x.mu.RUnlock()
	var out []ident.Case
	tag := x.tag(value)
	for _, i := range x.byTag[drawer(tag)] {
		if i.tag != tag {
			continue
		}
		if now, changed := x.changed[i.in]; !changed || slices.Contains(now.tags, tag) {
			out = append(out, i.in)
		}
	}
	return out
}

// Reseal seals search rows that an earlier epoch key sealed under the key of
// today, up to a page of them, and returns how many it did. below is the mark
// that every blob of today's key sorts after.
func (x *Index) Reseal(ctx context.Context, gate *access.Gate, below []byte) (int, error) {
	n := 0
	_, err := gate.Do(ctx, gate.Job("rewrap"), access.Act{Action: "job.rewrap", Purpose: "maintenance"}, func(p *access.Pass) (string, error) {
		old, err := readSealedBefore(ctx, p, below)
		if err != nil {
			return "", err
		}
		for _, r := range old {
			t, err := openSearch(p, r.id, r.version, r.blob)
			if err != nil {
				return "", err
			}
			blob, err := p.SealNode(searchTable, r.id[:], r.version, t)
			if err != nil {
				return "", err
			}
			if _, err := p.Tx().Exec(ctx, sqlResealSearch, r.id, r.version, blob); err != nil {
				return "", err
			}
		}
		n = len(old)
		return "", nil
	})
	return n, err
}

// sealedRow is a search row still sealed.
type sealedRow struct {
	id      ident.Person
	version int64
	blob    []byte
}

func readSealedBefore(ctx context.Context, p *access.Pass, below []byte) ([]sealedRow, error) {
	rows, err := p.Tx().Query(ctx, sqlSearchBelow, below, resealPage)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []sealedRow
	for rows.Next() {
		var r sealedRow
		if err := rows.Scan(&r.id, &r.version, &r.blob); err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// resealPage is how many rows one transaction seals anew.
const resealPage = 500
