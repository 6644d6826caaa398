package intake

import (
	"context"
	"errors"
	"log/slog"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// job is what runs in the background for one import.
type job struct {
	cancel context.CancelFunc
	done   chan struct{} // closed when it has ended
}

// Begin registers the rows of a checked import in the background, or goes on
// where that stopped; [Imports.Get] says how far it is. It ends when the import
// does, when somebody pauses it, or with [Imports.Close]. The same command again
// does nothing.
func (s *Imports) Begin(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error {
	return s.launch(id, func() (func(context.Context) error, error) {
		im, first, err := s.start(ctx, c, cmd, id)
		if err != nil || !first {
			return nil, err
		}
		return func(ctx context.Context) error {
			_, err := s.run(ctx, c, im, nil)
			return err
		}, nil
	})
}

// BeginCheck starts the dry run in the background, as m says the file is to be
// read, or, where m is nil, as was chosen before. One that is on its way stops.
// The same command again does nothing.
func (s *Imports) BeginCheck(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import, m *Mapping) error {
	return s.launch(id, func() (func(context.Context) error, error) {
		im, first, err := s.startCheck(ctx, c, cmd, id, m)
		if err != nil || !first {
			return nil, err
		}
		return func(ctx context.Context) error {
			_, err := s.check(ctx, c, im, nil)
			return err
		}, nil
	})
}

// launch runs the work that begin returns, nil for none, after what runs for this
// import already has stopped.
func (s *Imports) launch(id ident.Import, begin func() (func(context.Context) error, error)) error {
	s.mu.Lock()
	if s.ending {
		s.mu.Unlock()
		return fault.New(fault.Unavailable, "try-again")
	}
	s.wait.Add(1)
	s.mu.Unlock()
	work, err := begin()
	if err != nil || work == nil {
		s.wait.Done()
		return err
	}
	ctx, cancel := context.WithCancel(context.Background())
	j := &job{cancel, make(chan struct{})}
	s.mu.Lock()
	before := s.running[id]
	s.running[id] = j
	if s.ending { // meanwhile: it stops at once and says so
		cancel()
	}
	s.mu.Unlock()
	go func() {
		defer s.wait.Done()
		defer s.forget(id, j)
		if before != nil {
			before.cancel()
			<-before.done
		}
		if err := work(ctx); err != nil && !errors.Is(err, context.Canceled) && !errors.Is(err, errElsewhere) {
			s.Log.WarnContext(ctx, "import stopped", slog.Any("err", err))
		}
	}()
	return nil
}

func (s *Imports) forget(id ident.Import, j *job) {
	j.cancel()
	close(j.done)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.running[id] == j {
		delete(s.running, id)
	}
}

func (s *Imports) isRunning(id ident.Import) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running[id] != nil
}

// Pause stops what this process does for an import in the background: the dry run
// at once, the registration after the batch at hand. The same command again does
// nothing, also when the import was taken up since.
func (s *Imports) Pause(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error {
	first, err := s.once(ctx, c, cmd, func(p *access.Pass) error {
		_, err := s.load(ctx, p, id)
		return err
	})
	if err != nil || !first {
		return err
	}
	s.stop(id)
	return nil
}

// stop asks what runs for an import to end, and returns it.
func (s *Imports) stop(id ident.Import) *job {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.running[id]
	if j != nil {
		j.cancel()
	}
	return j
}

// halt stops what runs for an import and waits for it.
func (s *Imports) halt(id ident.Import) {
	if j := s.stop(id); j != nil {
		<-j.done
	}
}

// Close pauses what runs in the background and waits for it.
func (s *Imports) Close() {
	s.mu.Lock()
	s.ending = true
	for _, j := range s.running {
		j.cancel()
	}
	s.mu.Unlock()
	s.wait.Wait()
}
