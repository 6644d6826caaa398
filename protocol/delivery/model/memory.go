package model

import (
	"slices"

	"causeway/protocol/delivery"
)

// Store is the rows of one node, with what a machine does to them: a copy is made,
// and put back.
type Store interface {
	delivery.Rows
	Save() (any, error)
	Load(any) error
}

// memory is rows in maps.
type memory struct {
	peer   delivery.Peer
	lanes  []*lane // few: looked through
	ledger map[delivery.ID]delivery.Entry
	frozen map[delivery.Thread]bool
	proofs []delivery.Item
}

// lane is one lane in memory.
type lane struct {
	count delivery.Count
	items []delivery.Item // at seq-1; Seq 0 where there is none
	known bool            // its count was set
}

// NewMemory returns rows in maps.
func NewMemory() Store {
	return &memory{
		ledger: map[delivery.ID]delivery.Entry{},
		frozen: map[delivery.Thread]bool{},
	}
}

func (m *memory) Peer() (delivery.Peer, error)    { return m.peer, nil }
func (m *memory) SetPeer(p delivery.Peer) error   { m.peer = p; return nil }
func (m *memory) SetEntry(e delivery.Entry) error { m.ledger[e.ID] = e; return nil }

func (m *memory) Frozen(t delivery.Thread) (bool, error) { return m.frozen[t], nil }

func (m *memory) Entry(id delivery.ID) (delivery.Entry, error) { return m.ledger[id], nil }

func (m *memory) Freeze(t delivery.Thread, it delivery.Item) error {
	m.frozen[t] = true
	if it.Seq != 0 {
		m.proofs = append(m.proofs, it)
	}
	return nil
}

func (m *memory) Counts() ([]delivery.Count, error) {
	out := make([]delivery.Count, 0, len(m.lanes))
	for _, l := range m.lanes {
		if l.known {
			out = append(out, l.count)
		}
	}
	return out, nil
}

func (m *memory) Count(l delivery.Lane) (delivery.Count, error) {
	if at := m.find(l); at != nil {
		return at.count, nil
	}
	return delivery.Count{Lane: l}, nil
}

func (m *memory) SetCount(c delivery.Count) error {
	at := m.lane(c.Lane)
	at.count, at.known = c, true
	return nil
}

// lane returns the lane, made if there is none.
func (m *memory) lane(l delivery.Lane) *lane {
	at := m.find(l)
	if at == nil {
		at = &lane{count: delivery.Count{Lane: l}}
		m.lanes = append(m.lanes, at)
	}
	return at
}

// find returns the lane, or nil.
func (m *memory) find(l delivery.Lane) *lane {
	for _, at := range m.lanes {
		if at.count.Lane == l {
			return at
		}
	}
	return nil
}

func (m *memory) Item(l delivery.Lane, seq uint64) (delivery.Item, error) {
	at := m.find(l)
	if at == nil || seq == 0 || seq > uint64(len(at.items)) {
		return delivery.Item{}, nil
	}
	return at.items[seq-1], nil
}

func (m *memory) SetItem(it delivery.Item) error {
	at := m.lane(it.Lane)
	for uint64(len(at.items)) < it.Seq {
		at.items = append(at.items, delivery.Item{})
	}
	at.items[it.Seq-1] = it
	return nil
}

func (m *memory) After(l delivery.Lane, seq uint64) ([]delivery.Item, error) {
	at := m.find(l)
	if at == nil {
		return nil, nil
	}
	if seq >= uint64(len(at.items)) {
		return nil, nil
	}
	if !slices.ContainsFunc(at.items[seq:], func(it delivery.Item) bool { return it.Seq == 0 }) {
		return at.items[seq:len(at.items):len(at.items)], nil
	}
	var out []delivery.Item
	for i := seq; i < uint64(len(at.items)); i++ {
		if at.items[i].Seq != 0 {
			out = append(out, at.items[i])
		}
	}
	return out, nil
}

func (m *memory) Find(s delivery.Side, id delivery.ID) (delivery.Item, error) {
	return m.first(s, func(it *delivery.Item) bool { return it.ID == id }), nil
}

func (m *memory) Answer(s delivery.Side, id delivery.ID) (delivery.Item, error) {
	return m.first(s, func(it *delivery.Item) bool { return it.Answers == id }), nil
}

// first returns the one item of a side that is so.
func (m *memory) first(s delivery.Side, is func(*delivery.Item) bool) delivery.Item {
	for _, at := range m.lanes {
		if at.count.Side != s {
			continue
		}
		for i := range at.items {
			if it := &at.items[i]; it.Seq != 0 && is(it) {
				return *it
			}
		}
	}
	return delivery.Item{}
}

func (m *memory) Repeats() (int, error) {
	threads := map[delivery.Thread]bool{}
	for _, at := range m.lanes {
		for i := range at.items {
			if it := &at.items[i]; it.Return || it.Again && !it.Done {
				threads[it.Thread] = true
			}
		}
	}
	return len(threads), nil
}

func (m *memory) Drop(it delivery.Item) error {
	m.proofs = append(m.proofs, it)
	m.find(it.Lane).items[it.Seq-1] = delivery.Item{}
	return nil
}

// Save returns a copy of all rows.
func (m *memory) Save() (any, error) { return m.clone(), nil }

// Load puts a copy back.
func (m *memory) Load(from any) error {
	*m = *from.(*memory).clone()
	return nil
}

func (m *memory) clone() *memory {
	c := NewMemory().(*memory)
	c.peer, c.proofs = m.peer, m.proofs[:len(m.proofs):len(m.proofs)]
	for _, at := range m.lanes {
		c.lanes = append(c.lanes, &lane{at.count, append([]delivery.Item(nil), at.items...), at.known})
	}
	for id, e := range m.ledger {
		c.ledger[id] = e
	}
	for t := range m.frozen {
		c.frozen[t] = true
	}
	return c
}
