package web

import (
	"bytes"
	"io"
	"net/http"
	"strconv"

	"causeway/internal/fault"
	"causeway/internal/forms"
)

// formWorkbook sends a version as an XLSForm.
func (s *Server) formWorkbook(v *visit) error {
	one, err := v.version()
	if err != nil {
		return err
	}
	if s.Workbooks == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	var b bytes.Buffer
	if _, err := s.Workbooks.Write(&b, one.Form); err != nil {
		return err
	}
	h := v.w.Header()
	h.Set("Content-Type", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
	h.Set("Content-Disposition", `attachment; filename="`+one.Form.ID+"-"+strconv.Itoa(one.Form.Version)+`.xlsx"`)
	h.Set("Cache-Control", "no-store")
	_, err = b.WriteTo(v.w)
	return err
}

func (s *Server) showFormImport(v *visit) error {
	if err := v.mayEdit(); err != nil {
		return err
	}
	return v.write(http.StatusOK, FormImport{Frame: v.frame("forms"), Form: Form{Action: "/forms/import"}})
}

// formImport makes a draft of an XLSForm, and says what of it there is no place
// for.
func (s *Server) formImport(v *visit) error {
	if err := v.mayEdit(); err != nil {
		return err
	}
	if s.Workbooks == nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	if err := v.r.ParseMultipartForm(maxForm); err != nil {
		return fault.Wrap(fault.Invalid, "form-too-large", err)
	}
	view := FormImport{Frame: v.frame("forms"), Form: Form{Action: "/forms/import"}}
	refused := func(field, code string) error {
		view.Form.Errors = []FieldError{{field, code}}
		return v.write(http.StatusUnprocessableEntity, view)
	}
	file, _, err := v.r.FormFile("file")
	if err != nil {
		return refused("file", "required")
	}
	defer file.Close()
	body, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	p, lost, err := s.Workbooks.Read(v.r.Context(), body)
	if fault.KindOf(err) == fault.Invalid {
		return refused("file", fault.CodeOf(err))
	}
	if err != nil {
		return err
	}
	view.Lost = v.lostWords(p, lost)
	seen := int64(0)
	for _, one := range v.library().Versions(p.Form) {
		if one.State == forms.Draft {
			seen = one.Edition
		}
	}
	if seen != 0 && v.value("form_replace") != "yes" { // what somebody drafted is not lost in silence
		view.Replace = Options(v.l, "formreplace", "yes")
		return refused("form_replace", "draft-there")
	}
	err = v.keepDraft(p, seen)
	if fault.CodeOf(err) == "form-wrong" {
		view.Problems = v.wrongPlaces(p)
		return refused("file", "form-wrong")
	}
	if err != nil {
		return err
	}
	if len(lost) == 0 {
		return v.redirect("/forms/"+p.Form+"/draft", "formdraft")
	}
	view.Draft = "/forms/" + p.Form + "/draft"
	return v.write(http.StatusOK, view)
}
