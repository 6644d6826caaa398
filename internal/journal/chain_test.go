package journal_test

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"causeway/internal/clock"
	"causeway/internal/ident"
	"causeway/internal/journal"
)

// TestTakenAwayBeforeItsPlace: a writing entry that vanishes before it is in the
// tree leaves a hole in its subject's chain, whichever it is.
func TestTakenAwayBeforeItsPlace(t *testing.T) {
	for name, parts := range map[string]func() func(){
		"at once": func() func() { return func() {} }, "in parts": journal.SmallParts,
	} {
		t.Run(name, func(t *testing.T) {
			t.Cleanup(parts())
			for gone, check := range []string{"chain-broken", "chain-broken", "chain-newest-gone"} {
				r := onSQLite(t)
				r.fill(t, 200)
				r.checkpoint(t)
				s := ident.New[ident.Subject]()
				ids := r.append(t, write(s, 1), write(s, 2), write(s, 3))
				r.exec(t, `DELETE FROM journal_pending WHERE entry_id = $1`, ids[gone])
				want(t, r.verify(t), journal.Altered, check)
				r.checkpoint(t) // and now the tree is built without it
				rep := r.verify(t)
				want(t, rep, journal.Altered, check)
				if f := rep.First(); check == "chain-broken" && f.Index != 200+int64(gone) {
					t.Errorf("entry %d gone: place = %s", gone, f.Place)
				}
			}
		})
	}
}

// TestForkedChain: two entries name the same predecessor.
func TestForkedChain(t *testing.T) {
	r := onSQLite(t)
	s := ident.New[ident.Subject]()
	r.append(t, write(s, 1))
	before := query[[]byte](t, r.db, `SELECT head FROM journal_chain`)[0]
	r.append(t, write(s, 2))
	r.exec(t, `UPDATE journal_chain SET head = $1, length = 1`, before)
	r.append(t, write(s, 2))
	r.checkpoint(t)
	rep := r.verify(t)
	want(t, rep, journal.Altered, "chain-fork")
	if rep.First().Index != 2 {
		t.Errorf("place = %s, want idx 2", rep.First().Place)
	}
}

// TestTwoBeginnings: an entry of a subject that names no predecessor although
// there is one.
func TestTwoBeginnings(t *testing.T) {
	r := onSQLite(t)
	s := ident.New[ident.Subject]()
	r.append(t, write(s, 1))
	r.exec(t, `DELETE FROM journal_chain`)
	r.append(t, write(s, 1))
	r.checkpoint(t)
	rep := r.verify(t)
	want(t, rep, journal.Altered, "chain-loose")
	if rep.First().Index != 0 {
		t.Errorf("place = %s, want idx 0", rep.First().Place)
	}
}

func TestSubjectIndexInParts(t *testing.T) {
	t.Cleanup(journal.SmallParts())
	r := onSQLite(t)
	r.fill(t, 1200)
	r.checkpoint(t)
	want(t, r.verify(t), journal.Sound, "")
	r.exec(t, `DELETE FROM journal_subject WHERE idx = 100`)
	rep := r.verify(t)
	want(t, rep, journal.Altered, "subject-gone")
	if rep.First().Index != 100 {
		t.Errorf("place = %s, want idx 100", rep.First().Place)
	}
	r.exec(t, `INSERT INTO journal_subject (subject, idx) VALUES ($1, 42)`, bytesOf(16))
	rep = r.verify(t)
	if f := finding(rep, "subject-extra"); f == nil || f.Index != 42 {
		t.Errorf("extra row: %+v", rep.Findings)
	}
}

// TestInstanceWithAnotherClock: entries of an instance whose clock is an hour
// behind come in late; they are listed and all identifiers are still compared.
func TestInstanceWithAnotherClock(t *testing.T) {
	t.Cleanup(journal.SmallParts())
	r := onSQLite(t)
	behind := clock.NewFake(start.Add(-time.Hour))
	other, err := journal.Open(ctx, r.db, behind, r.ring, journal.Config{Node: nodeName})
	if err != nil {
		t.Fatal(err)
	}
	r.fill(t, 6000)
	r.sequence(t)
	mine := r.j
	r.j = other
	r.append(t, read(ident.New[ident.Subject]()), read(ident.New[ident.Subject]()))
	r.j = mine
	r.checkpoint(t)
	rep := r.verify(t)
	want(t, rep, journal.Sound, "")
	if rep.Late != 2 || !slices.Equal(rep.LateAt, []int64{6000, 6001}) {
		t.Errorf("late = %d at %v, want 2 at 6000 and 6001", rep.Late, rep.LateAt)
	}
}

func TestUniqueIDs(t *testing.T) {
	id := func(n uint64) (b [16]byte) {
		binary.BigEndian.PutUint64(b[:], n)
		return b
	}
	tests := []struct {
		name     string
		twice    map[uint64]uint64 // after which number which one comes again
		dup      bool
		late     bool
		backward uint64 // numbers come in blocks of this size, each turned round
	}{
		{name: "in order"},
		{name: "at once again", twice: map[uint64]uint64{77: 77}, dup: true},
		{name: "soon again", twice: map[uint64]uint64{9000: 8000}, dup: true},
		{name: "at the end", twice: map[uint64]uint64{20_000: 20_000}, dup: true},
		{name: "long ago", twice: map[uint64]uint64{20_000: 3}, late: true},
		{name: "in disorder", backward: 3000},
		{name: "in great disorder", backward: 10_000, late: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var u journal.UniqueIDs
			ok := true
			for n := uint64(1); n <= 20_000; n++ {
				k := n
				if tt.backward > 0 {
					block := (n - 1) / tt.backward
					k = block*tt.backward + tt.backward - (n-1)%tt.backward
				}
				ok = u.Add(id(k)) && ok
				if again := tt.twice[n]; again > 0 {
					ok = u.Add(id(again)) && ok
				}
			}
			ok = u.Finish() && ok
			if ok == tt.dup || u.Late() != tt.late {
				t.Errorf("all different = %v, late = %v, want %v, %v", ok, u.Late(), !tt.dup, tt.late)
			}
		})
	}
}
