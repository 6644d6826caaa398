package casework

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"causeway/internal/access"
	"causeway/internal/clock"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
)

type exportKind struct{}

// ExportID names one export.
type ExportID = ident.ID[exportKind]

// KindExported is the event of a case that was exported by itself.
const KindExported = "exported"

const exportTable = "casework_export"

const (
	// MostExported is how many cases one export may hold.
	MostExported = 10_000
	// MostChosen is how many cases can be chosen one by one.
	MostChosen = 100
	// exportFor is how long the file of an export can be fetched.
	exportFor = 15 * time.Minute
)

// Order says what is exported, to whom it will be readable, and why.
type Order struct {
	Case   ident.Case   // one case; none: those chosen, or else a list
	Chosen []ident.Case // at most [MostChosen]
	Query  Query        // the list, where nothing is chosen
	Fields []string     // of the door's own list; at least one
	Events bool         // with the timeline; only of one case
	Format string       // one of [ExportFormats]
	Plain  bool         // the file is not encrypted: a right of its own
	For    string       // the public key the file is encrypted to; "" with a passphrase
	Reason sealed.Text
	Pass   sealed.Text // the passphrase, until the file was fetched
}

// ExportFormats are the forms of an export. Paper is a page to print: nothing on
// paper is encrypted.
func ExportFormats() []string {
	return slices.Concat([]string{"xlsx", "csv", "json"}, WholeFormats(), []string{"paper"})
}

// WholeFormats are the forms in which whole cases go to another program, with what
// was answered about them: nobody chooses fields there.
func WholeFormats() []string { return []string{"htcds", "htcds_xlsx", "primero"} }

// Whole reports whether whole cases are exported.
func (o *Order) Whole() bool { return slices.Contains(WholeFormats(), o.Format) }

func (o *Order) check(codes Codes, fields []string) error {
	var c fault.Check
	c.Require(slices.Contains(ExportFormats(), o.Format), "export_format", "required")
	c.Require(!o.Reason.IsZero(), "export_reason", "required")
	text(&c, "export_reason", o.Reason, mostReason)
	c.Require(len(o.Fields) > 0 || o.Whole(), "export_field", "required")
	for _, f := range o.Fields {
		c.Require(slices.Contains(fields, f), "export_field", "not-in-list")
	}
	c.Require(o.Plain || o.Format != "paper", "export_protect", "paper-is-plain")
	c.Require(o.Plain || o.For != "" || !o.Pass.IsZero(), "export_protect", "required")
	c.Require(!o.Plain || o.For == "" && o.Pass.IsZero(), "export_protect", "choose-one")
	c.Require(len(o.Chosen) <= MostChosen, "case", "too-many")
	c.Require(!o.Events || !o.Case.IsZero(), "export_field", "not-in-list")
	if err := c.Err(); err != nil {
		return err
	}
	return o.Query.check(codes)
}

func (o *Order) action() string {
	if o.Plain {
		return "case.exportplain"
	}
	return "case.export"
}

// exportWords is what the row of an export holds, sealed under the node's key.
type exportWords struct {
	_      struct{} `cbor:",toarray"`
	Case   []byte
	Chosen []byte
	Query  string // JSON
	Fields []string
	Events bool
	For    string
	Reason sealed.Text
	Pass   sealed.Text // the passphrase
}

// Export is one export as it was ordered.
type Export struct {
	ID      ExportID
	At      time.Time
	Fetched time.Time // zero: not yet
	Cases   int64     // how many there were when it was ordered
	Order   Order

	version int64
	words   exportWords
}

// Over reports whether the file can no longer be fetched.
func (e *Export) Over(now time.Time) bool { return !e.Fetched.IsZero() || now.Sub(e.At) > exportFor }

// OrderExport enters in the journal that cases are taken out of the program, by
// whom and in what form, and keeps why. fields are those the door can write.
// Nothing is read yet: see [Room.FetchExport].
func (r *Room) OrderExport(ctx context.Context, c *access.Caller, cmd ident.Command, o Order, fields []string) (ExportID, error) {
	if err := o.check(r.codes, fields); err != nil {
		return ExportID{}, err
	}
	o.Query.Cursor = ""
	a := access.Act{Action: o.action(), Purpose: PurposeCare, Case: o.Case, Command: cmd}
	result, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		id := ident.Beside[ExportID]()
		n, err := r.countExport(ctx, p, &o)
		if err != nil {
			return "", err
		}
		if err := r.keepExport(ctx, p, id, &o, n); err != nil || o.Case.IsZero() {
			return id.String(), err
		}
		_, err = r.change(ctx, p, 0, func(*Case) (*Event, error) {
			return &Event{Kind: KindExported, Content: Content{To: o.Format, Text: o.Reason}}, nil
		})
		return id.String(), err
	})
	if err != nil {
		return ExportID{}, err
	}
	return ident.Parse[ExportID](result)
}

func (r *Room) countExport(ctx context.Context, p *access.Pass, o *Order) (int, error) {
	switch {
	case !o.Case.IsZero():
		return 1, nil
	case len(o.Chosen) > 0:
		return len(o.Chosen), nil
	}
	ids, err := r.exported(ctx, p, o)
	if err == nil && len(ids) > MostExported {
		err = fault.New(fault.Invalid, "export-too-many")
	}
	return len(ids), err
}

// exported returns the candidates of a list to be exported, one more than the most.
func (r *Room) exported(ctx context.Context, p *access.Pass, o *Order) ([]ident.Case, error) {
	if len(o.Chosen) > 0 {
		return o.Chosen, nil
	}
	way, err := wayOf(ctx, p, &o.Query, nil)
	if err != nil {
		return nil, err
	}
	begin, err := r.cursors.open("", &o.Query)
	if err != nil {
		return nil, err
	}
	return r.candidates(ctx, p, &o.Query, begin, way, nil, MostExported+1)
}

func (r *Room) keepExport(ctx context.Context, p *access.Pass, id ExportID, o *Order, n int) error {
	query, err := json.Marshal(o.Query)
	if err != nil {
		return fmt.Errorf("encode export: %w", err)
	}
	w := exportWords{Query: string(query), Fields: o.Fields, Events: o.Events, For: o.For, Reason: o.Reason, Pass: o.Pass}
	if !o.Case.IsZero() {
		w.Case = o.Case[:]
	}
	for _, c := range o.Chosen {
		w.Chosen = append(w.Chosen, c[:]...)
	}
	blob, err := p.SealNode(exportTable, id[:], 1, &w)
	if err != nil {
		return err
	}
	return p.Tx().Put(ctx, sqlInsertExport, p.Now().UnixMicro(), n, id, p.Caller().Staff(), o.Format, o.Plain, blob)
}

// scan reads a row of the columns in exportColumns; its words are opened by open.
func (e *Export) scan(scan func(...any) error) (blob []byte, err error) {
	var at int64
	var fetched *int64
	var staff ident.Staff
	err = scan(&at, &fetched, &e.Cases, &e.version, &e.ID, &staff, &e.Order.Format, &e.Order.Plain, &blob)
	if err != nil {
		return nil, err
	}
	e.At = clock.FromMicros(at)
	if fetched != nil {
		e.Fetched = clock.FromMicros(*fetched)
	}
	return blob, nil
}

func (e *Export) open(p *access.Pass, blob []byte) error {
	if err := p.OpenNode(exportTable, e.ID[:], e.version, blob, &e.words); err != nil {
		return err
	}
	w := &e.words
	if err := json.Unmarshal([]byte(w.Query), &e.Order.Query); err != nil {
		return fmt.Errorf("read export: %w", err)
	}
	copy(e.Order.Case[:], w.Case)
	for b := w.Chosen; len(b) >= 16; b = b[16:] {
		e.Order.Chosen = append(e.Order.Chosen, ident.Case(b[:16]))
	}
	e.Order.Fields, e.Order.Events, e.Order.For = w.Fields, w.Events, w.For
	e.Order.Reason, e.Order.Pass = w.Reason, w.Pass
	return nil
}

// ReadExport returns an export of the caller's own.
func (r *Room) ReadExport(ctx context.Context, c *access.Caller, id ExportID) (*Export, error) {
	var e *Export
	err := r.gate.Own(ctx, c, func(p *access.Pass) (err error) {
		e, err = readExport(ctx, p, id)
		return err
	})
	return e, err
}

func readExport(ctx context.Context, p *access.Pass, id ExportID) (*Export, error) {
	var e Export
	blob, err := e.scan(p.Tx().QueryRow(ctx, sqlSelectExport, id, p.Caller().Staff()).Scan)
	if fault.Is(err, fault.NotFound) {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	if err != nil {
		return nil, fmt.Errorf("read export: %w", err)
	}
	return &e, e.open(p, blob)
}

// Exports returns what the caller took out, newest first.
func (r *Room) Exports(ctx context.Context, c *access.Caller) ([]Export, error) {
	var out []Export
	err := r.gate.Own(ctx, c, func(p *access.Pass) error {
		out = nil
		rows, err := p.Tx().Query(ctx, sqlOwnExports, c.Staff(), ownExports)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var e Export
			blob, err := e.scan(rows.Scan)
			if err != nil {
				return err
			}
			if err := e.open(p, blob); err != nil {
				return err
			}
			out = append(out, e)
		}
		return rows.Err()
	})
	return out, err
}

// ownExports is how many of their exports a person is shown.
const ownExports = 20

// ExportSink takes what an export reads, as it is read: it holds no more than a
// page of cases. Begin comes first, once, when the entry is committed; then each
// case.
type ExportSink interface {
	Begin(e *Export, entry ident.Entry) error
	Row(r *Row, events []Event) error
}

// WholeSink is a sink that takes whole cases; those of [WholeFormats] need one.
type WholeSink interface {
	ExportSink
	Whole(l *RecordList) error
}

// FetchExport reads the cases of an export of the caller's own into a sink, once:
// the passphrase is forgotten with it. Each page of cases is an entry that names
// every child on it, and each case is decided by itself.
func (r *Room) FetchExport(ctx context.Context, c *access.Caller, id ExportID, to ExportSink) error {
	e, err := r.ReadExport(ctx, c, id)
	if err != nil {
		return err
	}
	if e.Over(r.clk.Now()) {
		return fault.New(fault.Invalid, "export-over")
	}
	if err := r.burnExport(ctx, c, e); err != nil {
		return err
	}
	if e.Order.Whole() {
		return r.fetchWhole(ctx, c, e, to)
	}
	if !e.Order.Case.IsZero() {
		child, err := r.open(ctx, c, e.Order.Case, "case.export")
		if err != nil {
			return err
		}
		if err := to.Begin(e, child.Entry); err != nil {
			return err
		}
		events := child.Events
		if !e.Order.Events {
			events = nil
		}
		return to.Row(&Row{Case: child.Case, Person: child.Person}, events)
	}
	return r.fetchList(ctx, c, e, to)
}

// burnExport notes that the file is fetched and forgets its passphrase, and of a
// single case the reason too: it stands in the case.
func (r *Room) burnExport(ctx context.Context, c *access.Caller, e *Export) error {
	a := access.Act{Action: e.Order.action(), Purpose: PurposeCare, Case: e.Order.Case}
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		w := e.words
		w.Pass = sealed.Text{}
		if len(w.Case) > 0 {
			w.Reason = sealed.Text{}
		}
		blob, err := p.SealNode(exportTable, e.ID[:], e.version+1, &w)
		if err != nil {
			return "", err
		}
		n, err := p.Tx().Exec(ctx, sqlFetchExport, e.ID, e.version, p.Now().UnixMicro(), blob)
		if err == nil && n != 1 {
			err = fault.New(fault.Invalid, "export-over") // fetched a moment ago
		}
		return "", err
	})
	return err
}

// fetchWhole reads whole cases one by one: each is an entry of its own.
func (r *Room) fetchWhole(ctx context.Context, c *access.Caller, e *Export, to ExportSink) error {
	sink, ok := to.(WholeSink)
	if !ok {
		return fault.New(fault.Internal, "export-over")
	}
	all := []ident.Case{e.Order.Case}
	if e.Order.Case.IsZero() {
		err := r.gate.List(ctx, c, access.Act{Action: "case.export", Purpose: PurposeCare},
			func(p *access.Pass) (ids []ident.Case, err error) {
				if ids, err = r.exported(ctx, p, &e.Order); err == nil {
					all, err = visible(ctx, p, ids, MostExported)
				}
				return nil, err
			}, func(*access.Pass) error { return nil })
		if err != nil {
			return err
		}
	}
	for i, id := range all {
		l, err := r.Whole(ctx, c, id)
		if err != nil {
			return err
		}
		if i == 0 {
			if err := sink.Begin(e, l.Entry); err != nil {
				return err
			}
		}
		if err := sink.Whole(l); err != nil {
			return err
		}
	}
	if len(all) == 0 {
		return fault.New(fault.Invalid, "export-nobody")
	}
	return nil
}

// fetchList reads the cases of a list page by page. Which cases are on it is
// found once, so that a case that changes meanwhile is neither missed nor twice
// there; whether each may be seen is asked when its page is read. What was read is
// handed on outside the transaction: a slow line holds no connection.
func (r *Room) fetchList(ctx context.Context, c *access.Caller, e *Export, to ExportSink) error {
	var all []ident.Case
	for at := 0; at == 0 || at < len(all); at += PageRows {
		var rows []*Case
		var shown []Row
		var entry ident.Entry
		err := r.gate.List(ctx, c, access.Act{Action: "case.export", Purpose: PurposeCare},
			func(p *access.Pass) (_ []ident.Case, err error) {
				if all == nil {
					if all, err = r.exported(ctx, p, &e.Order); err != nil {
						return nil, err
					}
				}
				ids, err := visible(ctx, p, all[min(at, len(all)):min(at+PageRows, len(all))], PageRows)
				if err != nil {
					return nil, err
				}
				rows, err = readRows(ctx, p.Tx(), ids)
				return caseIDs(rows), err
			},
			func(p *access.Pass) (err error) {
				entry = p.Entry()
				shown, err = r.show(ctx, p, rows)
				return err
			})
		if err != nil {
			return err
		}
		if at == 0 {
			if err := to.Begin(e, entry); err != nil {
				return err
			}
		}
		for i := range shown {
			if err := to.Row(&shown[i], nil); err != nil {
				return err
			}
		}
	}
	return nil
}
