package intake

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/intake/calendar"
	"causeway/internal/sealed"
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
	im, err := s.view(ctx, c, id)
	if err != nil {
		return nil, err
	}
	if im.Mapping == nil {
		return nil, fault.New(fault.Conflict, "import-not-mapped")
	}
	if im.batches > 0 || im.State == Running || im.State == Done {
		return nil, fault.New(fault.Conflict, "import-started")
	}
	f, err := s.open(im)
	if err != nil {
		return nil, err
	}
	defer s.shut(ctx, f)
	t, err := s.table(ctx, c, im, f)
	if err != nil {
		return nil, err
	}
	defer s.shut(ctx, t)
	told := tellings{counts: map[string]int{}}
	rep, err := DryRun(ctx, t, func(r *Row) error {
		told.add(r.Problems)
		if progress != nil && r.Number%1000 == 0 {
			progress(r.Number)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	text, err := json.Marshal(rep)
	if err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	var out *Import
	err = s.do(ctx, c, func(p *access.Pass) error {
		now := *im // do may repeat this
		now.State, now.Failure, now.Total, now.Ready, now.Again = Checked, "", rep.Rows, rep.Ready, rep.Again
		now.secret.Report, now.Report = sealed.NewText(string(text)), &rep
		if _, err := p.Tx().Exec(ctx, sqlDeleteProblems, im.ID); err != nil {
			return fmt.Errorf("clear report: %w", err)
		}
		if err := writeProblems(ctx, p, im.ID, told.list); err != nil {
			return err
		}
		out = &now
		return now.save(ctx, p, true)
	})
	return out, err
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
