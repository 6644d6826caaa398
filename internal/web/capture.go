package web

import (
	"errors"
	"io"
	"net/http"

	"causeway/internal/fault"
	"causeway/internal/ident"
)

// captureRoutes are the pages of what is written without a network.
func (s *Server) captureRoutes() {
	if s.Capture == nil {
		return
	}
	s.page("PUT /capture/{capture}", s.receiveCapture)
}

// receiveCapture takes in a sealed form. Whoever is signed in on that phone sends
// it; they are told that it is safe, and nothing of what is in it.
func (s *Server) receiveCapture(v *visit) error {
	id, err := ident.Parse[ident.Capture](v.r.PathValue("capture"))
	if err != nil {
		return err
	}
	envelope, err := io.ReadAll(v.r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.Wrap(fault.Invalid, "form-too-large", err)
	}
	if err != nil {
		return fault.Wrap(fault.Invalid, "form-unreadable", err)
	}
	if err := s.Capture.Receive(v.r.Context(), v.caller, id, envelope); err != nil {
		return err
	}
	v.w.WriteHeader(http.StatusNoContent)
	return nil
}
