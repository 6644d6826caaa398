package web

import (
	"encoding/base32"
	"net/http"
	"net/url"
	"strings"

	"filippo.io/age"

	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/sealed"
)

// exportRoutes are the pages by which cases leave the program.
func (s *Server) exportRoutes() {
	s.form("/children/export", s.exportListForm())
	s.form("/child/{case}/export", s.exportCaseForm())
	s.page("GET /export/{export}", s.exported)
	s.page("POST /export/{export}", s.exportFile)
}

// How a file is protected.
const (
	byPassphrase = "passphrase"
	byKey        = "key"
	notProtected = "none"
)

// Protections returns the ways to protect a file; not protecting it is offered
// only to whoever may.
func Protections(l *locale.Locale, plain bool) []Option {
	ways := []string{byPassphrase, byKey}
	if plain {
		ways = append(ways, notProtected)
	}
	out := Options(l, "protect", ways...)
	for i := range out {
		out[i].Hint = l.Word("protectsays", out[i].Value)
	}
	return out
}

// ExportFormats returns the forms of an export; paper only where nothing needs to
// be encrypted.
func ExportFormats(l *locale.Locale, plain bool) []Option {
	codes := casework.ExportFormats()
	if !plain {
		codes = codes[:len(codes)-1]
	}
	return Options(l, "exportformat", codes...)
}

// ExportFields returns what an export may hold.
func ExportFields(l *locale.Locale, one bool) []Option {
	codes := fieldCodes()
	if one {
		codes = append(codes, eventsField)
	}
	return Options(l, "exportfield", codes...)
}

// exportView is the form, with what most people need chosen already; the reason
// and the way of protection are theirs to say.
func (v *visit) exportView(f Form, one, plain bool) ExportForm {
	if f.Values == nil {
		f.Values = url.Values{
			"export_field": {"number", "name", "born_from", "born_to", "sex", "stage", "risk", "worker", "next_contact"}, "export_format": {"xlsx"}, "export_protect": {byPassphrase},
		}
	}
	return ExportForm{
		Frame: v.frame("children"), Form: f, Fields: ExportFields(v.l, one), Formats: ExportFormats(v.l, plain), Ways: Protections(v.l, plain),
		Sure: Options(v.l, "exportsure", "yes"), Plain: plain,
	}
}

func (s *Server) exportListForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			if !s.Gate.May(v.caller, "case.export") {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			if err := v.fresh(); err != nil {
				return nil, err
			}
			from := v.r.URL.Query()
			if f.Values != nil && f.Wrong() {
				from = f.Values
			}
			view := v.exportView(f, false, s.Gate.May(v.caller, "case.exportplain"))
			view.Cancel = childrenLink(withoutPaging(from))
			view.Chosen = len(from["case"])
			for _, name := range append([]string{"case"}, filterNames()...) {
				for _, x := range from[name] {
					view.Form.Hidden = append(view.Form.Hidden, Hidden{name, x})
				}
			}
			var err error
			view.Before, err = v.exportsBefore()
			return view, err
		},
		do: func(v *visit) (string, string, error) {
			o, err := v.order()
			if err != nil {
				return "", "", err
			}
			if o.Query, err = v.query(v.r.PostForm); err != nil {
				return "", "", err
			}
			if o.Chosen, err = v.chosen(); err != nil {
				return "", "", err
			}
			return v.placeOrder(o)
		},
	}
}

func filterNames() []string {
	var out []string
	for _, f := range listFilters {
		out = append(out, f.name)
	}
	return out
}

func (s *Server) exportCaseForm() formPage {
	p := s.childForm("case.export", nil, nil)
	p.show = func(v *visit, f Form) (any, error) {
		c, err := v.opened()
		if err != nil {
			return nil, err
		}
		if !c.May["case.export"] {
			return nil, fault.New(fault.NotFound, "no-such-page")
		}
		if err := v.fresh(); err != nil {
			return nil, err
		}
		view := v.exportView(f, true, c.May["case.exportplain"])
		row := v.childRow(&c.Case, &c.Person.Details)
		view.Child, view.Cancel = &row, row.Href
		view.Stamp = v.stamp(c.Entry)
		return view, nil
	}
	p.do = func(v *visit) (string, string, error) {
		o, err := v.order()
		if err != nil {
			return "", "", err
		}
		if o.Case, err = v.caseID(); err != nil {
			return "", "", err
		}
		return v.placeOrder(o)
	}
	return p
}

// order reads what is to be exported, how and why.
func (v *visit) order() (casework.Order, error) {
	var c fault.Check
	o := casework.Order{Format: v.value("export_format"), Reason: v.text("export_reason")}
	for _, f := range v.r.PostForm["export_field"] {
		if f == eventsField {
			o.Events = true
		} else {
			o.Fields = append(o.Fields, f)
		}
	}
	switch v.value("export_protect") {
	case byPassphrase:
		o.Pass = sealed.NewText(newPassphrase())
	case byKey:
		o.For = strings.TrimSpace(v.value("export_key"))
		_, err := recipientOf(o.For)
		c.Require(err == nil, "export_key", "not-a-key")
	case notProtected:
		o.Plain = true
		c.Require(v.value("export_sure") == "yes", "export_sure", "required")
	default:
		c.Reject("export_protect", "required")
	}
	return o, c.Err()
}

// placeOrder places the order and leads to its page.
func (v *visit) placeOrder(o casework.Order) (string, string, error) {
	cmd, err := v.command()
	if err != nil {
		return "", "", err
	}
	id, err := v.s.Cases.OrderExport(v.r.Context(), v.caller, cmd, o, fieldCodes())
	return "/export/" + id.String(), "", err
}

// chosen reads the cases that were ticked.
func (v *visit) chosen() ([]ident.Case, error) {
	var out []ident.Case
	for _, text := range v.r.PostForm["case"] {
		id, err := ident.Parse[ident.Case](text)
		if err != nil {
			return nil, fault.InvalidField("case", "not-in-list")
		}
		out = append(out, id)
	}
	return out, nil
}

// newPassphrase returns 125 random bits in groups that can be read out loud.
func newPassphrase() string {
	id := ident.New[ident.Command]()
	s := strings.ToLower(base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding).EncodeToString(id[:]))[:25]
	return strings.Join([]string{s[:5], s[5:10], s[10:15], s[15:20], s[20:]}, "-")
}

// recipientOf reads one public key of age.
func recipientOf(text string) (age.Recipient, error) {
	all, err := age.ParseRecipients(strings.NewReader(text))
	if err != nil || len(all) != 1 {
		return nil, fault.InvalidField("export_key", "not-a-key")
	}
	return all[0], nil
}

// exportsBefore lists what the reader took out before.
func (v *visit) exportsBefore() ([]Exported, error) {
	all, err := v.s.Cases.Exports(v.r.Context(), v.caller)
	if err != nil {
		return nil, err
	}
	out := make([]Exported, len(all))
	for i := range all {
		e := &all[i]
		out[i] = Exported{
			At: e.At.In(v.s.Zone), Cases: int(e.Cases), Format: e.Order.Format, Plain: e.Order.Plain, Reason: e.Order.Reason.Reveal(),
			Fetched: !e.Fetched.IsZero(),
		}
	}
	return out, nil
}

func (v *visit) exportID() (casework.ExportID, error) {
	return ident.Parse[casework.ExportID](v.r.PathValue("export"))
}

// exported is the page of an export that was ordered: its passphrase, and the
// button that fetches the file.
func (s *Server) exported(v *visit) error {
	id, err := v.exportID()
	if err != nil {
		return err
	}
	e, err := s.Cases.ReadExport(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	view := ExportReady{
		Frame: v.frame("children"), Form: Form{Action: "/export/" + id.String()}, Cases: int(e.Cases), Format: e.Order.Format, Plain: e.Order.Plain,
		Over: e.Over(s.Clock.Now()), ForKey: e.Order.For != "",
	}
	if !view.Over {
		view.Passphrase = e.Order.Pass.Reveal()
	}
	return v.write(http.StatusOK, view)
}
