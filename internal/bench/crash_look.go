package bench

import (
	"context"
	"errors"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/store"
)

// look opens the node that was killed and compares it with what the killed
// process had said. all also compares every record with its entry.
func (c *crash) look(ctx context.Context, told *testimony, all bool) error {
	s, err := c.who.open(ctx)
	if err != nil {
		return fmt.Errorf("open the node: %w", err)
	}
	c.s = s
	return errors.Join(c.compare(ctx, told, all), s.Close())
}

func (c *crash) compare(ctx context.Context, told *testimony, all bool) error {
	s := c.s
	waiting, _, err := s.Journal.Lag(ctx)
	if err != nil {
		return err
	}
	if _, err := s.Journal.Sequence(ctx); err != nil {
		return fmt.Errorf("sequence %d entries that waited: %w", waiting, err)
	}
	before, err := s.Journal.Size(ctx)
	if err != nil {
		return err
	}
	// Every command that was answered is given again: nothing may happen.
	if err := c.again(ctx, told, before); err != nil {
		return err
	}
	entries, err := commandEntries(ctx, s, told)
	if err != nil {
		return err
	}
	if err := c.counts(ctx, told, entries); err != nil {
		return err
	}
	return c.verify(ctx, all)
}

// again gives every command again: first those that were answered, which must
// change nothing, then those that the kill caught, which are done now if they
// were not done before.
func (c *crash) again(ctx context.Context, told *testimony, before int64) error {
	for cmd, in := range told.answered {
		c.answered++
		got, err := c.who.carryOut(ctx, c.s, cmd, told.begun[cmd])
		switch {
		case err != nil:
			c.find(&c.lost, "an answered command fails: %v", err)
		case got != in:
			c.find(&c.lost, "an answered registration gave another case")
		}
	}
	after, err := c.size(ctx)
	if err != nil {
		return err
	}
	if after != before {
		c.find(&c.lost, "answered commands, given again, wrote %d entries", after-before)
	}
	for _, cmd := range told.order {
		if _, ok := told.answered[cmd]; ok {
			continue
		}
		c.caught++
		size, err := c.size(ctx)
		if err != nil {
			return err
		}
		in, err := c.who.carryOut(ctx, c.s, cmd, told.begun[cmd])
		if err != nil {
			return fmt.Errorf("a command that the kill caught: %w", err)
		}
		told.answered[cmd] = in
		after, err := c.size(ctx)
		if err != nil {
			return err
		}
		if after == size {
			c.done++
		}
	}
	return nil
}

// size sequences what waits and returns the size of the log.
func (c *crash) size(ctx context.Context) (int64, error) {
	if _, err := c.s.Journal.Sequence(ctx); err != nil {
		return 0, err
	}
	return c.s.Journal.Size(ctx)
}

// commandEntries counts the journal's entries of each command of a testimony.
func commandEntries(ctx context.Context, s *scratch, told *testimony) (map[ident.Command]int, error) {
	counts := map[ident.Command]int{}
	var before int64
	for missing := len(told.begun); missing > 0; {
		var lines []journal.Line
		err := s.DB.Read(ctx, func(tx *store.Tx) (err error) {
			lines, before, err = s.Journal.Entries(ctx, tx, journal.Filter{}, before, 500)
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, l := range lines {
			if len(l.Header.Command) != len(ident.Command{}) {
				continue
			}
			cmd := ident.Command(l.Header.Command)
			if _, ok := told.begun[cmd]; ok {
				if counts[cmd]++; counts[cmd] == 1 {
					missing--
				}
			}
		}
		if before == 0 || len(lines) == 0 {
			break
		}
	}
	return counts, nil
}

// counts compares, for each case, its events with the commands given to it, and
// for each command its entries.
func (c *crash) counts(ctx context.Context, told *testimony, entries map[ident.Command]int) error {
	events := map[ident.Case]int{}
	for cmd, in := range told.answered {
		events[in]++
		switch n := entries[cmd]; {
		case n == 0:
			c.find(&c.halved, "a command has no journal entry")
		case n > 1:
			c.find(&c.doubled, "a command has %d journal entries", n)
		}
	}
	reader := c.s.as(ident.New[ident.Staff](), access.RoleSupervisor, c.who.Unit)
	for id, want := range events {
		child, err := c.s.Cases.Open(ctx, reader, id)
		if fault.KindOf(err) == fault.Unavailable || fault.KindOf(err) == fault.NotFound {
			c.find(&c.halved, "a case does not open: %v", err)
			continue
		}
		if err != nil {
			return fmt.Errorf("open a case: %w", err)
		}
		switch {
		case len(child.Events) < want:
			c.find(&c.lost, "a case has %d events of %d", len(child.Events), want)
		case len(child.Events) > want:
			c.find(&c.doubled, "a case has %d events for %d commands", len(child.Events), want)
		}
	}
	return nil
}

// verify verifies the journal, and with all compares the records too.
func (c *crash) verify(ctx context.Context, all bool) error {
	if _, err := c.size(ctx); err != nil {
		return err
	}
	if _, err := c.s.Journal.Checkpoint(ctx); err != nil {
		return err
	}
	report, err := c.s.VerifyJournal(ctx, nil)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	if report.Exit != journal.Sound {
		c.find(&c.unsound, "the journal does not verify: %+v", report.First())
	}
	if !all {
		return nil
	}
	fit, err := c.s.Reconcile(ctx, nil)
	if err != nil {
		return fmt.Errorf("reconcile: %w", err)
	}
	for _, f := range fit.Findings {
		c.find(&c.unfit, "a record does not fit its entry: %+v", f)
	}
	return nil
}
