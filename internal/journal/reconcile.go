package journal

import (
	"context"
	"fmt"
	"math"
	"time"

	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/keys"
	"causeway/internal/store"
)

// Keys gives the openers of subjects, to check digests with; *keys.Custody does.
// A subject without a key has none.
type Keys interface {
	Openers(ctx context.Context, tx *store.Tx, subjects []ident.Subject, until time.Time) (map[ident.Subject]*keys.Opener, error)
}

// Rows is a room whose record rows the journal vouches for.
type Rows interface {
	// Each gives fn every row that belongs to a subject: its table, identifier,
	// version, digest, and the columns that the digest covers, in order.
	Each(ctx context.Context, tx *store.Tx, subject ident.Subject,
		fn func(table string, row []byte, version int64, mac []byte, cols []any) error) error
	// All gives fn every row of the room's tables and the subject it says it
	// belongs to, in any order.
	All(ctx context.Context, tx *store.Tx, fn func(subject ident.Subject, table string, row []byte) error) error
}

// ReconcileOptions joins the parts of [Reconcile].
type ReconcileOptions struct {
	Keys     Keys
	Rooms    []Rows
	Clock    clock.Clock
	Progress func(subjects int64) // may be nil
}

// Reconcile compares every record row with the newest entry that vouches for it,
// in one snapshot: it finds rows that were edited, moved, put back from an older
// state, taken away or slipped in behind the program's back, and names them. It
// opens no record, but it needs the keys that the rows' digests are made with;
// whoever calls it has committed an entry that says so.
//
// It trusts the journal: verify that first. Of several rows of a subject that
// are wrong each is named; tables without digests (accounts, views, the search
// index) are not its business.
func Reconcile(ctx context.Context, tx *store.Tx, o ReconcileOptions) (*Reconciliation, error) {
	r := &reconciler{o: o, tx: tx, sums: newSummer(), waiting: map[ident.Subject][]RowState{}}
	r.report.Findings = []RowFinding{}
	if err := r.readWaiting(ctx); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	if err := r.subjects(ctx); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	if err := r.strays(ctx); err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	r.report.finish()
	return &r.report, nil
}

type reconciler struct {
	o      ReconcileOptions
	tx     *store.Tx
	report Reconciliation

	sums    summer
	seen    sum                          // of every row that belongs to a subject
	rows    map[[2]uint64]bool           // the same rows, once more rows are there than that
	waiting map[ident.Subject][]RowState // of entries that have no place yet
	gone    map[ident.Subject]bool       // erased by an entry that has no place yet
}

// waitingMost bounds the entries without a place that are kept in memory.
const waitingMost = 50_000

// readWaiting reads what the entries say that have no place yet.
func (r *reconciler) readWaiting(ctx context.Context) error {
	t := tableReader{tx: r.tx}
	r.gone = map[ident.Subject]bool{}
	n := 0
	return t.pending(ctx, func(e raw) error {
		h, err := ParseHeader(append([]byte(nil), e.header...))
		if err != nil {
			return fault.Wrap(fault.Unavailable, "journal-altered", err)
		}
		if n++; n > waitingMost {
			return fault.New(fault.Unavailable, "journal-behind")
		}
		s, ok := h.only()
		if !ok {
			return nil
		}
		r.waiting[s] = append(r.waiting[s], h.Rows...)
		if h.Action == Erase && h.Outcome == OK {
			r.gone[s] = true
		}
		return nil
	})
}

// subjectsAtOnce is how many subjects are compared with one query for keys.
const subjectsAtOnce = 64

// subjects compares every subject that the journal knows.
func (r *reconciler) subjects(ctx context.Context) error {
	left := make(map[ident.Subject]bool, len(r.waiting))
	for s := range r.waiting {
		left[s] = true
	}
	var last ident.Subject
	for {
		page, err := r.page(ctx, last)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		if err := r.compareAll(ctx, page); err != nil {
			return err
		}
		for _, s := range page {
			delete(left, s)
		}
		last = page[len(page)-1]
	}
	var page []ident.Subject
	for s := range left {
		if page = append(page, s); len(page) == subjectsAtOnce {
			if err := r.compareAll(ctx, page); err != nil {
				return err
			}
			page = page[:0]
		}
	}
	return r.compareAll(ctx, page)
}

func (r *reconciler) page(ctx context.Context, after ident.Subject) ([]ident.Subject, error) {
	rows, err := r.tx.Query(ctx, sqlSubjects, after[:], subjectsAtOnce)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ident.Subject
	for rows.Next() {
		var s ident.Subject
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s)
	}
	return out, rows.Err()
}

// openersFor is how long the openers of one page of subjects work.
const openersFor = 10 * time.Minute

func (r *reconciler) compareAll(ctx context.Context, page []ident.Subject) error {
	if len(page) == 0 {
		return nil
	}
	openers, err := r.o.Keys.Openers(ctx, r.tx, page, r.o.Clock.Now().Add(openersFor))
	if err != nil {
		return err
	}
	defer func() {
		for _, o := range openers {
			o.Close()
		}
	}()
	for _, s := range page {
		if err := r.compare(ctx, s, openers[s]); err != nil {
			return err
		}
	}
	if r.o.Progress != nil {
		r.o.Progress(r.report.Subjects)
	}
	return ctx.Err()
}

// rowKey names a row.
type rowKey struct{ table, row string }

// vouched is what the journal says about the rows of one subject.
type vouched struct {
	rows   map[rowKey]RowState // the newest version of each
	writes bool                // there are such entries at all
	erased bool
}

func (v *vouched) take(rows []RowState) {
	for _, s := range rows {
		k := rowKey{s.Table, string(s.Row)}
		// Two instances may differ in the time, but never in the version.
		if old, ok := v.rows[k]; !ok || s.Version >= old.Version {
			v.rows[k] = RowState{Table: s.Table, Row: []byte(k.row), Version: s.Version, MAC: append([]byte(nil), s.MAC...)}
		}
		v.writes = true
	}
}

// only returns the one subject whose rows the entry vouches for. An entry that
// names its subject twice vouches for rows beside the subject's chain: what a
// restore puts into force again.
func (h *Header) only() (s ident.Subject, ok bool) {
	if len(h.Subjects) == 0 || len(h.Subjects[0]) != len(s) {
		return s, false
	}
	for _, x := range h.Subjects[1:] {
		if string(x) != string(h.Subjects[0]) {
			return s, false
		}
	}
	return ident.Subject(h.Subjects[0]), true
}

// vouchedFor reads the entries about a subject.
func (r *reconciler) vouchedFor(ctx context.Context, s ident.Subject) (*vouched, error) {
	v := &vouched{rows: map[rowKey]RowState{}, erased: r.gone[s]}
	rows, err := r.tx.Query(ctx, sqlSubjectForward, s, int64(math.MinInt64), int64(math.MaxInt64))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var h Header
	for rows.Next() {
		var idx int64
		var header []byte
		if err := rows.Scan(&idx, &header); err != nil {
			return nil, err
		}
		if err := h.parse(header); err != nil {
			return nil, fault.Wrap(fault.Unavailable, "journal-altered", err)
		}
		if _, ok := h.only(); ok {
			v.take(h.Rows)
		}
		v.erased = v.erased || h.Action == Erase && h.Outcome == OK
	}
	v.take(r.waiting[s])
	return v, rows.Err()
}

// compare compares the rows of one subject.
func (r *reconciler) compare(ctx context.Context, s ident.Subject, o *keys.Opener) error {
	v, err := r.vouchedFor(ctx, s)
	if err != nil {
		return err
	}
	r.report.Subjects++
	if code := keyState(v, o); code != "" {
		r.find(code, "keys_subject", s[:], s)
	}
	for _, room := range r.o.Rooms {
		err := room.Each(ctx, r.tx, s, func(table string, row []byte, version int64, mac []byte, cols []any) error {
			k := rowKey{table, string(row)}
			want, known := v.rows[k]
			r.report.Rows++
			r.mark(s, table, row)
			if kind := judge(v, want, known, o, table, row, version, mac, cols); kind != "" {
				r.find(kind, table, row, s)
			}
			delete(v.rows, k)
			return nil
		})
		if err != nil {
			return err
		}
	}
	if v.erased {
		return nil
	}
	for k, want := range v.rows {
		if len(want.MAC) > 0 {
			r.find(RowMissing, k.table, want.Row, s)
		}
	}
	return nil
}

// keyState says what is wrong with the key of a subject, "" for nothing.
func keyState(v *vouched, o *keys.Opener) string {
	switch {
	case v.erased && o != nil:
		return KeyNotErased
	case v.erased || !v.writes:
		return ""
	case o == nil:
		return RowMissing
	}
	// The answer to a digest that cannot be right tells whether the key works.
	if code := fault.CodeOf(o.CheckMAC(nil, "", nil, 0)); code != "record-altered" {
		return KeyAltered
	}
	return ""
}

// judge compares one row with what the journal says.
func judge(v *vouched, want RowState, known bool, o *keys.Opener, table string, row []byte, version int64, mac []byte, cols []any) string {
	switch {
	case v.erased:
		return RowNotErased
	case !known:
		return RowExtra
	case len(want.MAC) == 0:
		return RowPutBack
	case o == nil || o.CheckMAC(mac, table, row, version, cols...) != nil:
		return RowEdited
	case version < want.Version:
		return RowOlder
	case version > want.Version || string(mac) != string(want.MAC):
		return RowUnknown
	}
	return ""
}

// mark remembers that a row was met at a subject.
func (r *reconciler) mark(s ident.Subject, table string, row []byte) {
	h := r.sums.of(kindRow, []byte(table), row, s[:])
	r.seen.add(h)
	if r.rows != nil {
		r.rows[[2]uint64{h[0], h[1]}] = true
	}
}

// strays looks for rows of subjects that the journal does not know. The first
// look is a sum; only when it differs are the rows remembered, so as to name
// those too many.
func (r *reconciler) strays(ctx context.Context) error {
	left := r.seen
	err := r.all(ctx, func(s ident.Subject, table string, row []byte) error {
		left.sub(r.sums.of(kindRow, []byte(table), row, s[:]))
		return nil
	})
	if err != nil || left.zero() {
		return err
	}
	again := &reconciler{o: r.o, tx: r.tx, sums: r.sums.clone(), waiting: r.waiting, gone: r.gone, rows: map[[2]uint64]bool{}}
	again.o.Progress = nil
	if err := again.subjects(ctx); err != nil {
		return err
	}
	return r.all(ctx, func(s ident.Subject, table string, row []byte) error {
		h := r.sums.of(kindRow, []byte(table), row, s[:])
		if !again.rows[[2]uint64{h[0], h[1]}] {
			r.find(RowExtra, table, row, s)
		}
		return nil
	})
}

func (r *reconciler) all(ctx context.Context, fn func(s ident.Subject, table string, row []byte) error) error {
	for _, room := range r.o.Rooms {
		if err := room.All(ctx, r.tx, fn); err != nil {
			return err
		}
	}
	return nil
}
