package peer

import (
	"maps"
	"sync"

	"causeway/protocol/cx"
)

// Tally counts what passes the door and what is sent, for the figures that machines read.
// It holds codes and numbers and nothing about anybody. It is safe for concurrent use.
type Tally struct {
	mu sync.Mutex // guards the fields below
	t  Counts
}

// Counts is a snapshot of a tally.
type Counts struct {
	Received int64             // envelopes taken at the door, or fetched
	Sent     int64             // envelopes that a peer took
	Refused  map[cx.Code]int64 // what this node refused
	Returned map[cx.Code]int64 // what peers refused
	Failed   int64             // tries that no peer answered
	Alarms   int64             // a peer went beyond its limit
}

// NewTally returns an empty tally.
func NewTally() *Tally {
	return &Tally{t: Counts{Refused: map[cx.Code]int64{}, Returned: map[cx.Code]int64{}}}
}

// Counts returns what was counted so far.
func (t *Tally) Counts() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	out := t.t
	out.Refused, out.Returned = maps.Clone(t.t.Refused), maps.Clone(t.t.Returned)
	return out
}

func (t *Tally) do(f func(*Counts)) {
	t.mu.Lock()
	defer t.mu.Unlock()
	f(&t.t)
}

func (t *Tally) received() { t.do(func(c *Counts) { c.Received++ }) }
func (t *Tally) sent()     { t.do(func(c *Counts) { c.Sent++ }) }
func (t *Tally) failed()   { t.do(func(c *Counts) { c.Failed++ }) }
func (t *Tally) alarmed()  { t.do(func(c *Counts) { c.Alarms++ }) }

// refused counts a code; one that CX/1 does not have counts as internal, so that a peer
// cannot fill a table with words of its own.
func (t *Tally) refused(code cx.Code) { t.do(func(c *Counts) { c.Refused[known(code)]++ }) }

func (t *Tally) returned(code cx.Code) { t.do(func(c *Counts) { c.Returned[known(code)]++ }) }

func known(code cx.Code) cx.Code {
	if code.Valid() {
		return code
	}
	return cx.Internal
}
