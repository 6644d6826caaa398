package web

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/pack"
)

// captureRoutes are the pages of what is written without a network.
func (s *Server) captureRoutes() {
	if s.Capture == nil {
		return
	}
	s.page("GET /capture", s.showCapture)
	s.page("GET /capture/shell", s.captureShell)
	s.page("GET /capture/forms", s.blankForms)
	s.open("GET /capture/worker.js", captureWorker)
	s.page("PUT /capture/{capture}", s.receiveCapture)
	s.waitingRoutes()
}

// showCapture is the page with what the phone needs from the node: the key to seal
// to, and a ticket that says whose forms they are. They come with the page of the
// person who is signed in, never from what the phone kept.
func (s *Server) showCapture(v *visit) error {
	view := Capture{Frame: v.frame("capture"), Idle: s.expiry(), Who: phoneName(v.session.Staff), Ways: v.ways()}
	key, err := s.Capture.Key()
	if err != nil {
		return err
	}
	view.Key = base64.RawURLEncoding.EncodeToString(key)
	if s.Gate.May(v.caller, "capture.begin") {
		ticket, until, err := s.Gate.Ticket(v.r.Context(), v.caller, s.Pack.Clock(pack.CaptureKeep).Duration())
		if err != nil {
			return err
		}
		view.Ticket, view.Until = ticket, until.UnixMilli()
	}
	view.Undecided = v.undecided()
	return v.write(http.StatusOK, view)
}

// undecided returns how many forms from phones wait for the reader's decision. A
// page is not refused because they could not be counted.
func (v *visit) undecided() int {
	if v.s.Capture == nil || v.caller == nil || !v.s.Gate.May(v.caller, "capture.list") {
		return 0
	}
	n, err := v.s.Capture.Undecided(v.r.Context(), v.caller)
	if err != nil {
		v.s.Log.WarnContext(v.r.Context(), "forms not counted", slog.Any("err", err))
	}
	return n
}

// ways are the pages on which the same is done with a network.
func (v *visit) ways() []NavItem {
	var out []NavItem
	for _, n := range []struct{ tab, href, action string }{
		{"check", "/check", "check.make"}, {"register", "/children/new", "case.register"}, {"children", "/children", "case.list"},
	} {
		if v.s.Gate.May(v.caller, n.action) {
			out = append(out, NavItem{Tab: n.tab, Href: n.href})
		}
	}
	return out
}

// phoneName tells one person's drafts on a phone from another's. It is made from a
// random identifier and names nobody to whoever has not the node's database.
func phoneName(id ident.Staff) string {
	sum := sha256.Sum256(append([]byte("causeway/phone/1"), id[:]...))
	return strings.ToLower(base32.StdEncoding.EncodeToString(sum[:10]))
}

// captureShell is the page as a phone keeps it: nobody's.
func (s *Server) captureShell(v *visit) error {
	return v.write(http.StatusOK, Capture{Frame: Frame{Path: "/capture"}, Idle: s.expiry()})
}

// captureWorker serves the worker, which must lie beside the page it serves.
func captureWorker(v *visit) error {
	b, err := staticFiles.ReadFile("static/worker.js")
	if err != nil {
		return fmt.Errorf("read worker: %w", err)
	}
	h := v.w.Header()
	h.Set("Content-Type", "text/javascript; charset=utf-8")
	h.Set("Cache-Control", "no-cache")
	h.Set("Service-Worker-Allowed", "/capture")
	_, _ = v.w.Write(b) // the browser went away; nothing is left to tell it
	return nil
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
