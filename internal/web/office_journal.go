package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
)

// AuditDesk answers how the journal stands, and lets an auditor check it and
// take it away; package node implements it.
type AuditDesk interface {
	// Status returns how the journal stands. It discloses nothing about anybody.
	Status(ctx context.Context) (AuditStatus, error)
	// Verify starts a check of the whole journal, unless one is running, and
	// returns at once; Status has the result. It asks the gate.
	Verify(ctx context.Context, c *access.Caller) error
	// Export writes a pack that can be verified elsewhere without any key. It
	// asks the gate before the first byte.
	Export(ctx context.Context, c *access.Caller, w io.Writer) error
}

// AuditStatus is how the journal stands.
type AuditStatus struct {
	Size       int64
	Waiting    int64 // entries without a place yet
	Lag        time.Duration
	Root       string // short form of the newest checkpoint's root
	Checkpoint time.Time
	Witnesses  []string
	Verified   *Verified // nil: not since the start
}

// journalPage is how many lines a page of the journal shows.
const journalPage = 50

// The actions the journal can be filtered by, in the order shown.
var journalActions = []string{
	journal.Create, journal.Read, journal.List, journal.Update, journal.Decide, journal.Export, journal.Print,
	journal.Grant, journal.Revoke, journal.Login, journal.Logout, journal.Review, journal.Import, journal.Configure,
	journal.BreakGlass, journal.KeyRotate, journal.Backup, journal.Restore, journal.Start, journal.Shutdown, journal.Upgrade, journal.Clock,
}

var journalOutcomes = []string{journal.OK, journal.Denied, journal.Failed}

// journal is the auditor's page.
func (s *Server) journal(v *visit) error {
	values := v.r.URL.Query()
	view := Journal{Frame: v.frame("journal"), Form: Form{Action: "/journal/verify"}}
	view.Filters = []Filter{
		{Name: "action", Value: values.Get("action"), Options: Options(v.l, "action", journalActions...)},
		{Name: "outcome", Value: values.Get("outcome"), Options: Options(v.l, "outcome", journalOutcomes...)},
	}
	on, err := chosen(view.Filters, "/journal")
	if err != nil {
		return err
	}
	view.On = on
	before := s.seals.number(values.Get("before"))
	f := journal.Filter{Action: values.Get("action"), Outcome: values.Get("outcome")}
	page, err := s.Gate.Journal(v.r.Context(), v.caller, f, before, journalPage)
	if err != nil {
		return err
	}
	for _, l := range page.Lines {
		view.Rows = append(view.Rows, v.look(l))
	}
	if page.Next > 0 {
		view.Next = "/journal?" + withFilters(view.Filters, "before", s.seals.ofNumber(page.Next))
	}
	if before > 0 {
		view.Prev = "/journal?" + withFilters(view.Filters, "", "")
	}
	view.Size = int(page.Size)
	if err := s.auditStatus(v, &view); err != nil {
		return err
	}
	view.Export = s.Gate.May(v.caller, "journal.export")
	return v.write(http.StatusOK, view)
}

// auditStatus puts onto the page how the journal stands.
func (s *Server) auditStatus(v *visit, view *Journal) error {
	if s.Audit == nil {
		return nil
	}
	st, err := s.Audit.Status(v.r.Context())
	if err != nil {
		return err
	}
	view.Size, view.Pending, view.Behind = int(st.Size), int(st.Waiting), int(st.Lag.Seconds())
	view.Root, view.Witnesses = st.Root, st.Witnesses
	if !st.Checkpoint.IsZero() {
		view.Checkpoint = st.Checkpoint.In(s.Zone)
	}
	if st.Verified != nil {
		done := *st.Verified
		done.At = done.At.In(s.Zone)
		view.Verified = &done
	}
	return nil
}

// chosen returns the filters in force, each with the page without it. A value
// that the filter does not offer is refused and not taken for an empty list.
func chosen(filters []Filter, path string) ([]Chip, error) {
	var on []Chip
	for i, f := range filters {
		if f.Value == "" {
			continue
		}
		label := ""
		for _, o := range f.Options {
			if o.Value == f.Value {
				label = o.Label
			}
		}
		if label == "" {
			return nil, fault.InvalidField(f.Name, "not-in-list")
		}
		rest := append(append([]Filter{}, filters[:i]...), filters[i+1:]...)
		on = append(on, Chip{Name: f.Name, Label: label, Href: path + "?" + withFilters(rest, "", "")})
	}
	return on, nil
}

// withFilters writes the filters in force as an address, with one more value.
func withFilters(filters []Filter, name, value string) string {
	u := url.Values{}
	for _, f := range filters {
		if f.Value != "" {
			u.Set(f.Name, f.Value)
		}
	}
	if name != "" {
		u.Set(name, value)
	}
	return u.Encode()
}

// verify starts a check of the whole journal.
func (s *Server) verify(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if _, err := v.command(); err != nil {
		return err
	}
	if s.Audit == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	if err := s.Audit.Verify(v.r.Context(), v.caller); err != nil {
		return err
	}
	return v.redirect("/journal", "verify")
}

// export sends the journal's pack as a file. Nothing is sent before the gate has
// said yes and the entry is committed, so that a refusal is a page.
func (s *Server) export(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if _, err := v.command(); err != nil {
		return err
	}
	if s.Audit == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	name := "journal-" + v.now().Format("2006-01-02") + ".pack"
	out := &download{w: v.w, name: name, kind: "application/octet-stream"}
	err := s.Audit.Export(v.r.Context(), v.caller, out)
	if err != nil && out.begun {
		// The file is cut: verifying it will say so. A page cannot be sent any more.
		s.Log.ErrorContext(v.r.Context(), "export", slog.String("kind", fault.KindOf(err).String()), slog.Any("err", err))
		return nil
	}
	return err
}

// download sends a file; its headers go out with the first byte.
type download struct {
	w     http.ResponseWriter
	name  string
	kind  string
	begun bool
}

// Write implements io.Writer.
func (d *download) Write(b []byte) (int, error) {
	if !d.begun {
		d.begun = true
		h := d.w.Header()
		h.Set("Content-Type", d.kind)
		h.Set("Content-Disposition", `attachment; filename="`+d.name+`"`)
		h.Set("Cache-Control", "no-store")
	}
	return d.w.Write(b)
}

// look is one line of the journal as people read it.
func (v *visit) look(l journal.Line) Look {
	h := l.Header
	out := Look{
		At: h.Time().In(v.s.Zone), Role: h.Role, Action: h.Action, What: h.What, Purpose: h.Purpose,
		Outcome: h.Outcome, Code: h.EntryID().Short(),
	}
	if out.What == "" {
		out.What = strings.ToLower(h.Action)
	}
	if h.Outcome != journal.OK && v.l.Has("why."+h.Reason) {
		out.Reason = h.Reason
	}
	if actor := idOf[ident.Staff](h.Actor); !actor.IsZero() {
		out.Who = v.name(actor)
		out.Mine = v.caller != nil && actor == v.caller.Staff()
	} else {
		out.Who, out.Role = v.l.Word("who", whoActed(h)), ""
	}
	if u := idOf[ident.Unit](h.Unit); !u.IsZero() {
		out.Unit = v.unitName(u)
	}
	if len(h.Subjects) > 0 {
		out.Subject = idOf[ident.Subject](h.Subjects[0]).Short()
		out.More = len(h.Subjects) - 1
	}
	if h.Count > 1 {
		out.Times = int(h.Count)
	}
	return out
}

// whoActed names an actor who has no account.
func whoActed(h *journal.Header) string {
	switch {
	case h.Strength == "shell":
		return "shell"
	case h.Role == "job" || h.Role == "node":
		return h.Role
	}
	return "unknown"
}

// idOf reads an identifier out of a header, none for anything else.
func idOf[T ~[16]byte](b []byte) T {
	var id T
	if len(b) == len(id) {
		id = T(b)
	}
	return id
}
