package linkage

import (
	"encoding/binary"
	"testing"

	"causeway/internal/fixture"
)

// TestOrdersFindWhatAllFind: a large register is searched in several orders
// instead of whole. On one that is small enough for both, the orders together with the
// keys must reach nearly all children who are there twice.
func TestOrdersFindWhatAllFind(t *testing.T) {
	x := New(Default())
	var child []int
	fixture.Families{Seed: 3, Children: 9000, Repeats: 10}.Each(func(f *fixture.Registration) bool {
		r := Record{
			Given: []string{f.Given}, Family: []string{f.Surname}, Mother: []string{f.Mother},
			Birth:  Birth{Date(f.Earliest), Date(f.Latest)},
			Places: []Place{{Region: f.Region, District: f.District, Town: f.Town}},
		}
		var ref Ref
		binary.LittleEndian.PutUint64(ref[:], uint64(len(child)))
		if err := x.Put(ref, Prepare(&r)); err != nil {
			t.Fatal(err)
		}
		child = append(child, f.Child)
		return true
	})
	repeats := 0
	for i := 1; i < len(child); i++ {
		if child[i] == child[i-1] {
			repeats++
		}
	}
	reached := func(search func(each func(int, pair)) error) int {
		var seen [workers]map[pair]bool
		for w := range seen {
			seen[w] = make(map[pair]bool)
		}
		err := search(func(w int, p pair) {
			if p.a >= p.b {
				t.Errorf("pair %v is not in order", p)
			}
			if child[p.a] == child[p.b] {
				seen[w][p] = true
			}
		})
		if err != nil {
			t.Fatal(err)
		}
		for p := range seen[1] {
			seen[0][p] = true
		}
		return len(seen[0])
	}
	whole := reached(func(each func(int, pair)) error { return x.whole(t.Context(), 0, each) })
	orders := reached(func(each func(int, pair)) error {
		for _, keys := range keyTypes {
			if err := x.blocks(t.Context(), 0, keys, each); err != nil {
				return err
			}
		}
		for _, key := range sortKeys {
			if err := x.order(t.Context(), 0, x.sorted(key), each); err != nil {
				return err
			}
		}
		return nil
	})
	t.Logf("%d repeats: %d reached among all, %d in orders and by keys", repeats, whole, orders)
	if whole*100 < repeats*99 || orders*100 < repeats*97 {
		t.Errorf("of %d repeats %d are reached among all and %d in orders, want 99 and 97 in a hundred", repeats, whole, orders)
	}
}
