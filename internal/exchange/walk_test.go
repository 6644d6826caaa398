package exchange_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/exchange"
	"causeway/internal/store"
	"causeway/internal/store/storetest"
	"causeway/protocol/delivery"
	"causeway/protocol/delivery/model"
	"causeway/protocol/identity"
)

// twin is the rows of one node of the check twice: in maps and in tables. What one
// says, the other must say.
type twin struct {
	t     *testing.T
	tx    *store.Tx
	node  string
	maps  model.Store
	table delivery.Rows
	saved *int // how many copies there are
}

// compare takes what both say and returns it.
func compare[T any](w *twin, what string, a T, errA error, b T, errB error) (T, error) {
	w.t.Helper()
	if diff := cmp.Diff(a, b); diff != "" || errA != nil || errB != nil {
		w.t.Fatalf("%s: maps and tables differ (%v, %v):\n%s", what, errA, errB, diff)
	}
	return a, nil
}

func both[T any](w *twin, what string, ask func(delivery.Rows) (T, error)) (T, error) {
	w.t.Helper()
	a, errA := ask(w.maps)
	b, errB := ask(w.table)
	return compare(w, what, a, errA, b, errB)
}

func (w *twin) write(f func(delivery.Rows) error) error {
	if err := f(w.maps); err != nil {
		return err
	}
	return f(w.table)
}

func (w *twin) Peer() (delivery.Peer, error) {
	return both(w, "peer", func(r delivery.Rows) (delivery.Peer, error) {
		p, err := r.Peer()
		if !p.Rose.IsZero() {
			p.Rose = p.Rose.UTC()
		}
		return p, err
	})
}

func (w *twin) Counts() ([]delivery.Count, error) {
	a, errA := w.maps.Counts()
	b, errB := w.table.Counts()
	slices.SortFunc(b, func(x, y delivery.Count) int { // the maps have the order in which lanes began
		at := func(c delivery.Count) int {
			return slices.IndexFunc(a, func(o delivery.Count) bool { return o.Lane == c.Lane })
		}
		return at(x) - at(y)
	})
	return compare(w, "lanes", a, errA, slices.Clip(append([]delivery.Count{}, b...)), errB)
}

func (w *twin) Count(l delivery.Lane) (delivery.Count, error) {
	return both(w, "lane", func(r delivery.Rows) (delivery.Count, error) { return r.Count(l) })
}

func (w *twin) Item(l delivery.Lane, seq uint64) (delivery.Item, error) {
	return both(w, "item", func(r delivery.Rows) (delivery.Item, error) { return r.Item(l, seq) })
}

func (w *twin) After(l delivery.Lane, seq uint64) ([]delivery.Item, error) {
	return both(w, "items", func(r delivery.Rows) ([]delivery.Item, error) { return r.After(l, seq) })
}

func (w *twin) Find(s delivery.Side, id delivery.ID) (delivery.Item, error) {
	return both(w, "find", func(r delivery.Rows) (delivery.Item, error) { return r.Find(s, id) })
}

func (w *twin) Answer(s delivery.Side, id delivery.ID) (delivery.Item, error) {
	return both(w, "answer", func(r delivery.Rows) (delivery.Item, error) { return r.Answer(s, id) })
}

func (w *twin) Repeats() (int, error) {
	return both(w, "repeats", func(r delivery.Rows) (int, error) { return r.Repeats() })
}

func (w *twin) Entry(id delivery.ID) (delivery.Entry, error) {
	return both(w, "ledger", func(r delivery.Rows) (delivery.Entry, error) { return r.Entry(id) })
}

func (w *twin) Frozen(t delivery.Thread) (bool, error) {
	return both(w, "frozen", func(r delivery.Rows) (bool, error) { return r.Frozen(t) })
}

func (w *twin) SetPeer(p delivery.Peer) error {
	return w.write(func(r delivery.Rows) error { return r.SetPeer(p) })
}

func (w *twin) SetCount(c delivery.Count) error {
	return w.write(func(r delivery.Rows) error { return r.SetCount(c) })
}

func (w *twin) SetItem(it delivery.Item) error {
	return w.write(func(r delivery.Rows) error { return r.SetItem(it) })
}

func (w *twin) SetEntry(e delivery.Entry) error {
	return w.write(func(r delivery.Rows) error { return r.SetEntry(e) })
}

func (w *twin) Drop(it delivery.Item) error {
	return w.write(func(r delivery.Rows) error { return r.Drop(it) })
}

func (w *twin) Freeze(t delivery.Thread, it delivery.Item) error {
	return w.write(func(r delivery.Rows) error { return r.Freeze(t, it) })
}

// copyOf is a backup: of the maps, and the name under which the tables keep theirs.
type copyOf struct {
	maps any
	name string
}

// columns of each table, without the name of the node.
var tables = map[string]string{
	"exchange_line": "epoch, rose_at, seen_epoch, seen_size, odd_at, met_at, hold, meeting",
	"exchange_lane": "len, opened, held, thread, stream, side, head",
	"exchange_item": `seq, epoch, ask, void, held, answered, done, again, lost, gone, late, given, thread, stream, side, id, content, prev,
		stands, answers`,
	"exchange_ledger": "dropped, id, content, receipt",
	"exchange_frozen": "at, thread",
	"exchange_proof":  "at, seq, epoch, side, thread, stream, id, content",
}

// copyRows copies the rows of a node to another name.
func (w *twin) copyRows(from, to string) error {
	for table, columns := range tables {
		if _, err := w.tx.Exec(ctx, fmt.Sprintf("DELETE FROM %s WHERE node = $1", table), to); err != nil {
			return err
		}
		_, err := w.tx.Exec(ctx, fmt.Sprintf("INSERT INTO %s (node, %s) SELECT $1, %s FROM %s WHERE node = $2", table, columns, columns, table), to, from)
		if err != nil {
			return err
		}
	}
	return nil
}

func (w *twin) Save() (any, error) {
	m, err := w.maps.Save()
	if err != nil {
		return nil, err
	}
	*w.saved++
	c := copyOf{m, fmt.Sprintf("copy %d", *w.saved)}
	return c, w.copyRows(w.node, c.name)
}

func (w *twin) Load(from any) error {
	c := from.(copyOf)
	if err := w.maps.Load(c.maps); err != nil {
		return err
	}
	w.table = exchange.NewRows(ctx, w.tx, identity.NodeID(w.node)) // it starts anew
	return w.copyRows(c.name, w.node)
}

// TestWalk runs the walks of the check over maps and over tables at once, and compares
// every answer.
func TestWalk(t *testing.T) {
	walks := 12
	if testing.Short() {
		walks = 3
	}
	storetest.Each(t, func(t *testing.T, db *store.DB) {
		for seed := range walks {
			err := db.Write(ctx, func(tx *store.Tx) error {
				saved := 0
				rep, err := model.Walk(uint64(seed), func(i int) model.Store {
					node := identity.NodeID(fmt.Sprintf("x%c.walk%d", 'a'+i, seed))
					return &twin{t, tx, string(node), model.NewMemory(), exchange.NewRows(ctx, tx, node), &saved}
				})
				if err != nil || rep.Faults() != 0 {
					t.Errorf("walk %d: %v, %s", seed, err, rep.String())
				}
				return nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}
