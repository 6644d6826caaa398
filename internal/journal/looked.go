package journal

import (
	"bytes"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/store"
)

// Line is one entry as it is shown to people: the header and its place.
type Line struct {
	Index  int64 // -1 while the entry waits for its place
	Header *Header
}

// waitingFrom is where the places of [Journal.Looked] among waiting entries
// begin: from the top down, one for each line shown already. No log is so long.
const waitingFrom = math.MaxInt64 / 2

// Looked returns the entries about one subject, newest first: who wrote, who
// read, who was refused. Entries that wait for their place come first. before is
// what an earlier page gave as next, 0 for the newest; next is 0 when there is
// nothing further.
//
// An entry may get its place between two pages. It is then shown twice, never
// left out.
func (j *Journal) Looked(ctx context.Context, tx *store.Tx, subject ident.Subject, before int64, limit int) (lines []Line, next int64, err error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	if before > waitingFrom {
		// One line more than the page has tells whether there is another page.
		if lines, err = waitingAbout(ctx, tx, subject, math.MaxInt64-before, limit+1); err != nil {
			return nil, 0, err
		}
		if len(lines) > limit {
			return lines[:limit], before - int64(limit), nil
		}
	}
	waiting := len(lines)
	rows, err := tx.Query(ctx, sqlSubjectBack, subject, min(before, waitingFrom), limit-waiting+1)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	for rows.Next() {
		l := Line{}
		var header []byte
		if err := rows.Scan(&l.Index, &header); err != nil {
			return nil, 0, err
		}
		if l.Header, err = ParseHeader(header); err != nil {
			return nil, 0, err
		}
		lines = append(lines, l)
	}
	switch {
	case rows.Err() != nil:
		return nil, 0, rows.Err()
	case len(lines) <= limit:
		return lines, 0, nil
	case waiting == limit: // the page is full of waiting entries
		return lines[:limit], before - int64(limit), nil
	}
	return lines[:limit], lines[limit-1].Index, nil
}

// waitingAbout returns entries about a subject that wait for their place, newest
// first, without the first few.
func waitingAbout(ctx context.Context, tx *store.Tx, subject ident.Subject, skip int64, limit int) ([]Line, error) {
	rows, err := tx.Query(ctx, sqlPendingBack)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var lines []Line
	for len(lines) < limit && rows.Next() {
		var header []byte
		if err := rows.Scan(&header); err != nil {
			return nil, err
		}
		if !bytes.Contains(header, subject[:]) {
			continue // most are about others: reading them all would cost more than the page
		}
		h, err := ParseHeader(header)
		if err != nil {
			return nil, err
		}
		switch {
		case !h.about(subject):
		case skip > 0:
			skip--
		default:
			lines = append(lines, Line{-1, h})
		}
	}
	return lines, rows.Err()
}

// about reports whether the entry names the subject.
func (h *Header) about(s ident.Subject) bool {
	for _, x := range h.Subjects {
		if string(x) == string(s[:]) {
			return true
		}
	}
	return false
}

// Filter chooses entries for the auditor's page. Empty fields choose all.
type Filter struct {
	Actor   ident.Staff
	Units   []ident.Unit // of the actor: one of these
	Action  string
	Actions []string // one of these
	What    []string // one of these acts; one that ends in a dot, all that begin so
	Outcome string
	Subject ident.Subject
	About   bool      // it names somebody's record
	From    time.Time // not before
	Until   time.Time // before
}

func (f Filter) takes(h *Header) bool {
	is := func(what string) bool {
		return what == h.What || strings.HasSuffix(what, ".") && strings.HasPrefix(h.What, what)
	}
	return (f.Actor.IsZero() || string(h.Actor) == string(f.Actor[:])) &&
		(len(f.Units) == 0 || slices.ContainsFunc(f.Units, func(u ident.Unit) bool { return string(h.Unit) == string(u[:]) })) &&
		(f.Action == "" || f.Action == h.Action) &&
		(len(f.Actions) == 0 || slices.Contains(f.Actions, h.Action)) &&
		(len(f.What) == 0 || slices.ContainsFunc(f.What, is)) &&
		(f.Outcome == "" || f.Outcome == h.Outcome) &&
		(!f.About || len(h.Subjects) > 0)
}

// scanLimit bounds how many entries one page of the auditor's view looks
// through for a filter; the page then offers to go on.
const scanLimit = 20_000

// Entries returns sequenced entries newest first, below index before (0 for the
// newest), and the index to go on from, 0 when the beginning was reached.
func (j *Journal) Entries(ctx context.Context, tx *store.Tx, f Filter, before int64, limit int) (lines []Line, next int64, err error) {
	if before <= 0 {
		before = math.MaxInt64
	}
	if !f.Until.IsZero() {
		end, err := indexAt(ctx, tx, f.Until)
		if err != nil {
			return nil, 0, err
		}
		before = min(before, end)
	}
	for scanned := 0; scanned < scanLimit; {
		rows, err := f.back(ctx, tx, before, 500)
		if err != nil {
			return nil, 0, err
		}
		for _, r := range rows {
			before = r.idx
			scanned++
			h, err := ParseHeader(r.header)
			if err != nil {
				return nil, 0, err
			}
			if h.Time().Before(f.From) {
				return lines, 0, nil // times rise with the place
			}
			if f.takes(h) {
				lines = append(lines, Line{r.idx, h})
			}
			if len(lines) == limit {
				return lines, before, nil
			}
		}
		if len(rows) < 500 {
			return lines, 0, nil
		}
	}
	return lines, before, nil
}

// back reads entries below an index, newest first: those about the filter's subject where
// it names one.
func (f Filter) back(ctx context.Context, tx *store.Tx, before int64, limit int) ([]storedEntry, error) {
	if f.Subject.IsZero() {
		return readEntries(ctx, tx, sqlEntriesBack, before, limit)
	}
	rows, err := tx.Query(ctx, sqlSubjectBack, f.Subject, before, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []storedEntry
	for rows.Next() {
		var e storedEntry
		if err := rows.Scan(&e.idx, &e.header); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// indexAt returns the place of the first entry that was made at a time or later.
func indexAt(ctx context.Context, tx *store.Tx, t time.Time) (int64, error) {
	var size, last int64
	var root, frontier []byte
	err := tx.QueryRow(ctx, sqlSelectHead).Scan(&size, &root, &frontier, &last)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	low, high := int64(0), size
	for err == nil && low < high {
		mid := low + (high-low)/2
		var e storedEntry
		var h *Header
		if err = tx.QueryRow(ctx, sqlEntryByIdx, mid).Scan(&e.idx, &e.header, &e.sealed); err == nil {
			h, err = ParseHeader(e.header)
		}
		switch {
		case err != nil:
		case h.Time().Before(t):
			low = mid + 1
		default:
			high = mid
		}
	}
	return low, err
}

type storedEntry struct {
	idx    int64
	id     ident.Entry
	header []byte
	sealed []byte
}

// readEntries runs one of the paging queries over journal_entry.
func readEntries(ctx context.Context, tx *store.Tx, query string, from int64, limit int) ([]storedEntry, error) {
	rows, err := tx.Query(ctx, query, from, limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := make([]storedEntry, 0, limit)
	for rows.Next() {
		var e storedEntry
		if err := rows.Scan(&e.idx, &e.id, &e.header, &e.sealed); err != nil {
			return nil, err
		}
		out = append(out, e)
	}
	return out, rows.Err()
}

// Find returns an entry by its identifier, sequenced or not.
func (j *Journal) Find(ctx context.Context, tx *store.Tx, id ident.Entry) (Line, error) {
	l := Line{Index: -1}
	var header, sealed []byte
	err := tx.QueryRow(ctx, sqlEntryByID, id).Scan(&l.Index, &header, &sealed)
	if fault.Is(err, fault.NotFound) {
		l.Index = -1
		err = tx.QueryRow(ctx, sqlPendingByID, id).Scan(&header)
	}
	if err != nil {
		return Line{}, err
	}
	l.Header, err = ParseHeader(header)
	return l, err
}

// ChainLength returns how many writing entries the journal has about a subject.
func (j *Journal) ChainLength(ctx context.Context, tx *store.Tx, subject ident.Subject) (int64, error) {
	var head []byte
	var n int64
	err := tx.QueryRow(ctx, sqlSelectChain, subject).Scan(&head, &n)
	if fault.Is(err, fault.NotFound) {
		return 0, nil
	}
	return n, err
}
