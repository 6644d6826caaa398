package person

import (
	"context"
	"fmt"
	"runtime"
	"sync"

	"causeway/internal/access"
	"causeway/internal/ident"

	"golang.org/x/sync/errgroup"
)

// refreshPage is how many search rows are opened at a time.
const refreshPage = 2000

// Refresh loads the search rows that were written since the last call: all of
// them the first time. It is the work of the named job "search-index"; no person
// receives what it reads.
func (x *Index) Refresh(ctx context.Context, gate *access.Gate) error {
	act := access.Act{Action: "job.searchindex", Purpose: "maintenance"}
	x.mu.RLock()
	whole := x.at == 0
	x.mu.RUnlock()
	for {
		n := 0
		err := gate.Work(ctx, gate.Job("search-index"), act, func(p *access.Pass) (err error) {
			if whole {
				return x.load(ctx, p)
			}
			n, err = x.refreshPage(ctx, p)
			return err
		})
		if err != nil {
			return fmt.Errorf("refresh search index: %w", err)
		}
		if whole = false; n < refreshPage {
			return nil
		}
	}
}

// found is a search row as it is stored.
type found struct {
	id      ident.Person
	in      ident.Case
	version int64
	changed int64
	blob    []byte
}

func (f *found) scan(scan func(...any) error) error {
	return scan(&f.id, &f.in, &f.version, &f.changed, &f.blob)
}

// load fills an empty index: one goroutine reads all rows in the order in which they lie,
// the others open them and put them in. What is written meanwhile comes with its commit,
// or with the next refresh.
func (x *Index) load(ctx context.Context, p *access.Pass) error {
	rows, err := p.Tx().Query(ctx, sqlSelectAllSearch)
	if err != nil {
		return err
	}
	defer rows.Close()
	work, ctx := errgroup.WithContext(ctx)
	pages := make(chan []found, 1)
	var mu sync.Mutex // guards newest
	var newest found
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() error {
			for page := range pages {
				last, err := x.open(p, page)
				if err != nil {
					return err
				}
				mu.Lock()
				if last.after(&newest) {
					newest = last
				}
				mu.Unlock()
			}
			return nil
		})
	}
	err = inPages(rows.Next, rows.Scan, func(page []found) bool {
		select {
		case pages <- page:
			return true
		case <-ctx.Done():
			return false
		}
	})
	close(pages)
	if werr := work.Wait(); werr != nil {
		return werr
	}
	if err == nil {
		err = rows.Err()
	}
	if err != nil {
		return err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.at, x.last = newest.changed, newest.id
	return nil
}

// inPages reads rows and hands them over, until hand wants no more.
func inPages(next func() bool, scan func(...any) error, hand func([]found) bool) error {
	page := make([]found, 0, refreshPage)
	for next() {
		var f found
		if err := f.scan(scan); err != nil {
			return err
		}
		if page = append(page, f); len(page) == refreshPage {
			if !hand(page) {
				return nil
			}
			page = make([]found, 0, refreshPage)
		}
	}
	hand(page)
	return nil
}

// after reports whether a row was changed after another.
func (f *found) after(g *found) bool {
	return f.changed > g.changed || f.changed == g.changed && string(f.id[:]) > string(g.id[:])
}

// open opens rows and puts them into the index. It returns the one that was changed last.
func (x *Index) open(p *access.Pass, page []found) (last found, err error) {
	opened := make([]*searchable, len(page))
	for i := range page {
		f := &page[i]
		if opened[i], err = openSearch(p, f.id, f.version, f.blob); err != nil {
			return last, err
		}
		if f.after(&last) {
			last = *f
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for i := range page {
		x.addLocked(page[i].in, page[i].version, opened[i])
	}
	return last, nil
}

// refreshPage loads the rows that were changed since the last one, up to a page of them.
func (x *Index) refreshPage(ctx context.Context, p *access.Pass) (int, error) {
	x.mu.RLock()
	at, last := x.at, x.last
	x.mu.RUnlock()
	rows, err := p.Tx().Query(ctx, sqlSelectSearch, at, last[:], refreshPage)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var page []found
	if err := inPages(rows.Next, rows.Scan, func(all []found) bool { page = append(page, all...); return true }); err != nil {
		return 0, err
	}
	if err := rows.Err(); err != nil || len(page) == 0 {
		return 0, err
	}
	newest, err := x.open(p, page)
	if err != nil {
		return 0, err
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	x.at, x.last = newest.changed, newest.id
	return len(page), nil
}
