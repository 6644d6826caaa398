package backup

import "io"

// aheadSize is what is handed over at once, aheadMost how many such pieces wait.
const (
	aheadSize = 256 << 10
	aheadMost = 4
)

// ahead writes in a goroutine of its own, so that the database is read while the
// piece before is compressed and sealed. Close waits for the goroutine.
type ahead struct {
	pieces chan []byte   // filled, on their way to w
	free   chan []byte   // used, to be filled again
	done   chan struct{} // closed when the goroutine has ended
	err    error         // of w; read by others after done only
	failed chan struct{} // closed when err is set
	closed bool          // of the writing side
}

func newAhead(w io.Writer) *ahead {
	a := &ahead{
		pieces: make(chan []byte, aheadMost), free: make(chan []byte, aheadMost),
		done: make(chan struct{}), failed: make(chan struct{}),
	}
	for range aheadMost {
		a.free <- make([]byte, 0, aheadSize)
	}
	go a.run(w)
	return a
}

func (a *ahead) run(w io.Writer) {
	defer close(a.done)
	for p := range a.pieces {
		if a.err == nil {
			if _, a.err = w.Write(p); a.err != nil {
				close(a.failed)
			}
		}
		a.free <- p[:0]
	}
}

// Write takes a copy of b.
func (a *ahead) Write(b []byte) (int, error) {
	for rest := b; len(rest) > 0; {
		select {
		case <-a.failed:
			return 0, a.err // set before failed was closed
		default:
		}
		p := <-a.free
		n := min(len(rest), aheadSize)
		a.pieces <- append(p, rest[:n]...)
		rest = rest[n:]
	}
	return len(b), nil
}

// Close waits until everything is written and returns the first error.
func (a *ahead) Close() error {
	if !a.closed {
		a.closed = true
		close(a.pieces)
	}
	<-a.done
	return a.err
}
