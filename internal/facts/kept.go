package facts

import (
	"sync"
	"time"
)

// Kept keeps figures that take long to count, and counts them anew when they are old.
type Kept[T any] struct {
	mu    sync.Mutex // guards the rest
	last  *T
	since time.Time
}

// keptFor is how long figures are good.
const keptFor = 10 * time.Minute

// Get returns the figures last counted, or has them counted.
func (k *Kept[T]) Get(now time.Time, count func() (*T, error)) (T, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.last == nil || now.Sub(k.since) >= keptFor || now.Before(k.since) {
		counted, err := count()
		if err != nil {
			var none T
			return none, err
		}
		k.last, k.since = counted, now
	}
	return *k.last, nil
}
