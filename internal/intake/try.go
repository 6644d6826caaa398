package intake

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/intake/calendar"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// The report keeps this many lines in all and for one code, so that a column with
// the same fault in every row cannot hide the others. Counts are complete.
const (
	mostTold     = 5000
	mostTellings = 500
)

// table opens an import's table with everything that judges its rows.
func (s *Imports) table(ctx context.Context, c *access.Caller, im *Import, f *spooled) (*Table, error) {
	t, err := OpenTable(f, im.Mapping, s.Codes, s.Limits, calendar.DayOf(im.Created)) // the same day when it is taken up again
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	t.Worker = func(signIn string) bool {
		ok, asked := names[signIn]
		if !asked {
			ok = s.Register.Worker(ctx, signIn)
			names[signIn] = ok
		}
		return ok
	}
	if t.Earlier, err = s.earlier(ctx, c, im.ID); err != nil {
		s.shut(ctx, t)
		return nil, err
	}
	return t, nil
}

// Check reads the whole file, registers nothing, and keeps the report. progress is
// called now and then with the number of rows read; it may be nil.
func (s *Imports) Check(ctx context.Context, c *access.Caller, id ident.Import, progress func(rows int64)) (*Import, error) {
	im, _, err := s.startCheck(ctx, c, ident.Command{}, id, nil)
	if err != nil {
		return nil, err
	}
	return s.check(ctx, c, im, progress)
}

// startCheck marks an import as being tried, read as m says or, where m is nil, as
// was chosen before. first is false when the command was carried out before.
func (s *Imports) startCheck(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import, m *Mapping) (out *Import, first bool, err error) {
	var mapping sealed.Text
	if m != nil {
		if mapping, err = s.written(*m); err != nil {
			return nil, false, err
		}
	}
	first, err = s.once(ctx, c, cmd, func(p *access.Pass) error {
		im, err := s.load(ctx, p, id)
		if err != nil {
			return err
		}
		chosen := mapping
		if m == nil {
			chosen = im.secret.Mapping
		}
		if chosen.IsZero() {
			return fault.New(fault.Conflict, "import-not-mapped")
		}
		out = im
		return im.remap(ctx, p, Checking, chosen)
	})
	return out, first, err
}

// check is the dry run of an import that was marked as being tried.
func (s *Imports) check(ctx context.Context, c *access.Caller, im *Import, progress func(rows int64)) (*Import, error) {
	told := tellings{counts: map[string]int{}}
	rep, cause := s.try(ctx, c, im, &told, progress)
	if errors.Is(cause, errElsewhere) {
		return nil, cause // somebody chose anew meanwhile; the report of that counts
	}
	text, err := json.Marshal(rep)
	if err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	// What is left to write does not depend on ctx, which may be what ended it.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), endWithin)
	defer cancel()
	var out *Import
	err = s.do(ctx, c, func(p *access.Pass) error {
		now := *im // do may repeat this
		out = &now
		now.LastRow = 0
		if cause != nil {
			now.State, now.Failure, now.Total = Mapped, brokenOff(cause), 0
			return now.save(ctx, p, false)
		}
		now.State, now.Failure, now.Total, now.Ready, now.Again = Checked, "", rep.Rows, rep.Ready, rep.Again
		now.secret.Report, now.Report = sealed.NewText(string(text)), &rep
		if err := writeProblems(ctx, p, im.ID, told.list); err != nil {
			return err
		}
		return now.save(ctx, p, true)
	})
	if err = errors.Join(cause, err); err != nil {
		return nil, err
	}
	return out, nil
}

// brokenOff returns the message code of why a dry run did not come to its end, ""
// when somebody stopped it.
func brokenOff(cause error) string {
	if errors.Is(cause, context.Canceled) {
		return ""
	}
	if fields := fault.FieldsOf(cause); len(fields) > 0 {
		return fields[0].Code
	}
	if code := fault.CodeOf(cause); code != "" && !fault.Is(cause, fault.Internal) {
		return code
	}
	return "import-broken-off"
}

// beatEvery is how often a dry run says how far it is.
const beatEvery = time.Second

// try reads the file to its end.
func (s *Imports) try(ctx context.Context, c *access.Caller, im *Import, told *tellings, progress func(rows int64)) (Report, error) {
	f, err := s.open(im)
	if err != nil {
		return Report{}, err
	}
	defer s.shut(ctx, f)
	t, err := s.table(ctx, c, im, f)
	if err != nil {
		return Report{}, err
	}
	defer s.shut(ctx, t)
	rows, said := int64(0), s.Clock.Now()
	return DryRun(ctx, t, func(r *Row) error {
		rows++
		told.add(r.Problems)
		if progress != nil && rows%1000 == 0 {
			progress(rows)
		}
		if now := s.Clock.Now(); rows%100 == 0 && now.Sub(said) >= beatEvery {
			said = now
			return s.beat(ctx, im, rows, f.estimate(rows))
		}
		return nil
	})
}

// beat says how far a dry run is. It writes no entry into the journal: nothing of
// the import changes, and the dry run's own entries frame it.
func (s *Imports) beat(ctx context.Context, im *Import, rows, of int64) error {
	return s.DB.Write(ctx, func(tx *store.Tx) error {
		n, err := tx.Exec(ctx, sqlBeatImport, im.ID, rows, of, clock.Micros(tx.Now()), im.version)
		if err != nil {
			return fmt.Errorf("write progress: %w", err)
		}
		if n != 1 {
			return errElsewhere
		}
		return nil
	})
}

// tellings collects the lines of a report.
type tellings struct {
	list   []Problem
	counts map[string]int
}

// add takes in the problems of one row; several of one code in one cell become one
// line.
func (t *tellings) add(list []Problem) {
	first := len(t.list)
	for _, p := range list {
		i := slices.IndexFunc(t.list[first:], func(q Problem) bool { return q.Column == p.Column && q.Code == p.Code })
		if i >= 0 {
			q := &t.list[first+i]
			q.Value, q.Stop = cutText(join(q.Value, p.Value, "; "), mostPlace), q.Stop || p.Stop
			continue
		}
		if len(t.list) >= mostTold || t.counts[p.Code] >= mostTellings {
			continue
		}
		t.counts[p.Code]++
		p.Value = cutText(p.Value, mostPlace)
		t.list = append(t.list, p)
	}
}
