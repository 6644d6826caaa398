package journal_test

import (
	"slices"
	"testing"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"

	"github.com/google/go-cmp/cmp"
)

// in runs fn in a reading transaction.
func (r *rig) in(t testing.TB, fn func(tx *store.Tx) error) {
	t.Helper()
	if err := r.db.Read(ctx, fn); err != nil {
		t.Fatal(err)
	}
}

func (r *rig) looked(t testing.TB, s ident.Subject, before int64, limit int) (at []int64, what []string) {
	t.Helper()
	r.in(t, func(tx *store.Tx) error {
		lines, _, err := r.j.Looked(ctx, tx, s, before, limit)
		at, what = nil, nil
		for _, l := range lines {
			at, what = append(at, l.Index), append(what, l.Header.Action)
		}
		return err
	})
	return at, what
}

// TestLooked: everything about a subject and nothing else, newest first, what
// waits for its place before the rest.
func TestLooked(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		child, other := ident.New[ident.Subject](), ident.New[ident.Subject]()
		denied := read(child)
		denied.Outcome, denied.Reason = journal.Denied, "no-policy"
		list := read(other, child, other)
		list.Action = journal.List
		r.append(t, write(child, 1), write(other, 1), denied, list, read(other))
		r.sequence(t)
		r.append(t, read(other), read(child))

		at, what := r.looked(t, child, 0, 10)
		if diff := cmp.Diff([]int64{-1, 3, 2, 0}, at); diff != "" {
			t.Errorf("places (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff([]string{"READ", "LIST", "READ", "UPDATE"}, what); diff != "" {
			t.Errorf("actions (-want +got):\n%s", diff)
		}
		if at, _ := r.looked(t, child, 0, 2); !slices.Equal(at, []int64{-1, 3}) {
			t.Errorf("first page = %v", at)
		}
		if at, _ := r.looked(t, child, 3, 2); !slices.Equal(at, []int64{2, 0}) {
			t.Errorf("second page = %v", at)
		}
		if at, _ := r.looked(t, ident.New[ident.Subject](), 0, 10); len(at) != 0 {
			t.Errorf("a subject nobody knows: %v", at)
		}
	})
}

// TestLookedPages: every entry comes on some page, however many wait for their
// place and though the sequencer works between two pages.
func TestLookedPages(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		tests := []struct {
			name            string
			placed, waiting int
			limit           int
			sequence        bool // between the pages
			pages           int
			last            int // lines on the last page
		}{
			{"a page full of waiting ones", 0, 4, 4, false, 1, 4},
			{"one more waits", 0, 5, 4, false, 2, 1},
			{"pages full of waiting ones, then placed ones", 3, 8, 4, false, 3, 3},
			{"waiting and placed on one page", 3, 6, 4, false, 3, 1},
			{"as many placed as the page has", 4, 0, 4, false, 1, 4},
			{"the first entry of the log begins a page", 5, 0, 4, false, 2, 1},
			{"nobody looked", 0, 0, 4, false, 1, 0},
			{"more wait than are sequenced at once", 0, 1100, 400, false, 3, 300},
			{"sequenced meanwhile", 2, 9, 4, true, 0, 0},
		}
		for _, tt := range tests {
			s := ident.New[ident.Subject]()
			var want, got []ident.Entry
			for range tt.placed {
				want = append(want, r.append(t, read(s))...)
			}
			r.sequence(t)
			for range tt.waiting {
				want = append(want, r.append(t, read(s))...)
			}
			var before int64
			pages, last := 0, 0
			for pages == 0 || before != 0 {
				r.in(t, func(tx *store.Tx) error {
					lines, next, err := r.j.Looked(ctx, tx, s, before, tt.limit)
					if len(lines) > tt.limit || next < 0 {
						t.Errorf("%s: %d lines, next %d", tt.name, len(lines), next)
					}
					for _, l := range lines {
						got = append(got, l.Header.EntryID())
					}
					before, last = next, len(lines)
					return err
				})
				if pages++; pages > 50 {
					t.Fatalf("%s: the pages do not end", tt.name)
				}
				if tt.sequence && pages == 2 {
					r.sequence(t)
				}
			}
			r.sequence(t)
			if !tt.sequence {
				slices.Reverse(got)
				if diff := cmp.Diff(want, got); diff != "" || pages != tt.pages || last != tt.last {
					t.Errorf("%s: %d pages, %d lines on the last, want %d and %d (-want +got):\n%s", tt.name, pages, last, tt.pages, tt.last, diff)
				}
			}
			for _, id := range want {
				if !slices.Contains(got, id) {
					t.Errorf("%s: an entry is on no page", tt.name)
				}
			}
		}
	})
}

func TestEntries(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		worker := ident.New[ident.Staff]()
		for i := range 1200 {
			e := read(ident.New[ident.Subject]())
			if i%600 == 5 {
				e.Actor = worker
			}
			if i%400 == 5 {
				e.Outcome, e.Reason = journal.Denied, "no-policy"
			}
			r.append(t, e)
		}
		r.sequence(t)
		tests := []struct {
			name   string
			filter journal.Filter
			before int64
			limit  int
			want   []int64
			next   int64
		}{
			{"all", journal.Filter{}, 0, 3, []int64{1199, 1198, 1197}, 1197},
			{"older", journal.Filter{}, 1197, 2, []int64{1196, 1195}, 1195},
			{"one person", journal.Filter{Actor: worker}, 0, 10, []int64{605, 5}, 0},
			{"denials", journal.Filter{Outcome: journal.Denied}, 0, 10, []int64{805, 405, 5}, 0},
			{"denials of one person", journal.Filter{Actor: worker, Outcome: journal.Denied}, 0, 10, []int64{5}, 0},
			{"an action", journal.Filter{Action: journal.Export}, 0, 10, nil, 0},
			{"the last ones", journal.Filter{}, 2, 10, []int64{1, 0}, 0},
		}
		for _, tt := range tests {
			var got []int64
			var next int64
			r.in(t, func(tx *store.Tx) error {
				lines, n, err := r.j.Entries(ctx, tx, tt.filter, tt.before, tt.limit)
				got, next = nil, n
				for _, l := range lines {
					got = append(got, l.Index)
				}
				return err
			})
			if !slices.Equal(got, tt.want) || next != tt.next {
				t.Errorf("%s: %v, next %d, want %v, %d", tt.name, got, next, tt.want, tt.next)
			}
		}
	})
}

func TestFindAndChainLength(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		s := ident.New[ident.Subject]()
		first := r.append(t, write(s, 1), read(s), write(s, 2))
		r.sequence(t)
		last := r.append(t, write(s, 3))
		r.in(t, func(tx *store.Tx) error {
			for id, place := range map[ident.Entry]int64{first[2]: 2, last[0]: -1} {
				l, err := r.j.Find(ctx, tx, id)
				if err != nil {
					return err
				}
				if l.Index != place || l.Header.EntryID() != id {
					t.Errorf("found %v at %d, want %v at %d", l.Header.EntryID(), l.Index, id, place)
				}
			}
			if _, err := r.j.Find(ctx, tx, ident.New[ident.Entry]()); !fault.Is(err, fault.NotFound) {
				t.Errorf("unknown entry: %v, want not found", err)
			}
			for subject, length := range map[ident.Subject]int64{s: 3, ident.New[ident.Subject](): 0} {
				if n, err := r.j.ChainLength(ctx, tx, subject); err != nil || n != length {
					t.Errorf("chain = %d, %v, want %d", n, err, length)
				}
			}
			return nil
		})
	})
}

// TestEntriesOfAPeriod: of whom, about whom and what, within some days.
func TestEntriesOfAPeriod(t *testing.T) {
	each(t, func(t *testing.T, r *rig) {
		child, unit := ident.New[ident.Subject](), ident.New[ident.Unit]()
		var days []time.Time
		for i := range 40 {
			days = append(days, r.clk.Now())
			e := read(child)
			switch i % 4 {
			case 1:
				e.What = "policy.activate"
			case 2:
				e.Subjects, e.Action = nil, journal.Export
			case 3:
				e.Subjects, e.Unit = []ident.Subject{ident.New[ident.Subject]()}, unit
			}
			r.append(t, e)
			r.clk.Advance(24 * time.Hour)
		}
		r.sequence(t)
		tests := []struct {
			name   string
			filter journal.Filter
			want   []int64
		}{
			{"some days", journal.Filter{From: days[10], Until: days[13]}, []int64{12, 11, 10}},
			{"until the beginning", journal.Filter{Until: days[0]}, nil},
			{"until a day to come", journal.Filter{From: days[38], Until: r.clk.Now()}, []int64{39, 38}},
			{"about one child", journal.Filter{Subject: child, From: days[32]}, []int64{37, 36, 33, 32}},
			{"about one child, earlier", journal.Filter{Subject: child, Until: days[5]}, []int64{4, 1, 0}},
			{"acts of a kind", journal.Filter{What: []string{"policy."}, From: days[30]}, []int64{37, 33}},
			{"one act", journal.Filter{What: []string{"policy.activate"}, From: days[36]}, []int64{37}},
			{"another act", journal.Filter{What: []string{"policy"}, From: days[36]}, nil},
			{"actions", journal.Filter{Actions: []string{journal.Export, journal.Print}, From: days[36]}, []int64{38}},
			{"people of a unit", journal.Filter{Units: []ident.Unit{unit}, From: days[36]}, []int64{39}},
			{"about anybody", journal.Filter{About: true, From: days[36]}, []int64{39, 37, 36}},
		}
		for _, tt := range tests {
			var got []int64
			r.in(t, func(tx *store.Tx) error {
				lines, _, err := r.j.Entries(ctx, tx, tt.filter, 0, 10)
				got = nil
				for _, l := range lines {
					got = append(got, l.Index)
				}
				return err
			})
			if !slices.Equal(got, tt.want) {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
			}
		}
	})
}
