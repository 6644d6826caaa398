package node

import (
	"context"
	"io"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/ident"
	"causeway/internal/intake"
	"causeway/internal/intake/calendar"
	"causeway/internal/intake/sheet"
	"causeway/internal/web"
)

// importDesk lets the staff pages ask package intake: doors do not know each
// other.
type importDesk struct{ imports *intake.Imports }

// MostBytes implements web.ImportDesk.
func (d importDesk) MostBytes() int64 { return d.imports.Limits.FileBytes }

// Past implements web.ImportDesk.
func (d importDesk) Past(ctx context.Context, c *access.Caller) ([]web.Imported, error) {
	list, err := d.imports.List(ctx, c)
	out := make([]web.Imported, 0, len(list))
	for _, im := range list {
		out = append(out, imported(im))
	}
	return out, err
}

// Get implements web.ImportDesk.
func (d importDesk) Get(ctx context.Context, c *access.Caller, id ident.Import) (web.Imported, error) {
	im, err := d.imports.Get(ctx, c, id)
	if err != nil {
		return web.Imported{}, err
	}
	return imported(im), nil
}

func imported(im *intake.Import) web.Imported {
	out := web.Imported{
		ID: im.ID, State: im.State, Failure: im.Failure, Name: im.Name, Rows: im.Total, Tried: im.LastRow, Ready: im.Ready, Again: im.Again,
		Registered: im.Registered, Refused: im.Refused, Created: im.Created, Expires: im.Expires,
	}
	if im.Mapping != nil {
		for _, c := range im.Mapping.Columns {
			out.Columns = append(out.Columns, c.Header)
		}
	}
	if im.Report != nil {
		for _, one := range im.Report.Cases {
			out.Brings = append(out.Brings, web.RowBrings{Row: int(one.Row), Counts: one.Counts})
		}
	}
	return out
}

// Receive implements web.ImportDesk.
func (d importDesk) Receive(ctx context.Context, c *access.Caller, cmd ident.Command, name string, r io.Reader) (ident.Import, error) {
	return d.imports.Receive(ctx, c, cmd, name, r)
}

// look reads the file as somebody wants it read.
func (d importDesk) look(ctx context.Context, c *access.Caller, id ident.Import, as *web.ImportReading) (*intake.Proposal, error) {
	p, err := d.imports.Look(ctx, c, id, nil)
	if err != nil || as == nil {
		return p, err
	}
	how := intake.As{Sheet: p.Guess.Options, HeaderRow: as.Header}
	if as.Encoding != "" {
		how.Sheet.Encoding = as.Encoding
	}
	if as.Delimiter != "" {
		how.Sheet.Delimiter = as.Delimiter
	}
	if as.Sheet != "" {
		how.Sheet.Sheet = as.Sheet
	}
	return d.imports.Look(ctx, c, id, &how)
}

// Look implements web.ImportDesk.
func (d importDesk) Look(ctx context.Context, c *access.Caller, id ident.Import, as *web.ImportReading) (web.ImportGuess, error) {
	p, err := d.look(ctx, c, id, as)
	if err != nil {
		return web.ImportGuess{}, err
	}
	o := p.Mapping.Sheet
	g := web.ImportGuess{
		Reading: web.ImportReading{Encoding: o.Encoding, Delimiter: o.Delimiter, Sheet: o.Sheet, Header: p.Mapping.HeaderRow},
		Sheets:  p.Guess.Sheets,
	}
	if o.Format == sheet.CSV {
		g.Encodings = offered(o.Encoding, p.Guess.Encodings, sheet.Encodings())
		for _, r := range sheet.Delimiters {
			g.Delimiters = append(g.Delimiters, string(r))
		}
	}
	for i, col := range p.Mapping.Columns {
		guess := p.Columns[i]
		g.Columns = append(g.Columns, web.ImportColumn{
			Header: col.Header, Choice: col.Choice(), Order: string(col.Order), Group: col.Group,
			Dates: col.Field.IsDate(), Known: guess.Source != "", Samples: guess.Examples,
		})
	}
	for _, q := range p.Questions {
		if q.Column > 0 && q.Column <= len(g.Columns) {
			g.Columns[q.Column-1].Asks = append(g.Columns[q.Column-1].Asks, q.Code)
		} else if !slices.Contains(g.Asks, q.Code) {
			g.Asks = append(g.Asks, q.Code)
		}
	}
	return g, nil
}

// offered puts the likely readings before all others.
func offered(first string, likely []sheet.Choice, all []string) []string {
	out := []string{first}
	add := func(x string) {
		if x != "" && !slices.Contains(out, x) {
			out = append(out, x)
		}
	}
	for _, l := range likely {
		add(l.Value)
	}
	for _, a := range all {
		add(a)
	}
	return out
}

// Choose implements web.ImportDesk.
func (d importDesk) Choose(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import, ch web.ImportChoice) error {
	p, err := d.look(ctx, c, id, &ch.Reading)
	if err != nil {
		return err
	}
	m := p.Mapping
	for i := range m.Columns {
		if i >= len(ch.Columns) {
			break
		}
		col := &m.Columns[i]
		col.Choose(ch.Columns[i].Choice)
		col.Order, col.Group = "", ch.Columns[i].Group
		if col.Field.IsDate() {
			col.Order = calendar.Order(ch.Columns[i].Order)
		}
	}
	m.Defaults = map[intake.Field]string{}
	for field, code := range ch.Defaults {
		m.Defaults[intake.Field(field)] = code
	}
	return d.check(ctx, c, cmd, id, &m)
}

// Try implements web.ImportDesk.
func (d importDesk) Try(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error {
	return d.check(ctx, c, cmd, id, nil)
}

// Most files are read in a moment: the answer waits that long for the report, so
// that nobody is shown a page of progress for a blink.
const (
	reportWithin = 700 * time.Millisecond
	askAgain     = 20 * time.Millisecond
)

// check starts the dry run and gives it a moment.
func (d importDesk) check(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import, m *intake.Mapping) error {
	if err := d.imports.BeginCheck(ctx, c, cmd, id, m); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, reportWithin)
	defer stop()
	tick := time.NewTicker(askAgain)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil // its page shows how far it is
		}
		if now, err := d.imports.Get(ctx, c, id); err != nil || now.State != intake.Checking {
			return nil // its page says what became of it
		}
	}
}

// Begin implements web.ImportDesk.
func (d importDesk) Begin(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error {
	return d.imports.Begin(ctx, c, cmd, id)
}

// Pause implements web.ImportDesk.
func (d importDesk) Pause(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error {
	return d.imports.Pause(ctx, c, cmd, id)
}

// Discard implements web.ImportDesk.
func (d importDesk) Discard(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Import) error {
	return d.imports.Discard(ctx, c, cmd, id)
}

// Problems implements web.ImportDesk.
func (d importDesk) Problems(ctx context.Context, c *access.Caller, id ident.Import, from int64, limit int) ([]web.RowError, int64, error) {
	list, all, err := d.imports.Problems(ctx, c, id, from, limit)
	out := make([]web.RowError, 0, len(list))
	for i := range list {
		t := &list[i]
		out = append(out, web.RowError{Row: int(t.Row), At: t.Column, Code: t.Code, Entries: t.Entries(), Stop: t.Stop})
	}
	return out, all, err
}
