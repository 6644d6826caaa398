package web

import "net/http"

// showConduct shows the code of conduct, to sign it or to read it again.
func (s *Server) showConduct(v *visit) error {
	c := s.Pack.Conduct(v.l.Code())
	view := ConductPage{
		Frame: v.frame("account"), Form: Form{Action: "/conduct", Hidden: []Hidden{{"version", c.Version}, {"read", c.Language}}},
		Title: c.Title, Rules: c.Rules, Next: localPath(v.r.URL.Query().Get("next")),
	}
	view.Form.Hidden = append(view.Form.Hidden, Hidden{"next", view.Next})
	if at, ok := v.people.Signed(v.session.Staff); ok && !at.IsZero() {
		view.Signed = at.In(s.Zone)
	}
	view.Frame.Path = "/conduct"
	return v.write(http.StatusOK, view)
}

// signConduct notes that the person signed the version that the page showed. One that is
// no longer in force is shown as it is now.
func (s *Server) signConduct(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	if err := s.Office.SignConduct(v.r.Context(), v.session, v.value("version"), v.value("read")); err != nil {
		return err
	}
	return v.redirect(localPath(v.value("next")), "")
}
