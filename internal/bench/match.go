package bench

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"causeway/internal/fault"
	"causeway/internal/fixture"
	"causeway/internal/linkage"
	"causeway/internal/linkage/labelled"
)

// matchArea measures how well and how fast the same child is found: on labelled
// sets, on invented families with twins, in registers of growing size, and between
// two nodes that may not tell each other a name. With files it measures those
// and nothing else.
func matchArea(ctx context.Context, o *Options, emit func(Measure)) error {
	m := &matchBench{ctx: ctx, o: o, emit: emit}
	if len(o.Sets) > 0 {
		return m.files(o.Sets)
	}
	if err := m.febrl(); err != nil {
		return err
	}
	if err := m.scoring(); err != nil {
		return err
	}
	for _, size := range pick(o, []int{10_000, 100_000, 1_000_000}, []int{10_000, 100_000}) {
		if err := m.register(size); err != nil {
			return fmt.Errorf("a register of %d children: %w", size, err)
		}
	}
	// After the registers: the most memory ever held is a bar of theirs.
	if err := m.private(harshHolds, harshQuestions, pick(o, 4, 1)); err != nil {
		return fmt.Errorf("the private match: %w", err)
	}
	if err := m.masked(); err != nil {
		return fmt.Errorf("the private match, masked: %w", err)
	}
	return nil
}

type matchBench struct {
	ctx  context.Context
	o    *Options
	emit func(Measure)
}

// files measures one file, or two that are linked, without bars.
func (m *matchBench) files(names []string) error {
	if len(names) > 2 {
		return fault.InvalidField("set", "too-many")
	}
	var sets [2]*labelled.Set
	for i, name := range names {
		f, err := os.Open(name)
		if err != nil {
			return err
		}
		sets[i], err = labelled.Read(f)
		_ = f.Close() // it was only read
		if err != nil {
			return fmt.Errorf("file %d: %w", i+1, err)
		}
	}
	name := filepath.Base(names[0])
	if len(names) == 2 {
		name += " and " + filepath.Base(names[1])
	}
	return m.set(name, sets[0], sets[1], 0)
}

// febrl measures the sets that come with the program.
func (m *matchBench) febrl() error {
	for _, c := range []struct {
		a, b       string
		child, all float64 // bars of F1; 0 for none
	}{{"4a", "4b", .995, .999}, {"1", "", 0, 0}, {"2", "", 0, 0}} {
		a, err := labelled.Febrl(c.a)
		if err != nil {
			return err
		}
		var b *labelled.Set
		name := "Febrl " + c.a[:1]
		if c.b != "" {
			if b, err = labelled.Febrl(c.b); err != nil {
				return err
			}
		}
		child := b
		if b != nil {
			child = b.Child()
		}
		if err := m.set(name+", fields of a child", a.Child(), child, c.child); err != nil {
			return err
		}
		if err := m.set(name+", all fields", a, b, c.all); err != nil {
			return err
		}
	}
	return nil
}

// set measures one set, or two linked, and holds F1 to a bar where there is one.
func (m *matchBench) set(name string, a, b *labelled.Set, bar float64) error {
	m.o.say("%s", name)
	s, err := labelled.Measure(m.ctx, a, b, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	on := func(what string) string { return name + ": " + what }
	m.emit(scale(on("records"), float64(len(a.Records)), "records"))
	m.emit(scale(on("pairs that are one person"), float64(s.True), "pairs"))
	m.emit(scale(on("precision at p >= 0.5"), s.Precision(), ""))
	m.emit(scale(on("recall"), s.Recall(), ""))
	m.emit(scale(on("called the same child, of which true"), share(s.CalledTrue, s.Called), ""))
	if bar == 0 {
		m.emit(scale(on("F1"), s.F1(), ""))
		m.emit(scale(on("true pairs among those compared"), s.Reach(), ""))
		m.emit(scale(on("compared for each record"), s.Each(), "pairs"))
		return nil
	}
	m.emit(atLeast(on("F1"), s.F1(), "", bar))
	m.emit(atLeast(on("true pairs among those compared"), s.Reach(), "", .999))
	m.emit(atMost(on("compared for each record"), s.Each(), "pairs", 10))
	return nil
}

func share(part, of int) float64 {
	if of == 0 {
		return 1
	}
	return float64(part) / float64(of)
}

// scoring measures how many pairs one processor scores, on Febrl 4 with all
// fields: the pairs that are compared there.
func (m *matchBench) scoring() error {
	x := linkage.New(linkage.Default())
	n := 0
	for _, name := range []string{"4a", "4b"} {
		s, err := labelled.Febrl(name)
		if err != nil {
			return err
		}
		for i := range s.Records {
			if err := x.Put(labelled.Ref(n), linkage.Prepare(&s.Records[i])); err != nil {
				return err
			}
			n++
		}
	}
	var pairs [][2]linkage.Ref
	scope := linkage.Scope{Split: n / 2}
	if err := x.Pairs(m.ctx, scope, func(a, b linkage.Ref) { pairs = append(pairs, [2]linkage.Ref{a, b}) }); err != nil {
		return err
	}
	scored, start := 0, cpuTime()
	for cpuTime()-start < pick(m.o, 4*time.Second, time.Second) {
		x.Rescore(pairs, func(int, linkage.Result) { scored++ })
	}
	rate := float64(scored) / (cpuTime() - start).Seconds()
	m.emit(atLeast("pairs scored, Febrl 4, all fields, per second of one processor", rate, "/s", 1e6))
	return nil
}

// recordOf is an invented registration as a record.
func recordOf(f *fixture.Registration) linkage.Record {
	r := linkage.Record{
		Given: []string{f.Given}, Family: []string{f.Surname}, Mother: []string{f.Mother},
		Birth:  linkage.Birth{Earliest: linkage.Date(f.Earliest), Latest: linkage.Date(f.Latest)},
		Sex:    map[string]linkage.Sex{"f": linkage.Female, "m": linkage.Male}[f.Sex],
		Places: []linkage.Place{{Region: f.Region, District: f.District, Town: f.Town}},
	}
	if f.Document != "" {
		var t linkage.Tag
		copy(t[:], f.Document[1:])
		r.Documents = []linkage.Tag{t}
	}
	return r
}

// heap is how much memory is in use after everything unused was given back.
func heap() float64 {
	runtime.GC()
	var s runtime.MemStats
	runtime.ReadMemStats(&s)
	return float64(s.HeapAlloc)
}
