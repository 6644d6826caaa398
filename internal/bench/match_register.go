package bench

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"time"

	"causeway/internal/fixture"
	"causeway/internal/linkage"
	"causeway/internal/linkage/labelled"
)

// registered is a register of invented families, and what is known of it.
type registered struct {
	*linkage.Index
	kin    []kinship // of each registration
	sample []fixture.Registration
	true   int // pairs that are one child
}

// kinship is who a registration is of.
type kinship struct {
	child, family int32
	twin          bool
}

// everyNth registration is kept, to be searched for.
const everyNth = 97

// register fills a register of invented families, searches in it, and compares
// all with all. The bars of speed are those of a million children.
func (m *matchBench) register(size int) error {
	on := func(what string) string { return fmt.Sprintf("%d children: %s", size, what) }
	m.o.say("%s", on("filling"))
	r, err := m.fill(size, on)
	if err != nil {
		return err
	}
	if err := m.search(r, size, on); err != nil {
		return err
	}
	return m.pass(r, size, on)
}

// bar holds a figure to its bar in the largest register, and gives it for scale
// in smaller ones.
func bar(size int, m Measure) Measure {
	if size < 1_000_000 {
		m.Bar, m.Holds = "", true
	}
	return m
}

// fill prepares the registrations, as a node has them sealed in its database,
// and measures how long it takes to load them and what they take in memory.
func (m *matchBench) fill(size int, on func(string) string) (*registered, error) {
	r := &registered{Index: linkage.New(linkage.Default())}
	var all []byte // the prepared rows one after the other, each behind its length
	fixture.Families{Seed: 5, Children: size * 10 / 11, Repeats: 10}.Each(func(f *fixture.Registration) bool {
		record := recordOf(f)
		p := linkage.Prepare(&record)
		all = binary.LittleEndian.AppendUint16(all, uint16(len(p)))
		all = append(all, p...)
		if len(r.kin)%everyNth == 0 {
			r.sample = append(r.sample, *f)
		}
		if f.Repeat {
			r.true++
		}
		r.kin = append(r.kin, kinship{int32(f.Child), int32(f.Family), f.Twin})
		return m.ctx.Err() == nil
	})
	m.emit(scale(on("a prepared record"), float64(len(all)-2*len(r.kin))/float64(len(r.kin)), "bytes"))
	before := heap()
	start, used := time.Now(), cpuTime()
	for i, rest := 0, all; len(rest) > 0; i++ {
		n := int(binary.LittleEndian.Uint16(rest))
		if err := r.Put(labelled.Ref(i), rest[2:2+n]); err != nil {
			return nil, err
		}
		rest = rest[2+n:]
	}
	took, worked := time.Since(start), cpuTime()-used
	memory := heap() - before
	runtime.KeepAlive(all)
	m.emit(bar(size, atMost(on("loaded at a start, by one goroutine"), took.Seconds(), "s", 3)))
	m.emit(scale(on("loaded at a start, processor time"), worked.Seconds(), "s"))
	m.emit(bar(size, atMost(on("memory"), memory/(1<<20), "MiB", 256)))
	return r, m.ctx.Err()
}

// search asks for children who are there, told with new faults, and for a given
// name alone.
func (m *matchBench) search(r *registered, size int, on func(string) string) error {
	var like, given, work times
	n := min(len(r.sample), pick(m.o, 500, 100))
	for i := range r.sample[:n] {
		whole := recordOf(&r.sample[i])
		start := cpuTime()
		if err := like.add(func() error {
			_, err := r.Search(m.ctx, &linkage.Query{Like: linkage.Prepare(&whole)})
			return err
		}); err != nil {
			return err
		}
		work = append(work, cpuTime()-start)
		alone := linkage.Record{Given: whole.Given}
		if err := given.add(func() error {
			_, err := r.Search(m.ctx, &linkage.Query{Like: linkage.Prepare(&alone)})
			return err
		}); err != nil {
			return err
		}
	}
	m.emit(bar(size, atMost(on("search for a child, p95"), like.at(.95), "ms", 15)))
	m.emit(scale(on("search for a child, p50"), like.at(.5), "ms"))
	m.emit(scale(on("search for a child, processor time, p50"), work.at(.5), "ms"))
	m.emit(scale(on("search for a given name, p95"), given.at(.95), "ms"))
	return nil
}

// pass compares all children with each other and counts who was taken for whom.
func (m *matchBench) pass(r *registered, size int, on func(string) string) error {
	m.o.say("%s", on("comparing all with all"))
	var same, siblings, called, found, right int
	start, used := time.Now(), cpuTime()
	err := r.Pass(m.ctx, linkage.Scope{}, func(p linkage.Pair) error {
		a, b := r.of(p.A), r.of(p.B)
		one := a.child == b.child
		if p.Same >= .5 {
			found++
			if one {
				right++
			}
		}
		switch {
		case one:
			same++
		case a.family == b.family:
			siblings++
			if p.Class == linkage.SameChild {
				called++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	m.emit(bar(size, atMost(on("all compared with all"), time.Since(start).Seconds(), "s", 300)))
	m.emit(scale(on("all compared with all, processor time"), (cpuTime() - used).Seconds(), "s"))
	if _, most := resident(); most > 0 {
		m.emit(bar(size, atMost(on("most memory the program ever held"), float64(most)/(1<<20), "MiB", 1024)))
	}
	m.emit(scale(on("repeated registrations found, as same or family"), share(same, r.true), ""))
	m.emit(scale(on("repeated registrations found at p >= 0.5"), share(right, r.true), ""))
	m.emit(scale(on("of pairs found at p >= 0.5, true"), share(right, found), ""))
	m.emit(scale(on("pairs of brothers and sisters found"), float64(siblings), "pairs"))
	m.emit(atMost(on("of those, called the same child"), 100*share(called, siblings), "%", 2))
	return nil
}

func (r *registered) of(ref linkage.Ref) kinship { return r.kin[binary.LittleEndian.Uint64(ref[:])] }
