package storetest

import "sync"

// Fail returns a hook for [WithFault] that makes the nth operation called op
// fail with err, counted from 1 and from the moment it is returned, and lets all
// others pass. The operations are listed at store.Config.
func Fail(op string, nth int, err error) func(string) error {
	var mu sync.Mutex // guards seen: readers and the writer call the hook
	seen := 0
	return func(got string) error {
		if got != op {
			return nil
		}
		mu.Lock()
		defer mu.Unlock()
		seen++
		if seen == nth {
			return err
		}
		return nil
	}
}

// Faults is a hook whose failures are set while the database is open. The zero
// value lets everything pass.
type Faults struct {
	mu   sync.Mutex // guards next
	next map[string][]error
}

// Hook is for [WithFault].
func (f *Faults) Hook(op string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	queue := f.next[op]
	if len(queue) == 0 {
		return nil
	}
	f.next[op] = queue[1:]
	return queue[0]
}

// Add makes the next operations called op fail with these errors in turn; nil
// lets one pass.
func (f *Faults) Add(op string, errs ...error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = map[string][]error{}
	}
	f.next[op] = append(f.next[op], errs...)
}
