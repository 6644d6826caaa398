package journal

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"causeway/internal/ident"

	"golang.org/x/mod/sumdb/tlog"
)

// batch is a page of entries and what can be said of each by itself. One
// goroutine fills the page, another runs hash and closes the round with ready;
// nobody touches the batch in between.
type batch struct {
	page  page
	ready chan struct{}

	table string // journal_entry or journal_pending
	node  string // whose entries these must be, "" when not known
	sums  summer
	h     Header
	leaf  []byte

	done    []hashed
	totals  totals
	actions map[string]int64
	found   []Finding
	erased  []ident.Subject
	missing []absent
}

// hashed is what is left of an entry once it is hashed.
type hashed struct {
	leaf    tlog.Hash
	id      ident.Entry
	at      int64
	epoch   int64
	good    bool // the header could be read
	stepped bool
}

// absent is an entry whose sealed payload is not there.
type absent struct {
	subject ident.Subject
	idx     int64
}

func newBatch(v *verifier, table string) *batch {
	return &batch{
		ready: make(chan struct{}, 1), table: table, sums: v.sums.clone(), actions: map[string]int64{},
	}
}

// hash looks at every entry of the page.
func (b *batch) hash() {
	b.done, b.found, b.erased, b.missing = b.done[:0], b.found[:0], b.erased[:0], b.missing[:0]
	b.totals = totals{}
	clear(b.actions)
	for i := range b.page.rows {
		e := &b.page.rows[i]
		b.leaf = append(append(b.leaf[:0], 0), e.header...) // RFC 6962, section 2.1
		r := hashed{leaf: tlog.Hash(sha256.Sum256(b.leaf))}
		if err := b.h.parse(e.header); err != nil {
			b.find(e, "header", "the header is not one: "+err.Error())
		} else {
			b.look(e, &r)
		}
		b.done = append(b.done, r)
	}
	b.ready <- struct{}{}
}

func (b *batch) find(e *raw, check, what string) {
	place, idx := entryPlace(e.idx), e.idx
	if b.table == "journal_pending" {
		place, idx = pendingPlace(e.id), -1
	}
	f := Finding{Exit: Altered, Check: check, Table: b.table, Place: place, Index: idx, What: what}
	for i := range b.found {
		if b.found[i].Check == check {
			b.found[i].More++
			return
		}
	}
	b.found = append(b.found, f)
}

func pendingPlace(id []byte) string { return fmt.Sprintf("entry_id %x", id) }

// look checks what an entry says and adds it to the sums.
func (b *batch) look(e *raw, r *hashed) {
	h := &b.h
	r.good, r.id, r.at, r.epoch, r.stepped = true, ident.Entry(h.ID), h.At, h.Epoch, h.Clock == ClockStepped
	if e.id != nil && !bytes.Equal(e.id, h.ID) {
		b.find(e, "entry-id", "the row's identifier is not the header's")
	}
	if ident.EntryTime(r.id).UnixMicro() != h.At {
		b.find(e, "entry-time", "the identifier does not begin with the entry's time")
	}
	if h.Node != b.node && b.node != "" {
		b.find(e, "entry-node", "the entry is of another node")
	}
	if fault := h.shape(); fault != "" {
		b.find(e, "entry-shape", fault)
		return
	}
	b.payload(e)
	b.actions[h.Action]++
	if h.Action == Erase && h.Outcome == OK {
		for _, s := range h.Subjects {
			b.erased = append(b.erased, ident.Subject(s))
		}
	}
	b.add(e, r)
}

// shape returns what rule of an entry's form is broken, "" for none.
func (h *Header) shape() string {
	for _, s := range h.Subjects {
		if len(s) != len(ident.Subject{}) {
			return "a subject is not an identifier"
		}
	}
	switch {
	case h.Payload != nil && (len(h.Payload) != sha256.Size || len(h.Subjects) != 1):
		return "a payload needs a digest and one subject"
	case h.Chained != (len(h.Subjects) == 1 && h.Outcome == OK && len(h.Rows) > 0):
		return "an entry about one subject that writes is a link of its chain, and no other is"
	case h.Prev != nil && (!h.Chained || len(h.Prev) != tlog.HashSize):
		return "only a link names a predecessor, by its hash"
	}
	return ""
}

// payload compares the sealed payload with its digest in the header.
func (b *batch) payload(e *raw) {
	want := b.h.Payload
	switch {
	case want == nil && e.has:
		b.find(e, "payload-extra", "there is a sealed payload, and the header knows of none")
	case want == nil:
	case !e.has && b.table == "journal_pending": // an erasure takes sequenced payloads only
		b.find(e, "payload-gone", "the sealed payload is missing")
	case !e.has:
		b.missing = append(b.missing, absent{ident.Subject(b.h.Subjects[0]), e.idx})
	default:
		got := e.digest
		if e.sealed != nil || got == nil {
			sum := sha256.Sum256(e.sealed)
			got = sum[:]
		}
		if !bytes.Equal(got, want) {
			b.find(e, "payload", "the sealed payload is not the one the header names")
		}
	}
}

// add adds the entry to the sums of chains and of the subject index.
func (b *batch) add(e *raw, r *hashed) {
	h, t := &b.h, &b.totals
	if b.table == "journal_entry" {
		for i, s := range h.Subjects {
			if !among(h.Subjects[:i], s) {
				t.subject.add(b.sums.at(kindSubject, s, e.idx))
				t.subjects++
			}
		}
	}
	if !h.Chained {
		return
	}
	s := h.Subjects[0]
	t.links++
	t.length.add(b.sums.of(kindLength, s))
	t.link.add(b.sums.of(kindLink, s, r.leaf[:]))
	if h.Prev != nil {
		t.link.sub(b.sums.of(kindLink, s, h.Prev))
	}
}

func among(list [][]byte, b []byte) bool {
	for _, x := range list {
		if bytes.Equal(x, b) {
			return true
		}
	}
	return false
}

// uniqueIDs finds an identifier that comes twice, in constant memory: entries
// come nearly in the order of their identifiers, so a heap of the latest ones
// puts them in order. late reports that one came too late for that.
type uniqueIDs struct {
	heap []idKey
	last idKey
	any  bool
	late bool
}

// heapSize is how many entries an identifier may be behind.
const heapSize = 4096

// idKey is an identifier as two numbers.
type idKey struct{ hi, lo uint64 }

func keyOf(id ident.Entry) idKey {
	return idKey{binary.BigEndian.Uint64(id[:8]), binary.BigEndian.Uint64(id[8:])}
}

func (a idKey) less(b idKey) bool { return a.hi < b.hi || a.hi == b.hi && a.lo < b.lo }

// add takes the next identifier and reports whether it is still possible that
// all are different.
func (u *uniqueIDs) add(id ident.Entry) bool {
	k := keyOf(id)
	if len(u.heap) < heapSize {
		u.heap = append(u.heap, k)
		u.up(len(u.heap) - 1)
		return true
	}
	least := u.heap[0]
	if k.less(least) {
		least = k
	} else {
		u.heap[0] = k
		u.down(0)
	}
	return u.pop(least)
}

// pop takes the least identifier out and compares it with the one before.
func (u *uniqueIDs) pop(k idKey) bool {
	if u.any && !u.last.less(k) {
		if u.last == k {
			return false
		}
		u.late = true
		return true
	}
	u.any, u.last = true, k
	return true
}

// finish compares what is left in the heap.
func (u *uniqueIDs) finish() bool {
	ok := true
	for len(u.heap) > 0 {
		least := u.heap[0]
		n := len(u.heap) - 1
		u.heap[0] = u.heap[n]
		u.heap = u.heap[:n]
		if n > 0 {
			u.down(0)
		}
		ok = u.pop(least) && ok
	}
	return ok
}

func (u *uniqueIDs) up(i int) {
	for i > 0 && u.heap[i].less(u.heap[(i-1)/2]) {
		u.heap[i], u.heap[(i-1)/2] = u.heap[(i-1)/2], u.heap[i]
		i = (i - 1) / 2
	}
}

func (u *uniqueIDs) down(i int) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(u.heap); c++ {
			if u.heap[c].less(u.heap[least]) {
				least = c
			}
		}
		if least == i {
			return
		}
		u.heap[i], u.heap[least] = u.heap[least], u.heap[i]
		i = least
	}
}
