package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/node"
	"causeway/internal/sealed"
)

// actor is who gives the commands of a crash loop, and to which node.
type actor struct {
	Dir   string
	Staff ident.Staff
	Unit  ident.Unit
}

// open opens the node.
func (a *actor) open(ctx context.Context) (*scratch, error) {
	n, err := node.Open(ctx, a.Dir, node.Options{Quiet: true})
	if err != nil {
		return nil, err
	}
	return &scratch{Node: n, unit: a.Unit, holder: ident.New[ident.Session]()}, nil
}

func (a *actor) caller(s *scratch) *access.Caller {
	return s.as(a.Staff, access.RoleCaseWorker, a.Unit)
}

// carryOut gives one command to the node. The same command again gives the same
// answer and changes nothing.
func (a *actor) carryOut(ctx context.Context, s *scratch, cmd ident.Command, o order) (ident.Case, error) {
	if o.in.IsZero() {
		return s.Cases.Register(ctx, a.caller(s), cmd, registration(o.n))
	}
	return o.in, s.Cases.AddNote(ctx, a.caller(s), cmd, o.in, casework.Note{
		Kind: "observation", Seen: sealed.NewText("The child asked when the school begins."),
	})
}

// crashWriters is how many write at once, so that commits are shared.
const crashWriters = 4

// notesEach is how many notes follow a registration.
const notesEach = 3

// crashChild gives commands until it is killed. It says which one it gives
// before, and the answer after.
func crashChild(ctx context.Context, parameters []byte, w io.Writer) error {
	var a actor
	if err := json.Unmarshal(parameters, &a); err != nil {
		return err
	}
	s, err := a.open(ctx)
	if err != nil {
		return err
	}
	stop := s.sequence(ctx)
	t := &talker{w: w}
	var wg sync.WaitGroup
	var mu sync.Mutex // guards failed
	var failed error
	for i := range crashWriters {
		wg.Go(func() {
			for n := i; ; n += crashWriters {
				if err := a.oneCase(ctx, s, t, n); err != nil {
					mu.Lock()
					defer mu.Unlock()
					failed = errors.Join(failed, err)
					return
				}
			}
		})
	}
	wg.Wait()
	return errors.Join(failed, stop(), s.Close())
}

// oneCase registers a child and writes a few notes.
func (a *actor) oneCase(ctx context.Context, s *scratch, t *talker, n int) error {
	var in ident.Case
	for range 1 + notesEach {
		cmd := ident.Beside[ident.Command]()
		if err := t.say("begin", cmd, in, n); err != nil {
			return err
		}
		got, err := a.carryOut(ctx, s, cmd, order{in: in, n: n})
		if err != nil {
			return err
		}
		in = got
		if err := t.say("answer", cmd, in, n); err != nil {
			return err
		}
	}
	return nil
}

// talker writes whole lines.
type talker struct {
	mu sync.Mutex // guards w
	w  io.Writer
}

func (t *talker) say(what string, cmd ident.Command, in ident.Case, n int) error {
	name := "-"
	if !in.IsZero() {
		name = in.String()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	_, err := fmt.Fprintf(t.w, "%s %s %s %d\n", what, cmd, name, n)
	return err
}
