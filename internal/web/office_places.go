package web

import (
	"io"
	"net/http"

	"causeway/internal/fault"
	"causeway/internal/staff"
)

// listPlaces shows the places in the one that the address names, or the highest.
func (s *Server) listPlaces(v *visit) error {
	view, err := s.placesPage(v, Form{})
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, view)
}

func (s *Server) placesPage(v *visit, f Form) (Places, error) {
	f.Action = "/places"
	view := Places{Frame: v.frame("people"), Form: f, CanAdd: s.Gate.May(v.caller, "place.bring")}
	all, err := s.People.Places(v.r.Context(), v.caller)
	if err != nil {
		return view, err
	}
	under := v.r.URL.Query().Get("in")
	byCode, below := map[string]staff.Place{}, map[string]int{}
	for _, p := range all {
		byCode[p.Code] = p
		below[p.Parent]++
	}
	line := func(p staff.Place) PlaceLine {
		l := PlaceLine{Name: p.Name, Code: p.Code, Below: below[p.Code]}
		if l.Below > 0 {
			l.Href = "/places?in=" + p.Code
		}
		return l
	}
	for at, ok := byCode[under]; ok; at, ok = byCode[at.Parent] {
		view.Above = append([]PlaceLine{line(at)}, view.Above...)
	}
	if under != "" && len(view.Above) == 0 {
		return view, fault.New(fault.NotFound, "no-such-page")
	}
	for _, p := range all {
		if p.Parent == under {
			view.Rows = append(view.Rows, line(p))
		}
	}
	return view, nil
}

// bringPlaces tries a file of places or brings it in, as the button says.
func (s *Server) bringPlaces(v *visit) error {
	if err := v.r.ParseMultipartForm(maxForm); err != nil {
		return fault.Wrap(fault.Invalid, "form-too-large", err)
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	rows, err := v.placeFile()
	if err != nil {
		return v.again(err, func(v *visit, f Form) (any, error) { return s.placesPage(v, f) })
	}
	var got staff.PlaceReport
	try := v.value("step") != "take"
	if try {
		got, err = s.People.TryPlaces(v.r.Context(), v.caller, v.session.By(), rows)
	} else {
		got, err = s.People.BringPlaces(v.r.Context(), v.caller, v.session.By(), cmd, rows)
	}
	switch {
	case err != nil:
		return err
	case !try && len(got.Faults) == 0:
		return v.redirect("/places", "places")
	}
	view, err := s.placesPage(v, Form{})
	if err != nil {
		return err
	}
	view.Report = &PlacesReport{New: got.New, Changed: got.Changed, Same: got.Same, More: got.More}
	for _, f := range got.Faults {
		view.Report.Faults = append(view.Report.Faults, PlaceFault(f))
	}
	status := http.StatusOK
	if len(got.Faults) > 0 {
		status = http.StatusUnprocessableEntity
	}
	return v.write(status, view)
}

// placeFile reads the file that was chosen.
func (v *visit) placeFile() ([]staff.PlaceRow, error) {
	file, _, err := v.r.FormFile("file")
	if err != nil {
		return nil, fault.InvalidField("file", "required")
	}
	defer file.Close()
	body, err := io.ReadAll(file)
	if err != nil {
		return nil, err
	}
	return staff.ReadPlaces(body)
}
