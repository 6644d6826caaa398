package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/node"
	"causeway/internal/store"
)

// verifyLog fills a log and has another process verify it; then it proves
// entries.
func verifyLog(ctx context.Context, o *Options, emit func(Measure)) error {
	s, err := newScratch(ctx, o, store.SQLite, "")
	if err != nil {
		return err
	}
	entries := pick(o, 1_000_000, 100_000)
	err = fillLog(ctx, o, s, entries)
	if err == nil {
		err = proofs(ctx, o, s, emit)
	}
	// Closed, so that the other process finds the log in the file.
	dir := s.Node.Dir
	if err = errors.Join(err, s.Close()); err == nil {
		err = verifyElsewhere(ctx, o, dir, entries, emit)
	}
	return errors.Join(err, s.remove())
}

// Of the entries that fill a log, each fourth writes rows and is a link of its
// subject's chain; the others are looks.
const (
	fillSubjects = 5000
	fillGroup    = 500
)

// fillLog appends entries of the usual form and sequences them.
func fillLog(ctx context.Context, o *Options, s *scratch, entries int) error {
	subjects := make([]ident.Subject, fillSubjects)
	for i := range subjects {
		subjects[i] = ident.New[ident.Subject]()
	}
	mac := make([]byte, 16)
	told := time.Now()
	for done := 0; done < entries; done += fillGroup {
		err := s.DB.Write(ctx, func(tx *store.Tx) error {
			for i := done; i < done+fillGroup; i++ {
				e := journal.Entry{
					Actor: ident.New[ident.Staff](), Strength: "password", Session: ident.New[ident.Session](), Role: "case_worker",
					Unit: s.unit, Via: "web", Zone: "inside", Action: journal.Read, What: "case.open", Purpose: "case-work",
					Basis: "worker-opens-own-case", Subjects: []ident.Subject{subjects[i*7919%len(subjects)]}, Outcome: journal.OK,
				}
				if i%4 == 0 {
					id := ident.New[ident.Event]()
					e.Action, e.What, e.Command = journal.Update, "case.note", ident.New[ident.Command]()
					e.Rows = []journal.RowState{
						{Table: "casework_event", Row: id[:], Version: 1, MAC: mac},
						{Table: "casework_case", Row: id[:], Version: int64(i), MAC: mac},
					}
				}
				if _, err := s.Journal.Append(ctx, tx, e); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return fmt.Errorf("fill the log: %w", err)
		}
		if done/fillGroup%4 == 3 {
			if _, err := s.Journal.Sequence(ctx); err != nil {
				return err
			}
		}
		if time.Since(told) > 2*time.Second {
			told = time.Now()
			o.say("log: %d of %d entries", done, entries)
		}
	}
	if _, err := s.Journal.Sequence(ctx); err != nil {
		return err
	}
	_, err := s.Journal.Checkpoint(ctx)
	return err
}

// proofs measures inclusion proofs, made one after the other.
func proofs(ctx context.Context, o *Options, s *scratch, emit func(Measure)) error {
	var ids []ident.Entry
	size, err := s.Journal.Size(ctx)
	if err != nil {
		return err
	}
	for i := range 50 { // twenty entries at each of fifty places
		err := s.DB.Read(ctx, func(tx *store.Tx) error {
			lines, _, err := s.Journal.Entries(ctx, tx, journal.Filter{}, size-int64(i)*size/60, 20)
			for _, l := range lines {
				ids = append(ids, l.Header.EntryID())
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	n := pick(o, 20_000, 4000)
	var start time.Time
	for i := range n + len(ids) {
		if i == len(ids) { // each was proved once: warm now
			start = time.Now()
		}
		if _, err := s.Journal.Prove(ctx, ids[i*31%len(ids)]); err != nil {
			return err
		}
	}
	emit(atLeast(fmt.Sprintf("inclusion proof, warm, log of %d", size), float64(n)/time.Since(start).Seconds(), "/s", 2000))
	return nil
}

// verified is what the verifying process reports.
type verified struct {
	Exit     int
	Size     int64
	Seconds  float64
	Resident int64
	Before   int64 // resident before the verification began
}

// verifyElsewhere has a process of its own verify, so that its memory is that of
// the verification alone. The bars are those of a million entries.
func verifyElsewhere(ctx context.Context, o *Options, dir string, entries int, emit func(Measure)) error {
	o.say("log: verify")
	var v verified
	if err := askChild(ctx, "verify", dir, &v); err != nil {
		return err
	}
	if v.Exit != journal.Sound || v.Size < int64(entries) {
		return fmt.Errorf("the log of %d entries verifies with code %d over %d", entries, v.Exit, v.Size)
	}
	emit(scale(fmt.Sprintf("verify %d entries", entries), v.Seconds, "s"))
	emit(atMost("verify, for each million entries", v.Seconds*1e6/float64(entries), "s", 12))
	emit(atMost("verify, memory of the whole process", float64(v.Resident)/1e6, "MB", 48))
	emit(scale("verify, memory before it begins", float64(v.Before)/1e6, "MB"))
	return nil
}

// verifyChild verifies the journal of a node that is not running, as the command
// does.
func verifyChild(ctx context.Context, parameters []byte, w io.Writer) error {
	var dir string
	if err := json.Unmarshal(parameters, &dir); err != nil {
		return err
	}
	var v verified
	v.Before, _ = resident()
	start := time.Now()
	report, err := node.Verify(ctx, dir, node.Options{Quiet: true}, nil)
	v.Seconds = time.Since(start).Seconds()
	_, v.Resident = resident()
	if err != nil {
		return err
	}
	v.Exit, v.Size = report.Exit, report.Size
	return json.NewEncoder(w).Encode(v)
}
