package web

import (
	"causeway/internal/casework"
	"causeway/internal/ident"
)

// privilegedRoutes is the page of a lawyer's own notes.
func (s *Server) privilegedRoutes() {
	s.form("/child/{case}/privileged", s.privilegedForm())
}

// privilegedForm shows the notes that the reader keeps as the child's lawyer, and takes
// a new one.
func (s *Server) privilegedForm() formPage {
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			page, err := s.Cases.PrivilegedNotes(v.r.Context(), v.caller, v.caseOf())
			if err != nil {
				return nil, err
			}
			view := Privileged{
				Frame: v.frame("children"), Form: f,
				Child: Child{Href: "/child/" + page.Case.ID.String() + "/consent", Name: page.Case.Number.String()},
			}
			view.Notes = v.privilegedNotes(page)
			view.Stamp = v.stamp(page.Entry)
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			id, err := v.caseID()
			if err != nil {
				return "", "", err
			}
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			return "/child/" + id.String() + "/privileged", "privileged", s.keepPrivileged(v, cmd, id)
		},
	}
}

func (s *Server) keepPrivileged(v *visit, cmd ident.Command, id ident.Case) error {
	return s.Cases.AddPrivileged(v.r.Context(), v.caller, cmd, id, v.text("privileged_text"))
}

func (v *visit) privilegedNotes(page *casework.PrivilegedPage) (out []PrivilegedNote) {
	for _, n := range page.Notes {
		out = append(out, PrivilegedNote{At: n.At.In(v.s.Zone), Text: n.Text.Reveal()})
	}
	return out
}
