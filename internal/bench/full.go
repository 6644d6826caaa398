package bench

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// The small disk: room for a node, and what is left of it once the filler lies
// there.
const (
	fullSize = 96 << 20
	fullLeft = 6 << 20
)

// fullDisk gives commands to a node until its disk is full, makes room and looks
// at what is left. It needs a file system of its own.
func fullDisk(ctx context.Context, o *Options, emit func(Measure)) error {
	dir, err := os.MkdirTemp(o.Dir, "causeway-full-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	unmount, err := mountSmall(dir, fullSize)
	if err != nil {
		o.say("a full disk cannot be tried here: %v", err)
		return nil
	}
	f := &full{crash: crash{o: &Options{Dir: dir}, engine: store.SQLite}, filler: filepath.Join(dir, "filler")}
	err = f.run(ctx)
	if err := errors.Join(err, f.close(), unmount()); err != nil {
		return fmt.Errorf("full disk: %w", err)
	}
	emit(scale("sqlite: commands answered until the disk was full", float64(f.answered), "commands"))
	emit(atLeast("sqlite: full disk refused with its own message", float64(f.refused), "refusals", 1))
	emit(atMost("sqlite: full disk, commands refused otherwise", float64(f.otherwise), "refusals", 0))
	emit(atMost("sqlite: full disk, answered commands lost", float64(f.lost), "commands", 0))
	emit(atMost("sqlite: full disk, commands done in part or twice", float64(f.halved+f.doubled), "commands", 0))
	emit(atMost("sqlite: full disk, journals or records unsound", float64(f.unsound+f.unfit), "findings", 0))
	emit(atLeast("sqlite: work goes on when there is room again", float64(f.resumed), "commands", 1))
	return nil
}

// full is a crash of another kind.
type full struct {
	crash
	filler string

	refused, otherwise, resumed int
}

func (f *full) run(ctx context.Context) error {
	if err := f.renew(ctx); err != nil {
		return err
	}
	s, err := f.who.open(ctx)
	if err != nil {
		return err
	}
	free, err := freeSpace(f.o.Dir)
	if err != nil {
		return errors.Join(err, s.Close())
	}
	if err := os.WriteFile(f.filler, make([]byte, max(0, free-fullLeft)), 0o600); err != nil {
		return errors.Join(err, s.Close())
	}
	told := newTestimony()
	f.fill(ctx, s, told)
	if err := errors.Join(os.Remove(f.filler), f.resume(ctx, s, told), s.Close()); err != nil {
		return err
	}
	return f.look(ctx, told, true)
}

// refusalsEach is how many commands are tried on the full disk.
const refusalsEach = 5

// fill gives commands until several in a row are refused.
func (f *full) fill(ctx context.Context, s *scratch, told *testimony) {
	for n, row := 0, 0; row < refusalsEach && n < 100_000; n++ {
		err := f.give(ctx, s, told, order{n: n})
		switch {
		case err == nil:
			row = 0
			continue
		case fault.CodeOf(err) == "disk-full":
			f.refused++
		default:
			f.find(&f.otherwise, "on the full disk: %v", err)
		}
		row++
	}
}

func (f *full) give(ctx context.Context, s *scratch, told *testimony, o order) error {
	cmd := ident.Beside[ident.Command]()
	told.order = append(told.order, cmd)
	told.begun[cmd] = o
	in, err := f.who.carryOut(ctx, s, cmd, o)
	if err == nil {
		told.answered[cmd] = in
	}
	return err
}

// resume gives a few more commands once there is room, and finds what the
// journal says about the refused ones: nothing.
func (f *full) resume(ctx context.Context, s *scratch, told *testimony) error {
	for n := range refusalsEach {
		if err := f.give(ctx, s, told, order{n: n}); err != nil {
			return fmt.Errorf("with room again: %w", err)
		}
		f.resumed++
	}
	entries, err := commandEntries(ctx, s, told)
	if err != nil {
		return err
	}
	for cmd, n := range entries {
		if _, answered := told.answered[cmd]; !answered && n > 0 {
			f.find(&f.halved, "a refused command has %d entries", n)
		}
	}
	report, err := s.VerifyJournal(ctx, nil)
	if err == nil && report.Exit != journal.Sound {
		f.find(&f.unsound, "the journal does not verify: %+v", report.First())
	}
	return err
}
