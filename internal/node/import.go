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
		ID: im.ID, State: im.State, Failure: im.Failure, Name: im.Name, Rows: im.Total, Ready: im.Ready, Again: im.Again,
		Registered: im.Registered, Refused: im.Refused, Created: im.Created, Expires: im.Expires,
	}
	if im.Mapping != nil {
		for _, c := range im.Mapping.Columns {
			out.Columns = append(out.Columns, c.Header)
		}
	}
	return out
}

// Receive implements web.ImportDesk.
func (d importDesk) Receive(ctx context.Context, c *access.Caller, name string, r io.Reader) (ident.Import, error) {
	return d.imports.Receive(ctx, c, name, r)
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
func (d importDesk) Choose(ctx context.Context, c *access.Caller, id ident.Import, ch web.ImportChoice) error {
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
	if err := d.imports.Map(ctx, c, id, m); err != nil {
		return err
	}
	_, err = d.imports.Check(ctx, c, id, nil)
	return err
}

// startWithin is how long the answer to "begin" waits to show the import running.
const startWithin = 2 * time.Second

// Begin implements web.ImportDesk. It asks first whether the import is the
// caller's, because what runs in the background cannot answer any more, and
// waits a moment for it to have begun, so that the next page shows it.
func (d importDesk) Begin(ctx context.Context, c *access.Caller, id ident.Import) error {
	before, err := d.imports.Get(ctx, c, id)
	if err != nil {
		return err
	}
	if err := d.imports.Begin(c, id); err != nil {
		return err
	}
	ctx, stop := context.WithTimeout(ctx, startWithin)
	defer stop()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		now, err := d.imports.Get(ctx, c, id)
		if err != nil || now.State != before.State || !now.Updated.Equal(before.Updated) {
			return nil // begun, or its own page will say why not
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// Pause implements web.ImportDesk.
func (d importDesk) Pause(ctx context.Context, c *access.Caller, id ident.Import) error {
	if _, err := d.imports.Get(ctx, c, id); err != nil {
		return err
	}
	d.imports.Pause(id)
	return nil
}

// Discard implements web.ImportDesk.
func (d importDesk) Discard(ctx context.Context, c *access.Caller, id ident.Import) error {
	return d.imports.Discard(ctx, c, id)
}

// Problems implements web.ImportDesk.
func (d importDesk) Problems(ctx context.Context, c *access.Caller, id ident.Import, from int64, limit int) ([]web.RowError, int64, error) {
	list, all, err := d.imports.Problems(ctx, c, id, from, limit)
	out := make([]web.RowError, 0, len(list))
	for _, t := range list {
		out = append(out, web.RowError{Row: int(t.Row), At: t.Column, Code: t.Code, Stop: t.Stop})
	}
	return out, all, err
}
