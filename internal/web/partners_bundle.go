package web

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// BundleDesk takes what waits for a partner out to files for a courier, and takes in what a
// courier brought; package node implements it. Both ask the gate. What they did is kept
// for a day under an id.
type BundleDesk interface {
	// Export makes the parts of a bundle, once for a command.
	Export(ctx context.Context, c *access.Caller, cmd ident.Command, to identity.NodeID) (id string, err error)
	// Import takes one part of a bundle in, and returns who had made it.
	Import(ctx context.Context, c *access.Caller, cmd ident.Command, r io.Reader) (id string, from identity.NodeID, err error)
	// Bundle returns what was made or taken in.
	Bundle(ctx context.Context, c *access.Caller, id string) (*BundleKept, error)
	// Part opens a part that was made.
	Part(ctx context.Context, c *access.Caller, id string, part int) (io.ReadCloser, error)
}

// BundleKept is what a bundle carried out or brought in.
type BundleKept struct {
	Peer     identity.NodeID
	In       bool // a courier brought it
	Slips    []BundleSlip
	Received int             // messages that are stored here now, or were before
	Refused  map[cx.Code]int // what was not taken, by why
	Damaged  int             // items that are not what the list says
	Broken   bool            // the file ended before its list did
}

// BundleSlip is what the courier's ledger says of one part.
type BundleSlip struct {
	Part, Parts, Items, Envelopes, Notes, Pieces int
	Bytes                                        int64
	Digest                                       string
}

// bundleMost is how large the form with one part of a bundle may be: the part, its list and
// what stands around them.
const bundleMost = cx.BundleLimit + 16<<20

// bringsBundle reports whether a request brings a bundle, which may be large.
func bringsBundle(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, partnersPath+"/at/") && strings.HasSuffix(r.URL.Path, "/bundle/in")
}

func (s *Server) bundleRoutes() {
	if s.Bundles == nil {
		return
	}
	const at = partnersPath + "/at/{node}/bundle"
	s.page("POST "+at, s.exportBundle)
	s.page("GET "+at+"/in", func(v *visit) error { return v.showForm(s.bundleForm) })
	s.page("POST "+at+"/in", s.importBundle)
	s.page("GET "+at+"/{bundle}", s.bundle)
	s.page("GET "+at+"/{bundle}/{part}", s.bundlePart)
}

func (s *Server) exportBundle(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	node := identity.NodeID(v.r.PathValue("node"))
	id, err := s.Bundles.Export(v.r.Context(), v.caller, cmd, node)
	if err != nil {
		return err
	}
	return v.redirect(bundlePath(node, id), "")
}

func bundlePath(node identity.NodeID, id string) string {
	return partnersPath + "/at/" + string(node) + "/bundle/" + id
}

// bundle shows what was made, or what came of what was taken in.
func (s *Server) bundle(v *visit) error {
	kept, err := s.Bundles.Bundle(v.r.Context(), v.caller, v.r.PathValue("bundle"))
	if err != nil {
		return err
	}
	p, seen, err := v.onePartner()
	if err != nil {
		return err
	}
	if kept.Peer != p.Node {
		return fault.New(fault.NotFound, "no-such-page")
	}
	at := partnersPath + "/at/" + string(p.Node)
	view := BundlePage{
		Frame: v.frame("partners"), Row: v.partnerRow(p, seen), In: kept.In, Received: kept.Received, Damaged: kept.Damaged, Broken: kept.Broken,
		Form: Form{Action: at + "/bundle"}, Next: at + "/bundle/in", Back: p.State != exchange.Removed,
	}
	for _, slip := range kept.Slips {
		row := BundlePart{BundleSlip: slip}
		if !kept.In {
			row.Href = bundlePath(p.Node, v.r.PathValue("bundle")) + "/" + strconv.Itoa(slip.Part)
		}
		view.Parts = append(view.Parts, row)
	}
	for code, n := range kept.Refused {
		view.Refused = append(view.Refused, BundleRefused{string(code), n})
	}
	slices.SortFunc(view.Refused, func(a, b BundleRefused) int { return strings.Compare(a.Why, b.Why) })
	return v.write(http.StatusOK, view)
}

// bundlePart sends one part: ciphertext and signatures, as it goes on the stick.
func (s *Server) bundlePart(v *visit) error {
	part, err := strconv.Atoi(v.r.PathValue("part"))
	if err != nil {
		return fault.New(fault.NotFound, "no-such-page")
	}
	from, err := s.Bundles.Part(v.r.Context(), v.caller, v.r.PathValue("bundle"), part)
	if err != nil {
		return err
	}
	defer from.Close()
	out := &download{w: v.w, name: "bundle-" + v.r.PathValue("node") + "-" + strconv.Itoa(part) + cx.BundleEnding, kind: "application/octet-stream"}
	_, _ = io.Copy(out, from) // a reader who has gone away is told nothing
	return nil
}

func (s *Server) bundleForm(v *visit, f Form) (any, error) {
	p, seen, err := v.onePartner()
	if err != nil {
		return nil, err
	}
	if !s.Gate.May(v.caller, "peer.carry") {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	f.Action = v.r.URL.Path
	return BundleIn{Frame: v.frame("partners"), Row: v.partnerRow(p, seen), Form: f, Max: cx.BundleLimit}, nil
}

// importBundle takes a bundle in while it arrives: it lies nowhere as a whole.
func (s *Server) importBundle(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, bundleMost)
	id, from, err := s.takeBundle(v)
	if err == nil {
		return v.redirect(bundlePath(from, id), "")
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		err = fault.InvalidField("file", "bundle-too-big")
	case fault.CodeOf(err) == "peer-bundle":
		err = fault.InvalidField("file", "peer-bundle")
	}
	if refusedForm(err) {
		// A browser that is still sending would take an early answer for a broken
		// connection, and never show what was wrong.
		_, _ = io.Copy(io.Discard, v.r.Body)
	}
	return v.back(v.r.URL.Path, err, s.bundleForm)
}

// takeBundle reads the parts of the form: the command stands before the file.
func (s *Server) takeBundle(v *visit) (string, identity.NodeID, error) {
	v.r.PostForm = url.Values{}
	parts, err := v.r.MultipartReader()
	if err != nil {
		return "", "", fault.Wrap(fault.Invalid, "form-unreadable", err)
	}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return "", "", fault.InvalidField("file", "required")
		}
		if err != nil || n > fieldsMost {
			return "", "", fault.Wrap(fault.Invalid, "upload-broken", err)
		}
		if part.FormName() != "file" {
			text, err := io.ReadAll(io.LimitReader(part, fieldMost+1))
			if err != nil || len(text) > fieldMost {
				return "", "", fault.New(fault.Invalid, "form-unreadable")
			}
			v.r.PostForm.Set(part.FormName(), string(text))
			continue
		}
		if part.FileName() == "" {
			return "", "", fault.InvalidField("file", "required")
		}
		cmd, err := v.command()
		if err != nil {
			return "", "", err
		}
		return s.Bundles.Import(v.r.Context(), v.caller, cmd, part)
	}
}
