package intake

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// A batch holds at most this many commands and should take no longer than this,
// so that people who work meanwhile do not feel the import.
const (
	batchCommands = access.GroupMost
	batchTime     = 200 * time.Millisecond
	firstBatch    = 100
	leastBatch    = 5
)

// Progress is how far an import is.
type Progress struct {
	Row        int64 // number of the last row done
	Total      int64 // rows of the file, as the dry run counted them
	Registered int64
	Refused    int64
}

// Run registers the rows of a checked import, or goes on where it stopped, and
// returns when it has ended. Rows are registered in batches, all or none; which
// rows are done is written with them. When ctx ends, the import is paused.
func (s *Imports) Run(ctx context.Context, c *access.Caller, id ident.Import, progress func(Progress)) (*Import, error) {
	im, _, err := s.start(ctx, c, ident.Command{}, id)
	if err != nil {
		return nil, err
	}
	return s.run(ctx, c, im, progress)
}

// run registers the rows of an import that was marked as running.
func (s *Imports) run(ctx context.Context, c *access.Caller, im *Import, progress func(Progress)) (*Import, error) {
	r := &run{s: s, c: c, im: *im, progress: progress, size: firstBatch}
	return r.end(ctx, r.rows(ctx))
}

// start marks an import as running. first is false when the command was carried
// out before.
func (s *Imports) start(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) (out *Import, first bool, err error) {
	first, err = s.once(ctx, c, cmd, func(p *access.Pass) error {
		im, err := s.load(ctx, p, id)
		if err != nil {
			return err
		}
		switch im.State {
		case Checked, Paused, Failed:
		case Running, Checking:
			return errElsewhere
		case Done:
			return fault.New(fault.Conflict, "import-done")
		default:
			return fault.New(fault.Conflict, "import-not-checked")
		}
		if im.Mapping == nil || im.Report == nil {
			return fault.New(fault.Conflict, "import-not-checked")
		}
		im.State, im.Failure = Running, ""
		out = im
		return im.save(ctx, p, false)
	})
	return out, first, err
}

// run is one run of an import. Its import is as the database has it.
type run struct {
	s        *Imports
	c        *access.Caller
	im       Import
	progress func(Progress)
	size     int // commands in the next batch
}

// rows reads the file and registers what is not done yet.
func (r *run) rows(ctx context.Context) error {
	f, err := r.s.open(&r.im)
	if err != nil {
		return err
	}
	defer r.s.shut(ctx, f)
	t, err := r.s.table(ctx, r.c, &r.im, f)
	if err != nil {
		return err
	}
	defer r.s.shut(ctx, t)
	batch, commands, last := []*Row(nil), 0, r.im.LastRow
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		row, err := t.Next()
		if errors.Is(err, io.EOF) {
			return r.register(ctx, batch, last)
		}
		if err != nil {
			return err
		}
		if row.Number <= r.im.LastRow {
			continue // done before; read all the same, to know what repeats
		}
		if !row.Stopped() {
			if commands+row.commands() >= r.size {
				if err := r.register(ctx, batch, last); err != nil {
					return err
				}
				batch, commands = nil, 0
			}
			batch = append(batch, row)
			commands += row.commands()
		}
		last = row.Number
	}
}

// commands is how many commands the row takes: the registration, a note for what
// has no field of its own, what the file said, a record for each form, and each entry
// of a sub-form.
func (r *Row) commands() int {
	n := 1 + len(r.Answers) + len(r.Parts)
	if _, ok := note(r); ok {
		n++
	}
	if len(r.Source) > 0 {
		n++
	}
	return n
}

// register registers a batch in one commit. When a row is refused, nothing of the
// batch stands; it is halved until the row is found, reported, and passed over.
func (r *run) register(ctx context.Context, rows []*Row, last int64) error {
	if len(rows) == 0 && last == r.im.LastRow {
		return nil
	}
	before := r.s.Clock.Now()
	err := r.commit(ctx, rows, last, nil)
	if len(rows) == 0 || !refusal(err) {
		r.adapt(r.s.Clock.Now().Sub(before))
		return err
	}
	if len(rows) == 1 {
		return r.commit(ctx, nil, last, &Problem{Row: rows[0].Number, Code: Refused, Stop: true, Value: told(err)})
	}
	half := len(rows) / 2
	if err := r.register(ctx, rows[:half], rows[half-1].Number); err != nil {
		return err
	}
	return r.register(ctx, rows[half:], last)
}

// refusal reports whether an error is about a row and not about the database or
// the caller.
func refusal(err error) bool {
	if errors.Is(err, errElsewhere) {
		return false
	}
	return fault.Is(err, fault.Invalid) || fault.Is(err, fault.Conflict)
}

// told is what the report says of a refusal: fields and codes, for the import's
// owner to look up.
func told(err error) string {
	text := fault.CodeOf(err)
	for _, f := range fault.FieldsOf(err) {
		text = join(text, f.Name+": "+f.Code, "; ")
	}
	return text
}

// adapt makes the next batch as large as the time allows. It aims at half
// of it, because one batch in a while also waits for the disk.
func (r *run) adapt(took time.Duration) {
	next := r.size * 3 / 2
	if took > 0 {
		next = min(next, int(int64(r.size)*int64(batchTime)/2/int64(took)))
	}
	r.size = min(batchCommands, max(leastBatch, next))
}

// commit registers rows and writes, in the same transaction, that everything up
// to row last is done.
func (r *run) commit(ctx context.Context, rows []*Row, last int64, refused *Problem) error {
	var next Import
	err := r.s.Register.Register(ctx, r.c, rows, func(ctx context.Context, p *access.Pass) error {
		next = r.im // this may run again
		first := next.LastRow + 1
		next.LastRow, next.batches = last, next.batches+1
		next.Registered += int64(len(rows))
		_, err := p.Tx().Exec(ctx, sqlInsertBatch, next.ID, next.batches, first, last, int64(len(rows)),
			clock.Micros(p.Now()), packMarks(next.secret.Marks.Reveal(), rows))
		switch {
		case fault.Is(err, fault.Conflict):
			return errElsewhere // another process has written this batch
		case err != nil:
			return fmt.Errorf("write batch: %w", err)
		}
		if refused != nil {
			next.Refused++
			if err := writeProblems(ctx, p, next.ID, []Problem{*refused}); err != nil {
				return err
			}
		}
		return next.save(ctx, p, false)
	})
	if err != nil {
		return err
	}
	next.Updated = r.s.Clock.Now()
	r.im = next
	if r.progress != nil {
		r.progress(Progress{next.LastRow, next.Total, next.Registered, next.Refused})
	}
	return nil
}

// endWithin is the time that is left for writing how something ended.
const endWithin = 10 * time.Second

// end writes how the run ended. The time that is left for it does not depend on
// ctx, which may be what ended it.
func (r *run) end(ctx context.Context, cause error) (*Import, error) {
	if errors.Is(cause, errElsewhere) {
		return nil, cause // the other one goes on
	}
	state, code := Done, ""
	switch {
	case cause == nil:
	case errors.Is(cause, context.Canceled), errors.Is(cause, context.DeadlineExceeded):
		state = Paused
	case fault.Is(cause, fault.Unavailable):
		state, code = Paused, fault.CodeOf(cause)
	case fault.Is(cause, fault.Internal):
		state, code = Failed, "internal"
	case fault.Is(cause, fault.NotFound), fault.Is(cause, fault.Denied):
		state, code = Failed, "not-allowed"
	default:
		state, code = Failed, fault.CodeOf(cause)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	err := r.s.do(ctx, r.c, func(p *access.Pass) error {
		im := r.im
		im.State, im.Failure = state, code
		if err := im.save(ctx, p, false); err != nil {
			return err
		}
		p.Tx().OnCommit(func() { r.im = im })
		return nil
	})
	if err != nil {
		return nil, errors.Join(cause, err)
	}
	if state == Done {
		if err := unspool(r.s.Dir, r.im.ID); err != nil {
			r.s.Log.WarnContext(ctx, "spool file left behind", slog.Any("err", err)) // Expire takes it
		}
	}
	return &r.im, cause
}
