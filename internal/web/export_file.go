package web

import (
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"filippo.io/age"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/web/tabular"
)

// exportFile sends the file of an export as it is read. Nothing is sent before the
// gate has said yes and the first entry is committed, so that a refusal is a page.
func (s *Server) exportFile(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if _, err := v.command(); err != nil {
		return err
	}
	id, err := v.exportID()
	if err != nil {
		return err
	}
	e, err := s.Cases.ReadExport(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	if e.Order.Format == "paper" {
		return s.exportPaper(v, id)
	}
	x := &exporter{v: v, out: &download{w: v.w, kind: "application/octet-stream"}}
	err = s.Cases.FetchExport(v.r.Context(), v.caller, id, x)
	if err == nil {
		err = x.end()
	}
	if err != nil && x.out.begun {
		// The file is cut: a sealed one does not open, a plain one lacks its end. A
		// page cannot be sent any more.
		s.Log.ErrorContext(v.r.Context(), "export", slog.String("kind", fault.KindOf(err).String()), slog.Any("err", err))
		return nil
	}
	return err
}

// exporter writes the cases of an export as a file. It holds one row.
type exporter struct {
	v      *visit
	out    *download
	sealed io.WriteCloser // nil: not encrypted
	fields []exportField
	marks  []string
	order  *casework.Order

	table tabular.Writer
	book  *tabular.Book
	json  *jsonCases
	whole *wholeCases
}

// workFactor is the cost of trying a passphrase: low, because ours are random and
// longer than anybody could try, and a node has more to do.
const workFactor = 14

// Begin implements [casework.ExportSink].
func (x *exporter) Begin(e *casework.Export, entry ident.Entry) error {
	v, o := x.v, &e.Order
	x.order, x.fields = o, fieldsOf(o.Fields)
	x.marks = v.marks(o, entry)
	x.out.name = "causeway-" + v.now().Format("2006-01-02") + "-" + entry.Short() + "." + endingOf(o.Format)
	if !o.Plain {
		x.out.name += ".age"
	}
	var w io.Writer = x.out
	if !o.Plain {
		to, err := protection(o)
		if err != nil {
			return err
		}
		if x.sealed, err = age.Encrypt(x.out, to); err != nil {
			return fmt.Errorf("encrypt export: %w", err)
		}
		w = x.sealed
	}
	return x.begin(w)
}

func protection(o *casework.Order) (age.Recipient, error) {
	if o.For != "" {
		return recipientOf(o.For)
	}
	to, err := age.NewScryptRecipient(o.Pass.Reveal())
	if err != nil {
		return nil, fmt.Errorf("encrypt export: %w", err)
	}
	to.SetWorkFactor(workFactor)
	return to, nil
}

// marks says, in the file itself, who took it out, when, why and where the journal
// has it.
func (v *visit) marks(o *casework.Order, entry ident.Entry) []string {
	return []string{
		v.l.T("export.mark.secret"),
		v.l.T("stamp.by", "who", v.name(v.session.Staff), "when", v.l.DateTime(v.now()), "code", entry.Short()),
		v.l.T("export.mark.why", "reason", o.Reason.Reveal()),
	}
}

// begin writes the head of the file: the marks, then the names of the fields.
func (x *exporter) begin(w io.Writer) (err error) {
	v := x.v
	heads := make([]string, len(x.fields))
	for i, f := range x.fields {
		heads[i] = v.l.Word("exportfield", f.code)
	}
	if x.order.Whole() {
		x.whole, err = newWholeCases(v, w, x.order.Format, x.marks)
		return err
	}
	switch x.order.Format {
	case "json":
		x.json, err = newJSONCases(w, x.marks, x.order.Fields)
		return err
	case "csv":
		x.table, err = tabular.NewCSV(w)
	default:
		x.book = tabular.NewBook(w, strings.Join(x.marks[:2], " "), v.l.Dir() == "rtl")
		x.table, err = x.book.Sheet(v.l.T("nav.children"))
	}
	if err != nil {
		return err
	}
	for _, m := range x.marks {
		if err := x.table.Row([]string{m}); err != nil {
			return err
		}
	}
	return x.table.Row(heads)
}

// Row implements [casework.ExportSink].
func (x *exporter) Row(r *casework.Row, events []casework.Event) error {
	if x.json != nil {
		return x.json.add(x.v, x.fields, r, events)
	}
	cells := make([]string, len(x.fields))
	for i, f := range x.fields {
		cells[i] = f.text(x.v, r)
	}
	if err := x.table.Row(cells); err != nil || len(events) == 0 {
		return err
	}
	var err error
	if x.book != nil {
		x.table, err = x.book.Sheet(x.v.l.T("child.events"))
	} else {
		err = x.table.Row(nil)
	}
	if err != nil {
		return err
	}
	for i := range events {
		e := x.v.event(&events[i])
		if err := x.table.Row([]string{e.At.Format("2006-01-02 15:04"), e.By, x.v.l.Word("event", e.Kind), eventText(x.v, &e)}); err != nil {
			return err
		}
	}
	return nil
}

// eventText writes an event as one text.
func eventText(v *visit, e *Event) string {
	var out []string
	switch {
	case e.From != "" && e.To != "":
		out = append(out, e.From+" → "+e.To)
	case e.To != "":
		out = append(out, e.To)
	}
	out = append(out, e.Reasons...)
	if e.Words != nil {
		if e.Words.Question != "" {
			out = append(out, v.l.T("child.asked")+" "+e.Words.Question)
		}
		out = append(out, v.l.T("child.words")+": "+e.Words.Text)
	}
	for _, l := range e.Lines {
		out = append(out, labelOf(v.l, l.Label)+": "+l.Text)
	}
	return strings.Join(out, "\n")
}

// end ends the file.
func (x *exporter) end() error {
	var err error
	switch {
	case x.whole != nil:
		err = x.whole.close()
	case x.json != nil:
		err = x.json.close()
	default:
		err = x.table.Close()
	}
	if err == nil && x.sealed != nil {
		err = x.sealed.Close()
	}
	return err
}

// jsonCases writes cases as one JSON document, case by case: codes as they are
// stored, days as ISO 8601 has them.
type jsonCases struct {
	w     io.Writer
	first bool
}

func newJSONCases(w io.Writer, marks, fields []string) (*jsonCases, error) {
	head, err := json.Marshal(map[string]any{"marks": marks, "fields": fields})
	if err != nil {
		return nil, err
	}
	_, err = fmt.Fprintf(w, "{\"export\":%s,\n\"cases\":[", head)
	return &jsonCases{w, true}, err
}

func (j *jsonCases) add(v *visit, fields []exportField, r *casework.Row, events []casework.Event) error {
	one := make(map[string]any, len(fields)+1)
	for _, f := range fields {
		one[f.code] = f.raw(v, r)
	}
	for i := range events {
		e := v.event(&events[i])
		list, _ := one[eventsField].([]map[string]any)
		one[eventsField] = append(list, map[string]any{
			"at": events[i].At.UTC().Format(time.RFC3339), "kind": e.Kind, "by": e.By, "text": eventText(v, &e),
		})
	}
	b, err := json.Marshal(one)
	if err != nil {
		return err
	}
	sep := ",\n"
	if j.first {
		j.first, sep = false, "\n"
	}
	_, err = fmt.Fprintf(j.w, "%s%s", sep, b)
	return err
}

func (j *jsonCases) close() error {
	_, err := io.WriteString(j.w, "\n]}\n")
	return err
}

// paperRows is how many cases a page for paper holds.
const paperRows = 500

// paper collects the cases of an export for a page to print.
type paper struct {
	v    *visit
	view ExportPaper
}

// Begin implements [casework.ExportSink].
func (p *paper) Begin(e *casework.Export, entry ident.Entry) error {
	p.view.Marks = p.v.marks(&e.Order, entry)
	p.view.Stamp = p.v.stamp(entry)
	for _, f := range fieldsOf(e.Order.Fields) {
		p.view.Heads = append(p.view.Heads, Option{Value: f.code, Label: p.v.l.Word("exportfield", f.code)})
	}
	return nil
}

// Row implements [casework.ExportSink].
func (p *paper) Row(r *casework.Row, _ []casework.Event) error {
	if len(p.view.Rows) == paperRows {
		return fault.New(fault.Invalid, "export-paper-long")
	}
	var cells []string
	for _, h := range p.view.Heads {
		cells = append(cells, exportFields[h.Value].text(p.v, r))
	}
	p.view.Rows = append(p.view.Rows, cells)
	return nil
}

// exportPaper shows an export as a page to print.
func (s *Server) exportPaper(v *visit, id casework.ExportID) error {
	p := &paper{v: v, view: ExportPaper{Frame: v.frame("children")}}
	if err := s.Cases.FetchExport(v.r.Context(), v.caller, id, p); err != nil {
		return err
	}
	return v.write(http.StatusOK, p.view)
}
