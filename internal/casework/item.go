package casework

import (
	"context"
	"fmt"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

type itemKind struct{}

// ItemID names one flag or task.
type ItemID = ident.ID[itemKind]

const (
	flagTable = "casework_flag"
	taskTable = "casework_task"
)

// The states of flags and tasks. Each leaves ItemOpen once.
const (
	ItemOpen       = "open"
	FlagResolved   = "resolved"
	TaskDone       = "done"
	TaskImpossible = "impossible" // it could not be done; the timeline says why
)

// Item is a flag or a task: what somebody wrote for others to see or to do. Its
// words never change.
type Item struct {
	ID     ItemID
	Case   ident.Case
	At     time.Time
	Due    time.Time // the day it is for; zero: none
	Ended  time.Time // zero: open
	Kind   string    // of a flag its reason (code list flag_reason), of a task whom it is for
	State  string
	Owner  ident.Staff // of a task: who does it; none: whoever supervises the unit
	About  [16]byte    // of a task: the conference it was decided in; zero: none
	Author ident.Staff
	Text   sealed.Text // once opened

	table     string
	version   int64
	blob, mac []byte
}

// itemWords is what an item's row holds, sealed.
type itemWords struct {
	_    struct{} `cbor:",toarray"`
	Text sealed.Text
}

// Open reports whether the item still waits.
func (i *Item) Open() bool { return i.State == ItemOpen }

// columns returns the stored columns that the row's digest covers.
func (i *Item) columns() []any {
	var owner, about any
	if !i.Owner.IsZero() {
		owner = i.Owner[:]
	}
	if i.About != [16]byte{} {
		about = i.About[:]
	}
	return []any{i.At.UnixMicro(), optTime(i.Due), optTime(i.Ended), i.Case[:], i.Kind, i.State, owner, about, i.Author[:], i.blob}
}

func (i *Item) scan(scan func(...any) error) error {
	var at int64
	var due, ended *int64
	var about []byte
	err := scan(&at, &due, &ended, &i.Case, &i.Kind, &i.State, &i.Owner, &about, &i.Author, &i.blob, &i.ID, &i.version, &i.mac)
	if err != nil {
		return err
	}
	i.At = clock.FromMicros(at)
	if due != nil {
		i.Due = clock.FromMicros(*due)
	}
	if ended != nil {
		i.Ended = clock.FromMicros(*ended)
	}
	copy(i.About[:], about)
	return nil
}

// check refuses a row that this program did not write as it is.
func (i *Item) check(c checker) error {
	return c.CheckMAC(i.mac, i.table, i.ID[:], i.version, i.columns()...)
}

// add stores a new item of the pass's case.
func (i *Item) add(ctx context.Context, p *access.Pass, text sealed.Text) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	i.ID, i.Case, i.At, i.State = ident.New[ItemID](), p.Case(), p.Now(), ItemOpen
	if i.Author.IsZero() {
		i.Author = p.Caller().Staff()
	}
	if i.blob, err = s.Seal(i.table, i.ID[:], 1, &itemWords{Text: text}); err != nil {
		return fmt.Errorf("seal item: %w", err)
	}
	i.vouch(p, s)
	if err := p.Tx().Put(ctx, itemSQL[i.table].insert, append(i.columns(), i.ID, i.version, i.mac)...); err != nil {
		return fmt.Errorf("write item: %w", err)
	}
	return nil
}

// end lets an open item end in a state.
func (i *Item) end(ctx context.Context, p *access.Pass, state string) error {
	s, err := p.Sealer(ctx)
	if err != nil {
		return err
	}
	before := i.version
	i.State, i.Ended = state, p.Now()
	i.vouch(p, s)
	n, err := p.Tx().Exec(ctx, itemSQL[i.table].end, i.Case, i.ID, i.State, i.Ended.UnixMicro(), i.version, i.mac, before)
	if err != nil {
		return fmt.Errorf("write item: %w", err)
	}
	if n != 1 {
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	return nil
}

// vouch counts the version up and tells the journal.
func (i *Item) vouch(p *access.Pass, s *keys.Sealer) {
	i.version++
	i.mac = s.MAC(i.table, i.ID[:], i.version, i.columns()...)
	p.Wrote(i.table, i.ID[:], i.version, i.mac)
}

// openItem reads an item of the pass's case for a command that ends it. One that
// has ended is a Conflict: somebody else was quicker.
func openItem(ctx context.Context, p *access.Pass, table string, id ItemID) (*Item, error) {
	i := Item{table: table}
	if err := i.scan(p.Tx().QueryRow(ctx, itemSQL[table].one, p.Case(), id).Scan); err != nil {
		if fault.Is(err, fault.NotFound) {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		return nil, fmt.Errorf("read item: %w", err)
	}
	s, err := p.Sealer(ctx)
	if err != nil {
		return nil, err
	}
	if err := i.check(s); err != nil {
		return nil, err
	}
	if !i.Open() {
		return nil, fault.New(fault.Conflict, "item-ended")
	}
	return &i, nil
}

// mostItems is how many flags or tasks of a case a page shows: the open ones
// first, then those that ended last.
const mostItems = 100

// fetchItems reads the flags or tasks of the pass's case, sealed.
func fetchItems(ctx context.Context, p *access.Pass, table string) ([]Item, error) {
	return readItems(ctx, p.Tx(), table, itemSQL[table].shown, p.Case(), mostItems)
}

func readItems(ctx context.Context, tx *store.Tx, table, query string, args ...any) ([]Item, error) {
	rows, err := tx.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("read items: %w", err)
	}
	defer rows.Close()
	var out []Item
	for rows.Next() {
		i := Item{table: table}
		if err := i.scan(rows.Scan); err != nil {
			return nil, fmt.Errorf("read items: %w", err)
		}
		out = append(out, i)
	}
	return out, rows.Err()
}

// openItems checks and opens what was fetched.
func openItems(o *keys.Opener, items []Item) error {
	for n := range items {
		i := &items[n]
		if err := i.check(o); err != nil {
			return err
		}
		var w itemWords
		if err := o.Open(i.table, i.ID[:], 1, i.blob, &w); err != nil {
			return err
		}
		i.Text = w.Text
	}
	return nil
}

// eachItem gives fn the flags and tasks of a case as they are stored, for
// reconciliation.
func eachItem(ctx context.Context, tx *store.Tx, s ident.Subject,
	fn func(table string, row []byte, version int64, mac []byte, cols []any) error,
) error {
	for _, table := range []string{flagTable, taskTable} {
		err := eachRow(ctx, tx, func(scan func(...any) error) error {
			var at, version int64
			var due, ended *int64
			var in, id, owner, about, author, blob, mac []byte
			var kind, state string
			if err := scan(&at, &due, &ended, &in, &kind, &state, &owner, &about, &author, &blob, &id, &version, &mac); err != nil {
				return err
			}
			// In the order of Item.columns.
			return fn(table, id, version, mac, []any{at, due, ended, in, kind, state, orNull(owner), orNull(about), author, blob})
		}, itemSQL[table].all, s)
		if err != nil {
			return err
		}
	}
	return nil
}
