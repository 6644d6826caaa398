package linkage_test

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"causeway/internal/fault"
	"causeway/internal/fixture"
	"causeway/internal/linkage"
)

// child is an invented child with everything known.
func child() linkage.Record {
	return linkage.Record{
		Given: []string{"Amina"}, Family: []string{"al-Rimali"}, Mother: []string{"Khadija Samrawi"},
		Birth: linkage.Day(2011, 3, 14), Sex: linkage.Female,
		Places: []linkage.Place{{Region: "Rimal North", District: "Wadi", Town: "Ain Tarfa"}},
	}
}

func refOf(n int) (r linkage.Ref) {
	h := sha256.Sum256(binary.LittleEndian.AppendUint64(nil, uint64(n)))
	copy(r[:], h[:8])
	binary.LittleEndian.PutUint64(r[8:], uint64(n))
	return r
}

func number(r linkage.Ref) int { return int(binary.LittleEndian.Uint64(r[8:])) }

func recordOf(f *fixture.Registration) linkage.Record {
	r := linkage.Record{
		Given: []string{f.Given}, Family: []string{f.Surname}, Mother: []string{f.Mother},
		Birth:  linkage.Birth{Earliest: linkage.Date(f.Earliest), Latest: linkage.Date(f.Latest)},
		Sex:    map[string]linkage.Sex{"f": linkage.Female, "m": linkage.Male}[f.Sex],
		Places: []linkage.Place{{Region: f.Region, District: f.District, Town: f.Town}},
	}
	if f.Document != "" {
		h := sha256.Sum256([]byte(f.Document))
		r.Documents = []linkage.Tag{linkage.Tag(h[:16])}
	}
	return r
}

// register fills an index with invented families.
func register(t *testing.T, children int) (*linkage.Index, []fixture.Registration) {
	t.Helper()
	x := linkage.New(linkage.Default())
	var all []fixture.Registration
	fixture.Families{Seed: 11, Children: children, Repeats: 10}.Each(func(f *fixture.Registration) bool {
		r := recordOf(f)
		put(t, x, len(all), &r)
		all = append(all, *f)
		return true
	})
	return x, all
}

func put(t *testing.T, x *linkage.Index, n int, r *linkage.Record) {
	t.Helper()
	if err := x.Put(refOf(n), linkage.Prepare(r)); err != nil {
		t.Fatalf("put: %v", err)
	}
}

func search(t *testing.T, x *linkage.Index, r linkage.Record) []linkage.Hit {
	t.Helper()
	hits, err := x.Search(t.Context(), &linkage.Query{Like: linkage.Prepare(&r)})
	if err != nil {
		t.Fatalf("search: %v", err)
	}
	return hits
}

// TestFamiliesAreNotOneChild holds the engine to its promise about brothers,
// sisters and twins in invented families.
func TestFamiliesAreNotOneChild(t *testing.T) {
	x, all := register(t, 20_000)
	var seen struct{ sibling, twin, strangers, repeat [4]int }
	right, found := 0, 0
	err := x.Pass(t.Context(), linkage.Scope{}, func(p linkage.Pair) error {
		a, b := &all[number(p.A)], &all[number(p.B)]
		switch {
		case a.Child == b.Child:
			seen.repeat[p.Class]++
		case a.Family != b.Family:
			seen.strangers[p.Class]++
		case a.Twin && b.Twin:
			seen.twin[p.Class]++
		default:
			seen.sibling[p.Class]++
		}
		if p.Same >= .5 {
			found++
			if a.Child == b.Child {
				right++
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	repeats := 0
	for i := range all {
		if all[i].Repeat {
			repeats++
		}
	}
	t.Logf("by class: %+v; repeats %d, found %d, right %d", seen, repeats, found, right)
	for name, of := range map[string][4]int{"siblings": seen.sibling, "twins": seen.twin} {
		sum := of[0] + of[1] + of[2] + of[3]
		if sum == 0 || of[linkage.SameChild]*50 > sum {
			t.Errorf("%d of %d pairs of %s are called the same child, want at most 2 %%", of[linkage.SameChild], sum, name)
		}
		if of[linkage.PossiblyFamily]*10 < sum*8 {
			t.Errorf("%d of %d pairs of %s are called a family, want at least 80 %%", of[linkage.PossiblyFamily], sum, name)
		}
	}
	if right*100 < repeats*90 || right*100 < found*95 {
		t.Errorf("%d pairs found, %d right, of %d: want recall 0.90 and precision 0.95", found, right, repeats)
	}
}

func TestOneGivenNameInAnyScript(t *testing.T) {
	x, _ := register(t, 3000)
	r := child()
	r.Given = []string{"Zulaykha"}
	put(t, x, 900_001, &r)
	r.Given = []string{"زليخة"}
	r.Family = []string{"السمراوي"}
	put(t, x, 900_002, &r)
	for _, typed := range []string{"zulaykha", "ZULAYKHA", "Zoulaikha", "زليخة", "زُلَيْخَة"} {
		hits := search(t, x, linkage.Record{Given: []string{typed}})
		for _, want := range []int{900_001, 900_002} {
			at := slices.IndexFunc(hits, func(h linkage.Hit) bool { return h.Ref == refOf(want) })
			if at < 0 || at >= 5 {
				t.Errorf("%s finds child %d at place %d, want it among the first five", typed, want, at+1)
			}
		}
	}
}

func TestWhatIsFoundSaysWhy(t *testing.T) {
	x, _ := register(t, 3000)
	was := child()
	put(t, x, 900_001, &was)
	asked := child()
	asked.Given, asked.Family = []string{"Al-Rimali"}, []string{"Ameena"}
	asked.Birth = linkage.Day(2011, 3, 15)
	asked.Sex = linkage.SexUnknown
	hits := search(t, x, asked)
	if len(hits) == 0 || hits[0].Ref != refOf(900_001) || hits[0].Class < linkage.PossiblySame {
		t.Fatalf("got %+v, want the child first, as possibly the same", hits[:min(1, len(hits))])
	}
	got := make(map[string]string)
	for _, e := range hits[0].Evidence {
		got[e.Field.String()] = e.Level.String()
	}
	want := map[string]string{
		"given": "code", "family": "exact", "order": "else", "mother": "exact", "birth": "code",
		"region": "exact", "district": "exact", "town": "exact",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("evidence (-want +got):\n%s", diff)
	}
	again, ok, err := x.Between(linkage.Prepare(&asked), refOf(900_001))
	if err != nil || !ok || cmp.Diff(hits[0], again) != "" {
		t.Errorf("Between says otherwise than Search: %v, %v, %s", ok, err, cmp.Diff(hits[0], again))
	}
}

// TestLevels holds each way two records may agree to its level.
func TestLevels(t *testing.T) {
	tag := linkage.Tag{1, 2, 3}
	for _, c := range []struct {
		name  string
		a, b  linkage.Record
		field linkage.Field
		want  linkage.Level
	}{
		{"same date", linkage.Record{Birth: linkage.Day(2010, 5, 7)}, linkage.Record{Birth: linkage.Day(2010, 5, 7)}, linkage.FieldBirth, linkage.Exact},
		{"one digit", linkage.Record{Birth: linkage.Day(2010, 5, 7)}, linkage.Record{Birth: linkage.Day(2010, 5, 17)}, linkage.FieldBirth, linkage.Code},
		{"day and month", linkage.Record{Birth: linkage.Day(2010, 5, 7)}, linkage.Record{Birth: linkage.Day(2010, 7, 5)}, linkage.FieldBirth, linkage.Code},
		{"neighbouring digits", linkage.Record{Birth: linkage.Day(2012, 5, 7)}, linkage.Record{Birth: linkage.Day(2021, 5, 7)}, linkage.FieldBirth, linkage.Code},
		{"same year", linkage.Record{Birth: linkage.Day(2010, 5, 7)}, linkage.Record{Birth: linkage.Day(2010, 11, 28)}, linkage.FieldBirth, linkage.Close},
		{"a year beside", linkage.Record{Birth: linkage.Day(2010, 5, 7)}, linkage.Record{Birth: linkage.Day(2011, 11, 28)}, linkage.FieldBirth, linkage.Near},
		{"far", linkage.Record{Birth: linkage.Day(2010, 5, 7)}, linkage.Record{Birth: linkage.Day(2014, 11, 28)}, linkage.FieldBirth, linkage.Else},
		{"intervals meet", linkage.Record{Birth: linkage.Years(2008, 2010)}, linkage.Record{Birth: linkage.Day(2010, 11, 28)}, linkage.FieldAge, linkage.Exact},
		{"1 January is a year", linkage.Record{Birth: linkage.Day(2010, 1, 1)}, linkage.Record{Birth: linkage.Day(2010, 11, 28)}, linkage.FieldAge, linkage.Exact},
		{"intervals miss a little", linkage.Record{Birth: linkage.Years(2008, 2009)}, linkage.Record{Birth: linkage.Day(2010, 11, 28)}, linkage.FieldAge, linkage.Near},
		{"intervals miss", linkage.Record{Birth: linkage.Years(2008, 2009)}, linkage.Record{Birth: linkage.Day(2013, 11, 28)}, linkage.FieldAge, linkage.Else},
		{"some of the words", linkage.Record{Given: []string{"Mohammed Ali"}}, linkage.Record{Given: []string{"Mohammed Tariq"}}, linkage.FieldGiven, linkage.Part},
		{"fewer words", linkage.Record{Given: []string{"Maria Jose"}}, linkage.Record{Given: []string{"Maria"}}, linkage.FieldGiven, linkage.Code},
		{"words joined", linkage.Record{Given: []string{"Vuanhduc"}}, linkage.Record{Given: []string{"Vu Anh Duc"}}, linkage.FieldGiven, linkage.Code},
		{"initial", linkage.Record{Given: []string{"Maria"}}, linkage.Record{Given: []string{"M."}}, linkage.FieldGiven, linkage.Near},
		{"best of several", linkage.Record{Family: []string{"Okello", "Haddad"}}, linkage.Record{Family: []string{"Haddad"}}, linkage.FieldFamily, linkage.Exact},
		{"nickname", linkage.Record{Given: []string{"Benedetta"}, Other: []string{"Sparrow"}}, linkage.Record{Given: []string{"Sparrow"}}, linkage.FieldGiven, linkage.Code},
		{"document", linkage.Record{Documents: []linkage.Tag{tag}}, linkage.Record{Documents: []linkage.Tag{{9}, tag}}, linkage.FieldDocument, linkage.Exact},
		{"other document", linkage.Record{Documents: []linkage.Tag{tag}}, linkage.Record{Documents: []linkage.Tag{{9}}}, linkage.FieldDocument, linkage.Else},
	} {
		x := linkage.New(linkage.Default())
		put(t, x, 1, &c.a)
		h, _, err := x.Between(linkage.Prepare(&c.b), refOf(1))
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(h.Evidence, func(e linkage.Evidence) bool { return e.Field == c.field })
		if at < 0 || h.Evidence[at].Level != c.want {
			t.Errorf("%s: got %+v, want %v %v", c.name, h.Evidence, c.field, c.want)
		}
	}
}

func TestWhatIsMissingIsNoEvidence(t *testing.T) {
	x := linkage.New(linkage.Default())
	r := child()
	put(t, x, 1, &r)
	h, ok, err := x.Between(linkage.Prepare(&linkage.Record{Household: []linkage.Tag{{7}}}), refOf(1))
	if err != nil || !ok || len(h.Evidence) > 0 || h.Weight != 0 {
		t.Errorf("got %+v, %v, %v, want no evidence", h, ok, err)
	}
}

// TestHouseholdTellsOfFamily: what a family shares makes relatives, not the same child.
func TestHouseholdTellsOfFamily(t *testing.T) {
	x, _ := register(t, 1000)
	home := linkage.Tag{5, 5, 5}
	a := child()
	a.Household = []linkage.Tag{home}
	put(t, x, 900_001, &a)
	b := linkage.Record{Given: []string{"Yusuf"}, Birth: linkage.Years(2014, 2016), Sex: linkage.Male, Household: []linkage.Tag{home}}
	hits, err := x.Search(t.Context(), &linkage.Query{Like: linkage.Prepare(&b), Kin: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(hits) == 0 || hits[0].Ref != refOf(900_001) || hits[0].Class != linkage.PossiblyFamily {
		t.Errorf("got %+v, want the child of the same household first, as family", hits[:min(1, len(hits))])
	}
}

// TestRemovedIsForgotten: with the last record that has it a word goes too.
func TestRemovedIsForgotten(t *testing.T) {
	x, all := register(t, 1000)
	r := child()
	r.Given = []string{"Zaynab"}
	put(t, x, 900_001, &r)
	r.Given = []string{"Mahfouda"}
	put(t, x, 900_001, &r) // replaced
	if x.Len() != len(all)+1 {
		t.Errorf("%d records, want %d", x.Len(), len(all)+1)
	}
	for _, h := range search(t, x, linkage.Record{Given: []string{"Zaynab"}}) {
		if h.Ref == refOf(900_001) && h.Weight > 0 {
			t.Error("a replaced name is still found")
		}
	}
	x.Remove(refOf(900_001))
	x.Remove(refOf(900_001))
	if got := x.Words("mahfouda"); got {
		t.Error("the word of a removed record is still in memory")
	}
	for i := range all {
		x.Remove(refOf(i))
	}
	if hits := search(t, x, child()); x.Len() != 0 || len(hits) != 0 {
		t.Errorf("an empty index has %d records and finds %d", x.Len(), len(hits))
	}
}

func TestPassIsTheSameEveryTime(t *testing.T) {
	run := func(x *linkage.Index, scope linkage.Scope) (out []linkage.Pair) {
		if err := x.Pass(t.Context(), scope, func(p linkage.Pair) error { out = append(out, p); return nil }); err != nil {
			t.Fatal(err)
		}
		return out
	}
	x, _ := register(t, 3000)
	var told []float64
	first := run(x, linkage.Scope{Progress: func(done float64) { told = append(told, done) }})
	if again := run(x, linkage.Scope{}); len(first) == 0 || !slices.Equal(first, again) {
		t.Errorf("two passes over the same records differ: %d and %d pairs", len(first), len(again))
	}
	if len(told) == 0 || !slices.IsSorted(told) || told[len(told)-1] != 1 {
		t.Errorf("progress was told as %v, want rising to 1", told)
	}
	w, err := x.Learn(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	v, err := x.Learn(t.Context(), 0)
	if err != nil || cmp.Diff(w, v) != "" {
		t.Errorf("learned twice from the same records: %v, %s", err, cmp.Diff(w, v))
	}
	text, err := json.Marshal(w)
	if err != nil {
		t.Fatal(err)
	}
	var read linkage.Weights
	if err := json.Unmarshal(text, &read); err != nil || cmp.Diff(w, &read) != "" {
		t.Errorf("weights that were stored differ: %v, %s", err, cmp.Diff(w, &read))
	}
}

func TestPassCanBeStopped(t *testing.T) {
	x, _ := register(t, 2000)
	ctx, cancel := context.WithCancel(t.Context())
	err := x.Pass(ctx, linkage.Scope{Progress: func(float64) { cancel() }}, func(linkage.Pair) error {
		t.Error("a stopped pass hands over pairs")
		return nil
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want the end of the context", err)
	}
	if _, err := x.Search(ctx, &linkage.Query{Like: linkage.Prepare(&linkage.Record{})}); !errors.Is(err, context.Canceled) {
		t.Errorf("search: got %v, want the end of the context", err)
	}
	stop := errors.New("enough")
	if err := x.Pass(t.Context(), linkage.Scope{}, func(linkage.Pair) error { return stop }); !errors.Is(err, stop) {
		t.Errorf("got %v, want the error of the visit", err)
	}
}

func TestOtherFormsAreRefused(t *testing.T) {
	x := linkage.New(linkage.Default())
	r := child()
	r.Documents = []linkage.Tag{{1}}
	good := linkage.Prepare(&r)
	for n := range good {
		if err := x.Put(refOf(1), good[:n]); err == nil {
			// A row may end after any word or tag; it is then a row of fewer.
			x.Remove(refOf(1))
		} else if !fault.Is(err, fault.Internal) {
			t.Fatalf("cut at %d: got %v, want an internal fault", n, err)
		}
	}
	other := slices.Clone(good)
	other[0]++
	if err := x.Put(refOf(1), other); !fault.Is(err, fault.Internal) || x.Len() != 0 {
		t.Errorf("a row of another version: got %v with %d records, want a fault and none", err, x.Len())
	}
	if _, err := linkage.New(linkage.Default()).Learn(t.Context(), 0); !fault.Is(err, fault.Invalid) {
		t.Errorf("learning from nothing: got %v, want a refusal", err)
	}
}

// TestTogether searches and changes at once; the race detector looks on.
func TestTogether(t *testing.T) {
	x, all := register(t, 500)
	var group sync.WaitGroup
	for w := range 3 {
		group.Go(func() {
			for i := range 60 {
				r := recordOf(&all[(w*60+i)%len(all)])
				if w == 0 {
					if err := x.Put(refOf(1000+i), linkage.Prepare(&r)); err != nil {
						t.Error(err)
					}
					x.Remove(refOf(1000 + i - 3))
				} else if _, err := x.Search(t.Context(), &linkage.Query{Like: linkage.Prepare(&r)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
}
