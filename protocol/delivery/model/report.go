// Package model shakes package delivery: two nodes hand children over, at random,
// over the whole table of package handover, while the line loses, doubles, reorders
// and keeps old envelopes for later, either node is killed at any moment and forgets
// what it had not committed, and both nodes and a witness are put back from backups,
// knowing it or not. It runs the shipped functions, not a copy of them.
//
// It is a program that looks for faults, not a proof that there are none. Start at
// [Check].
package model

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"sync"

	"causeway/protocol/handover"
)

// Report is what [Check] saw.
type Report struct {
	// What happened.
	Runs, Steps, Crashes int
	Restores, Undeclared int // of nodes; undeclared: the node did not know
	Witness              int // restores of the witness
	Rises, Watched       int // epochs entered; peers put under watch
	Returned, Voids      int // items that came back; numbers filled
	Overtaken, Expired   int // acts of people that a restore undid, and they were told; commands whose time was over
	Skipped, Replaced    int // items that could not be read; numbers of items that were never taken, filled
	Forks                int // threads frozen because two items claimed one place
	Moves                int // how many steps of the table of handover were seen
	moves                map[move]bool
	Bad                  []int // the runs of their seed that had a fault, the first few of each core: see Trace

	// Faults.
	Diverged  int // the two ends ended with different minds
	Lost      int // what somebody did is nowhere
	Doubled   int // a command was carried out or answered twice
	Illegal   int // a step that the table does not have
	Nobody    int // nobody answered for a child
	Unnoticed int // two items at one place, and nobody was told
	Needless  int // a fork although every restore was declared
	Left      int // a command left the outbox before its answer was held
	Receipts  int // the same envelope got two receipts
	Order     int // items were opened out of order
	Stuck     int // the two did not come to rest
}

// move is a step of the table of handover.
type move struct {
	from  handover.State
	event handover.Event
}

// Faults is how often something happened that must never happen.
func (r *Report) Faults() int {
	return r.Diverged + r.Lost + r.Doubled + r.Illegal + r.Nobody + r.Unnoticed + r.Needless + r.Left + r.Receipts +
		r.Order + r.Stuck
}

// String returns the report in one line.
func (r *Report) String() string {
	return fmt.Sprintf("%d runs, %d steps, %d crashes, %d restores (%d undeclared, %d of the witness), %d epochs, %d under watch, "+
		"%d returned, %d voids, %d skipped, %d replaced, %d overtaken, %d expired, %d forks seen, %d moves; faults: %d diverged, %d lost, %d doubled, %d illegal, %d nobody, "+
		"%d unnoticed, %d needless forks, %d left, %d receipts, %d order, %d stuck",
		r.Runs, r.Steps, r.Crashes, r.Restores, r.Undeclared, r.Witness, r.Rises, r.Watched, r.Returned, r.Voids, r.Skipped, r.Replaced, r.Overtaken, r.Expired,
		r.Forks, r.Moves, r.Diverged, r.Lost, r.Doubled, r.Illegal, r.Nobody, r.Unnoticed, r.Needless, r.Left, r.Receipts, r.Order, r.Stuck)
}

// add sums two reports.
func (r *Report) add(o *Report) {
	for _, p := range [][2]*int{
		{&r.Runs, &o.Runs},
		{&r.Steps, &o.Steps},
		{&r.Crashes, &o.Crashes},
		{&r.Restores, &o.Restores},
		{&r.Undeclared, &o.Undeclared},
		{&r.Witness, &o.Witness},
		{&r.Rises, &o.Rises},
		{&r.Watched, &o.Watched},
		{&r.Returned, &o.Returned},
		{&r.Voids, &o.Voids},
		{&r.Skipped, &o.Skipped},
		{&r.Replaced, &o.Replaced},
		{&r.Overtaken, &o.Overtaken},
		{&r.Expired, &o.Expired},
		{&r.Forks, &o.Forks},
		{&r.Diverged, &o.Diverged},
		{&r.Lost, &o.Lost},
		{&r.Doubled, &o.Doubled},
		{&r.Illegal, &o.Illegal},
		{&r.Nobody, &o.Nobody},
		{&r.Unnoticed, &o.Unnoticed},
		{&r.Needless, &o.Needless},
		{&r.Left, &o.Left},
		{&r.Receipts, &o.Receipts},
		{&r.Order, &o.Order},
		{&r.Stuck, &o.Stuck},
	} {
		*p[0] += *p[1]
	}
	r.Bad = append(r.Bad, o.Bad...)
	for m := range o.moves {
		r.moves[m] = true
	}
	r.Moves = len(r.moves)
}

// Check makes so many runs, spread over the cores. The same seed finds the same
// faults, however many cores there are.
func Check(seed uint64, runs int) Report { return check(seed, runs, flaws{}) }

// CheckSpoiled is [Check] with items that their receiver cannot read, or never takes.
func CheckSpoiled(seed uint64, runs int) Report { return check(seed, runs, flaws{spoils: true}) }

// badKept is how many runs with a fault a core remembers.
const badKept = 10

// Seeds makes so many runs in all, spread over seeds from 1.
func Seeds(seeds, runs int) Report {
	sum := Report{moves: map[move]bool{}}
	for i := range seeds {
		rep := Check(uint64(i+1), (runs*(i+1))/seeds-(runs*i)/seeds)
		sum.add(&rep)
	}
	return sum
}

func check(seed uint64, runs int, f flaws) Report { return checkFrom(seed, 0, runs, f) }

// checkFrom makes the runs of a seed from one on.
func checkFrom(seed uint64, from, runs int, f flaws) Report {
	defer debug.SetGCPercent(debug.SetGCPercent(1000)) // many small lives: collecting each at once costs more than it frees
	workers := runtime.GOMAXPROCS(0)
	reports := make([]Report, workers)
	var all sync.WaitGroup
	for w := range workers {
		all.Add(1)
		go func() {
			defer all.Done()
			reports[w].moves = map[move]bool{}
			for i := from + w; i < from+runs; i += workers {
				before := reports[w].Faults()
				run(seed<<32+uint64(i), f, &reports[w])
				if reports[w].Faults() != before && len(reports[w].Bad) < badKept {
					reports[w].Bad = append(reports[w].Bad, i)
				}
			}
		}()
	}
	all.Wait()
	sum := Report{moves: map[move]bool{}}
	for i := range reports {
		sum.add(&reports[i])
	}
	return sum
}

// Walk makes one run over rows that the caller keeps, for each of the two nodes its
// own. It returns the first error of the rows, too.
func Walk(seed uint64, open func(node int) Store) (Report, error) {
	rep := Report{moves: map[move]bool{}}
	w := newWorld(seed, flaws{}, &rep, open)
	w.live()
	rep.Moves = len(rep.moves)
	return rep, w.err
}

// run is one short life of two nodes.
func run(seed uint64, f flaws, rep *Report) {
	newWorld(seed, f, rep, func(int) Store { return NewMemory() }).live()
}

func (w *world) live() {
	w.warm()
	for range runSteps {
		w.step()
		w.look()
	}
	w.settle()
	w.judge()
	w.rep.Runs++
}
