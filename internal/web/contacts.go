package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/directory"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
	"causeway/internal/web/tabular"
	"causeway/protocol/handover"
)

// contactRoutes are the pages of contacts in other countries, and the desk of the focal
// point who keeps them.
func (s *Server) contactRoutes() {
	s.page("GET /contacts", s.contacts)
	s.form("/contacts/new", s.abroadForm())
	s.form("/contacts/change/{contact}", s.abroadForm())
	s.page("GET /contacts/files", s.contactFiles)
	s.page("POST /contacts/files", s.takeContacts)
	s.page("POST /contacts/files/csv", s.exportContacts)
	if s.Referrals != nil {
		s.page("GET /focal", s.focalDesk)
	}
}

// focalDesk shows the focal point what was referred to them, and how their contacts stand.
func (s *Server) focalDesk(v *visit) error {
	if !s.Gate.May(v.caller, "contact.edit") {
		return fault.New(fault.NotFound, "no-such-page")
	}
	in, err := s.Referrals.Inbox(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	known, err := s.Services.Contacts(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := FocalDesk{Frame: v.frame("focal"), More: in.More, Contacts: len(known.List)}
	for i := range in.Lines {
		row := v.referralRow(in.Lines[i].Thread, handover.Receiver, "")
		if in.Lines[i].Accepted {
			view.Accepted = append(view.Accepted, row)
		} else {
			view.Waiting = append(view.Waiting, row)
		}
	}
	for _, c := range known.List {
		if c.Stale {
			view.Stale++
		}
	}
	view.Stamp = v.stamp(in.Entry)
	return v.write(http.StatusOK, view)
}

func (s *Server) contacts(v *visit) error {
	all, err := s.Services.Contacts(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	view := ContactList{Frame: v.frame("contacts"), MayEdit: all.MayEdit}
	for _, c := range all.List {
		row := ContactRow{
			Country: v.label(pack.Nationalities, c.Country), Authority: c.Authority, Office: c.Office, Phone: c.Phone, Email: c.Email,
			Channel: c.Channel, Languages: v.labels(pack.Languages, c.Languages), Hours: c.Hours, For: c.For, Stale: c.Stale,
			At: c.ConfirmedAt.In(s.Zone), By: v.name(c.ConfirmedBy),
		}
		if all.MayEdit {
			row.Edit = "/contacts/change/" + c.ID.String()
		}
		view.Rows = append(view.Rows, row)
	}
	slices.SortStableFunc(view.Rows, func(a, b ContactRow) int { return strings.Compare(a.Country, b.Country) })
	return v.write(http.StatusOK, view)
}

// abroadForm adds a contact, or changes the one of the address.
func (s *Server) abroadForm() formPage {
	return formPage{show: s.showAbroadForm, do: func(v *visit) (string, string, error) {
		cmd, err := v.command()
		if err != nil {
			return "", "", err
		}
		in := directory.Contact{
			Country: v.value("contact_country"), Authority: v.value("contact_authority"), Office: v.value("contact_office"),
			Phone: v.value("service_phone"), Email: v.value("service_email"), Channel: v.value("contact_channel"),
			Languages: v.repeated("service_languages"), Hours: v.value("contact_hours"), For: v.value("contact_for"),
			Ended: v.value("contact_ended") != "",
		}
		done := "contact-added"
		if v.r.PathValue("contact") != "" {
			done = "contact-changed"
			in.ID = v.contactID()
			if in.Version, err = strconv.ParseInt(v.value("seen_version"), 10, 64); err != nil {
				return "", "", fault.New(fault.Invalid, "form-unreadable")
			}
		}
		return "/contacts", done, s.Services.SaveContact(v.r.Context(), v.caller, cmd, in)
	}}
}

// contactID returns the contact of the address; a forged one takes the way of one that
// does not exist.
func (v *visit) contactID() directory.ContactID {
	id, err := ident.Parse[directory.ContactID](v.r.PathValue("contact"))
	if err != nil {
		return ident.New[directory.ContactID]()
	}
	return id
}

func (s *Server) showAbroadForm(v *visit, f Form) (any, error) {
	if !s.Gate.May(v.caller, "contact.edit") {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	view := ContactForm{
		Frame: v.frame("contacts"), New: v.r.PathValue("contact") == "", Countries: v.options(pack.Nationalities), Langs: v.options(pack.Languages, "und"),
		Ended: Options(v.l, "contactended", "yes"),
	}
	f.Action = v.r.URL.Path
	if !view.New {
		all, err := s.Services.Contacts(v.r.Context(), v.caller)
		if err != nil {
			return nil, err
		}
		i := slices.IndexFunc(all.List, func(c *directory.Contact) bool { return c.ID == v.contactID() })
		if i < 0 {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		seen := f.Value("seen_version")
		if f.Values == nil {
			f.Values, seen = contactValues(all.List[i]), strconv.FormatInt(all.List[i].Version, 10)
		}
		f.Hidden = append(f.Hidden, Hidden{"seen_version", seen})
	}
	view.LangRows, view.LangError = askedRows(f, "service_languages"), f.Error("service_languages")
	view.Form = f
	return view, nil
}

func contactValues(c *directory.Contact) url.Values {
	u := url.Values{
		"contact_country": {c.Country}, "contact_authority": {c.Authority}, "contact_office": {c.Office}, "service_phone": {c.Phone},
		"service_email": {c.Email}, "contact_channel": {c.Channel}, "contact_hours": {c.Hours}, "contact_for": {c.For},
	}
	for i, code := range c.Languages {
		u.Set("service_languages_"+strconv.Itoa(i), code)
	}
	return u
}

// mostContacts is how large a file of contacts may be.
const mostContacts = 4 << 20

func (v *visit) contactFilesPage() (ContactFiles, error) {
	view := ContactFiles{
		Frame: v.frame("contacts"), Form: Form{Action: "/contacts/files"}, Max: mostContacts, Columns: directory.ContactColumns(),
	}
	if !v.s.Gate.May(v.caller, "contact.edit") {
		return view, fault.New(fault.NotFound, "no-such-page")
	}
	return view, nil
}

func (s *Server) contactFiles(v *visit) error {
	view, err := v.contactFilesPage()
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, view)
}

// takeContacts takes contacts in from a file, all or none.
func (s *Server) takeContacts(v *visit) error {
	view, err := v.contactFilesPage()
	if err != nil {
		return err
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostContacts+maxForm)
	if err := v.r.ParseMultipartForm(mostContacts + maxForm); err != nil {
		return fault.Wrap(fault.Invalid, "form-too-large", err)
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	refused := func(err error) error {
		for _, f := range fault.FieldsOf(err) {
			view.Form.Errors = append(view.Form.Errors, FieldError{"file", f.Code})
		}
		return v.write(http.StatusUnprocessableEntity, view)
	}
	upload, _, err := v.r.FormFile("file")
	if err != nil {
		return refused(fault.InvalidField("file", "required"))
	}
	defer upload.Close()
	list, err := s.Services.ReadContacts(upload)
	if fault.Is(err, fault.Invalid) {
		return refused(err)
	}
	if err != nil {
		return err
	}
	if err := s.Services.TakeContacts(v.r.Context(), v.caller, cmd, list); err != nil {
		return err
	}
	return v.redirect("/contacts", "contacts-taken")
}

// exportContacts sends the contacts as a file. Nothing is sent before it is entered.
func (s *Server) exportContacts(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if _, err := v.command(); err != nil {
		return err
	}
	list, entry, err := s.Services.ExportContacts(v.r.Context(), v.caller)
	if err != nil {
		return err
	}
	out := &download{w: v.w, kind: "text/csv; charset=utf-8", name: "causeway-contacts-" + v.now().Format("2006-01-02") + "-" + entry.Short() + ".csv"}
	w, err := tabular.NewCSV(out)
	if err != nil {
		return err
	}
	if err := w.Row(directory.ContactColumns()); err != nil {
		return err
	}
	for _, c := range list {
		if err := w.Row(c.Cells()); err != nil {
			return err
		}
	}
	return w.Close()
}
