package linkage

import (
	"encoding/binary"
	"math"
	"sync"
)

// Index holds the prepared records of a node in memory, for search and passes.
// Everything in it is in clear: it exists only while the node is unlocked, and
// nothing of it may be stored or logged. It is safe for concurrent use.
type Index struct {
	mu      sync.RWMutex // guards everything below
	weights *Weights
	chunks  []*chunk
	lex     lexicon
	slots   slotTable
	tags    map[uint64][]uint32 // slots with a tag
	years   yearCount
	live    int
	free    []uint32              // slots whose record was taken out
	ones    [signatureBits]uint32 // records with each bit
	weigh   [signatureBits]uint8
	weighed int // live records when weigh was made
	scratch []uint32
	signer  signer
}

// chunk is 4096 slots.
type chunk struct {
	columns columns
	refs    [chunkSize]Ref
	at      [chunkSize]uint32 // where the slot's row begins in rows; 0 for an empty slot
	rows    []uint32          // each row behind its length; the first unit is not used
	dead    int               // units of rows that belong to no slot any more
}

// row returns the row of a slot, nil for an empty one.
func (c *chunk) row(i int) []uint32 {
	at := c.at[i]
	if at == 0 {
		return nil
	}
	return c.rows[at+1 : at+1+c.rows[at]]
}

// New returns an empty index that scores with w, which must not change after.
func New(w *Weights) *Index {
	x := &Index{weights: w, tags: make(map[uint64][]uint32)}
	x.signer.local = &local{of: &x.lex}
	return x
}

// Len returns how many records there are.
func (x *Index) Len() int {
	x.mu.RLock()
	defer x.mu.RUnlock()
	return x.live
}

// SetWeights scores with w from now on.
func (x *Index) SetWeights(w *Weights) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.weights = w
}

// Put adds a record, or replaces it. It fails only for a row that [Prepare] of
// this version did not make, and then leaves the index as it was.
func (x *Index) Put(ref Ref, p Prepared) error {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.put(ref, p)
}

func (x *Index) put(ref Ref, p Prepared) error {
	if err := check(p); err != nil {
		return err
	}
	x.remove(ref)
	stored, err := appendRow(x.scratch[:0], p, x.lex.number)
	if err != nil {
		return err
	}
	x.scratch = stored
	slot := x.take()
	c, i := x.chunks[slot/chunkSize], int(slot%chunkSize)
	c.refs[i] = ref
	c.at[i] = uint32(len(c.rows))
	c.rows = append(append(c.rows, uint32(len(stored))), stored...)
	x.slots.add(x, ref, slot)
	x.tally(c, i, slot, 1)
	return nil
}

// Remove takes a record out, with the words that no other record has. Without
// one it does nothing.
func (x *Index) Remove(ref Ref) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.remove(ref)
}

func (x *Index) remove(ref Ref) {
	slot, ok := x.slots.find(x, ref)
	if !ok {
		return
	}
	c, i := x.chunks[slot/chunkSize], int(slot%chunkSize)
	x.tally(c, i, slot, -1)
	x.slots.drop(x, ref)
	stored := c.row(i)
	clear(stored)
	c.dead += len(stored) + 1
	c.at[i], c.refs[i] = 0, Ref{}
	x.free = append(x.free, slot)
	if c.dead > len(c.rows)/2 && c.dead > chunkSize {
		c.pack()
	}
}

// pack leaves out what belongs to no slot any more.
func (c *chunk) pack() {
	rows := make([]uint32, 1, len(c.rows)-c.dead+chunkSize)
	for i, at := range c.at {
		if at != 0 {
			c.at[i] = uint32(len(rows))
			rows = append(rows, c.rows[at:at+1+c.rows[at]]...)
		}
	}
	clear(c.rows)
	c.rows, c.dead = rows, 0
}

// take finds an empty slot.
func (x *Index) take() uint32 {
	if last := len(x.free) - 1; last >= 0 {
		slot := x.free[last]
		x.free = x.free[:last]
		return slot
	}
	slot := uint32(x.live)
	if int(slot/chunkSize) == len(x.chunks) {
		x.chunks = append(x.chunks, &chunk{rows: make([]uint32, 1, chunkSize*14)})
	}
	return slot
}

// tally counts a slot's row in, by 1, or out, by -1.
func (x *Index) tally(c *chunk, i int, slot uint32, by int) {
	var r row
	r.read(c.row(i))
	size, m := 0, uint64(1)<<(i&63)
	x.signer.features(&r, func(group []uint16) {
		for _, bit := range group {
			w := &c.columns.bits[bit][i>>6]
			if by > 0 && *w&m == 0 {
				*w |= m
				x.ones[bit]++
				size++
			} else if by < 0 && *w&m != 0 {
				*w &^= m
				x.ones[bit]--
			}
		}
	})
	c.columns.setSize(i, size)
	for k := kDocument; k < kinds; k++ {
		for units := r.of(k); len(units) >= 2; units = units[2:] {
			x.tag(tagOf(units), slot, by)
		}
	}
	x.lex.tally(&r, by)
	x.years.add(r.birth, by)
	x.live += by
	if far := x.weighed / 8; x.live > x.weighed+far || x.live < x.weighed-far {
		x.weighBits()
	}
}

// tag notes that a slot has a tag, or has it no more.
func (x *Index) tag(t uint64, slot uint32, by int) {
	if by > 0 {
		x.tags[t] = append(x.tags[t], slot)
		return
	}
	rest := x.tags[t][:0]
	for _, s := range x.tags[t] {
		if s != slot {
			rest = append(rest, s)
		}
	}
	if len(rest) == 0 {
		delete(x.tags, t)
	} else {
		x.tags[t] = rest
	}
}

// weighBits weighs each bit by how rare it is, in eighths: from 8 for what half
// of all records have to 56 for what one in a hundred and twenty has.
func (x *Index) weighBits() {
	for b, n := range x.ones {
		rare := math.Log2(float64(x.live+1) / float64(n+1))
		x.weigh[b] = uint8(min(max(math.Round(rare*8), 8), 56))
	}
	x.weighed = x.live
}

// slotTable finds the slot of a reference: an open table of slot numbers plus
// one, by the first bytes of the reference, which are random.
type slotTable struct {
	cells []uint32
	used  int
}

func (t *slotTable) home(ref Ref) int {
	return int(mix64(binary.LittleEndian.Uint64(ref[:8])^binary.LittleEndian.Uint64(ref[8:])) & uint64(len(t.cells)-1))
}

func (x *Index) ref(slot uint32) Ref { return x.chunks[slot/chunkSize].refs[slot%chunkSize] }

// cell returns where ref is, or where it would be.
func (t *slotTable) cell(x *Index, ref Ref) int {
	i := t.home(ref)
	for t.cells[i] != 0 && x.ref(t.cells[i]-1) != ref {
		i = (i + 1) & (len(t.cells) - 1)
	}
	return i
}

func (t *slotTable) find(x *Index, ref Ref) (uint32, bool) {
	if t.used == 0 {
		return 0, false
	}
	slot := t.cells[t.cell(x, ref)]
	return slot - 1, slot != 0
}

func (t *slotTable) add(x *Index, ref Ref, slot uint32) {
	if t.used*4 >= len(t.cells)*3 {
		old := t.cells
		t.cells = make([]uint32, max(1024, 2*len(old)))
		for _, s := range old {
			if s != 0 {
				t.cells[t.cell(x, x.ref(s-1))] = s
			}
		}
	}
	t.cells[t.cell(x, ref)] = slot + 1
	t.used++
}

// drop takes a reference out and closes the gap.
func (t *slotTable) drop(x *Index, ref Ref) {
	gap := t.cell(x, ref)
	t.cells[gap] = 0
	t.used--
	for i := (gap + 1) & (len(t.cells) - 1); t.cells[i] != 0; i = (i + 1) & (len(t.cells) - 1) {
		s := t.cells[i]
		t.cells[i] = 0
		t.cells[t.cell(x, x.ref(s-1))] = s
	}
}
