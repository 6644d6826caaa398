package web

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/locale"
	"causeway/internal/oversight"
	"causeway/internal/staff"
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
	Witnesses  []string // who cosigned what is settled
	Settled    int64    // entries that the witnesses of the policy vouch for
	Unsettled  int64    // entries that they do not, where a policy asks for it
	Logs       []WitnessedLog
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

// journal is the page of who oversees the work.
func (s *Server) journal(v *visit) error {
	f, filters, err := v.journalFilter()
	if err != nil {
		return err
	}
	view := Journal{Frame: v.frame("journal"), Form: Form{Action: "/journal/verify"}, Case: Form{Action: journalCasePath}}
	if view.On, err = chosen(filters, "/journal"); err != nil {
		return err
	}
	view.Filters, view.Kept = filters[:journalSelects], filters[journalSelects:]
	for _, name := range oversight.Views() {
		view.Views = append(view.Views, JournalView{
			Name: name, Href: "/journal?" + withFilters(without(filters, "journal_view"), "journal_view", name), On: valueOf(filters, "journal_view") == name,
		})
	}
	before := s.seals.number(v.r.URL.Query().Get("before"))
	page, err := s.Gate.Journal(v.r.Context(), v.caller, f, before, journalPage)
	if err != nil {
		return err
	}
	inquiry := valueOf(filters, "inquiry")
	for _, l := range page.Lines {
		look := v.look(l)
		if inquiry != "" {
			look.Mark = inquiriesPath + "/" + inquiry + "/mark/" + l.Header.EntryID().String()
		}
		view.Rows = append(view.Rows, look)
	}
	if page.Next > 0 {
		view.Next = "/journal?" + withFilters(filters, "before", s.seals.ofNumber(page.Next))
	}
	if before > 0 {
		view.Prev = "/journal?" + withFilters(filters, "", "")
	}
	view.Size = int(page.Size)
	if err := s.auditStatus(v, &view); err != nil {
		return err
	}
	view.Export = s.Gate.May(v.caller, "journal.export")
	return v.write(http.StatusOK, view)
}

// journalSelects is how many of the journal's filters are chosen from a list.
const journalSelects = 3

// journalCasePath is where the number of a case is asked for.
const journalCasePath = "/journal/case"

// journalFilter reads the filters of the address: first those chosen from a list, then
// the days, and at the end what links and forms bring along.
func (v *visit) journalFilter() (f journal.Filter, filters []Filter, err error) {
	values := v.r.URL.Query()
	filters = []Filter{
		{Name: "action", Options: Options(v.l, "action", journalActions...)},
		{Name: "outcome", Options: Options(v.l, "outcome", journalOutcomes...)},
		{Name: "journal_person", Options: v.colleagues(func(staff.Account) bool { return true })},
		{Name: "journal_from"},
		{Name: "journal_until"},
		{Name: "journal_view", Options: JournalViews(v.l)},
		{Name: "journal_agency", Options: v.agencyOptions()},
		{Name: "journal_case"},
		{Name: "inquiry"},
	}
	for i := range filters {
		filters[i].Value = values.Get(filters[i].Name)
	}
	f, _ = oversight.View(valueOf(filters, "journal_view"))
	if f.Action = valueOf(filters, "action"); valueOf(filters, "outcome") != "" {
		f.Outcome = valueOf(filters, "outcome")
	}
	f.Actor, _ = ident.Parse[ident.Staff](valueOf(filters, "journal_person")) // a forged one is not in the list
	if agency, err := ident.Parse[ident.Agency](valueOf(filters, "journal_agency")); err == nil {
		f.Units = v.unitsOf(agency)
	}
	for i := range filters {
		one := &filters[i]
		if one.Value == "" {
			continue
		}
		switch one.Name {
		case "journal_from", "journal_until":
			d, ok := locale.ParseDay(locale.PlainDigits(one.Value))
			if !ok {
				return f, nil, fault.InvalidField(one.Name, "bad-date")
			}
			if one.Name == "journal_from" {
				f.From = v.startOf(d)
			} else {
				f.Until = v.startOf(d).AddDate(0, 0, 1)
			}
			one.Options = []Option{{Value: one.Value, Label: v.l.Date(d)}}
		case "journal_case":
			id, err := ident.Parse[ident.Subject](one.Value)
			if err != nil {
				return f, nil, err
			}
			f.Subject = id
			one.Options = []Option{{Value: one.Value, Label: id.Short()}}
		case "inquiry":
			id, err := ident.Parse[ident.Inquiry](one.Value)
			if err != nil {
				return f, nil, err
			}
			one.Options = []Option{{Value: one.Value, Label: id.Short()}}
		}
	}
	return f, filters, nil
}

// unitsOf returns the units of an agency; of one without units, a unit that nobody is of.
func (v *visit) unitsOf(agency ident.Agency) []ident.Unit {
	out := []ident.Unit{ident.New[ident.Unit]()}
	for _, u := range v.people.Units() {
		if a, ok := v.people.AgencyOf(u.ID); ok && a.ID == agency {
			out = append(out, u.ID)
		}
	}
	return out
}

// journalCase finds the case of a number, so that no number stands in an address.
func (s *Server) journalCase(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id, err := s.Oversight.CaseOf(v.r.Context(), v.caller, v.value("number"))
	if err != nil {
		return err
	}
	return v.redirect("/journal?journal_case="+id.String(), "")
}

func valueOf(filters []Filter, name string) string {
	for i := range filters {
		if filters[i].Name == name {
			return filters[i].Value
		}
	}
	return ""
}

// without returns the filters but one.
func without(filters []Filter, name string) []Filter {
	return slices.DeleteFunc(slices.Clone(filters), func(f Filter) bool { return f.Name == name })
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
	view.Settled, view.Unsettled, view.Logs = int(st.Settled), int(st.Unsettled), st.Logs
	for i := range view.Logs {
		l := &view.Logs[i]
		l.At = l.At.In(s.Zone)
		for j := range l.Restores {
			l.Restores[j].At = l.Restores[j].At.In(s.Zone)
		}
	}
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
