// Package clock is the only source of time. Everything else receives a [Clock],
// so that tests and the demo can say what day it is.
package clock

import (
	"sync"
	"time"
)

// Clock tells the time, in UTC, cut to microseconds (the resolution stored).
type Clock interface{ Now() time.Time }

type system struct{}

func (system) Now() time.Time { return time.Now().UTC().Truncate(time.Microsecond) }

// System returns the machine's clock.
func System() Clock { return system{} }

// Fake is a clock that stands still until it is told to move. It is safe for
// concurrent use.
type Fake struct {
	mu  sync.Mutex // guards now
	now time.Time
}

// NewFake returns a fake clock that shows t.
func NewFake(t time.Time) *Fake {
	return &Fake{now: t.UTC().Truncate(time.Microsecond)}
}

// Now returns the time the clock shows.
func (f *Fake) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

// Advance moves the clock by d, which may be negative: a machine's clock can
// jump back too.
func (f *Fake) Advance(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

// Set makes the clock show t.
func (f *Fake) Set(t time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = t.UTC().Truncate(time.Microsecond)
}

// Micros returns t as the database stores it: UTC microseconds since 1970.
func Micros(t time.Time) int64 { return t.UnixMicro() }

// FromMicros returns the time of stored microseconds.
func FromMicros(us int64) time.Time { return time.UnixMicro(us).UTC() }
