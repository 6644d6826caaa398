package web

import (
	"encoding/hex"
	"fmt"
	"io"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"time"

	"causeway/internal/document"
	"causeway/internal/document/media"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/pack"
	"causeway/internal/sealed"
)

// documentRoutes are the pages of a child's documents.
func (s *Server) documentRoutes() {
	if s.Cases.Documents() == nil {
		return
	}
	s.page("GET /child/{case}/documents", s.documents)
	s.page("GET /child/{case}/documents/new", func(v *visit) error { return v.showForm(s.documentForm) })
	s.page("POST /child/{case}/documents/new", s.addDocument)
	s.uploadRoutes()
	s.page("GET /child/{case}/documents/{document}", s.document)
	s.page("GET /child/{case}/documents/{document}/file", s.documentFile(false))
	s.page("GET /child/{case}/documents/{document}/image", s.documentFile(true))
	for act := range documentActs {
		s.form("/child/{case}/documents/{document}/"+act, s.documentAct(act))
	}
}

// documentID reads the document of the address; a forged one takes the way of an
// unknown one.
func (v *visit) documentID() ident.Document {
	id, err := ident.Parse[ident.Document](v.r.PathValue("document"))
	if err != nil {
		return ident.New[ident.Document]()
	}
	return id
}

// aCase reads the case of the address; a forged one takes the way of an unknown one.
func (v *visit) aCase() ident.Case {
	id, err := v.caseID()
	if err != nil {
		return ident.New[ident.Case]()
	}
	return id
}

// documents lists the documents of a child.
func (s *Server) documents(v *visit) error {
	list, err := s.Cases.ListDocuments(v.r.Context(), v.caller, v.aCase())
	if err != nil {
		return err
	}
	child := v.childRow(&list.Case, &list.Person.Details)
	view := Documents{Frame: v.frame("children"), Child: child}
	if list.May["document.add"] {
		view.Add = child.Href + "/documents/new"
	}
	for i := range list.Documents {
		view.Rows = append(view.Rows, v.doc(&list.Documents[i]))
	}
	view.Stamp = v.stamp(list.Entry)
	return v.write(http.StatusOK, view)
}

// doc shows what is known of a document. What may show abuse, or was destroyed
// because it did, keeps its state and the number of the matter and nothing else.
func (v *visit) doc(d *document.Document) Document {
	out := Document{
		Href: "/child/" + d.Case.String() + "/documents/" + d.ID.String(), Code: d.ID.Short(), State: d.State, Kept: d.Readable(),
		Hidden: d.State == document.Locked || d.State == document.Destroyed, At: d.Made.In(v.s.Zone), By: v.name(d.By),
	}
	if out.Hidden {
		return out
	}
	b := &d.Brief
	out.What, out.Kind, out.Name = v.label(pack.DocumentWhats, b.What), d.Kind, b.Name.Reveal()
	out.Text, out.Maker, out.Place, out.Size = b.Text.Reveal(), b.Maker.Reveal(), b.Place.Reveal(), d.Size
	out.Scan, out.Found = d.Scan, d.Finding
	if !b.Taken.IsZero() {
		year, month, dom := b.Taken.RevealParts()
		out.Taken = v.l.Date(locale.Day{Year: year, Month: time.Month(month), Dom: dom})
	}
	return out
}

// document shows one document and its chain of custody.
func (s *Server) document(v *visit) error {
	page, err := s.Cases.OpenDocument(v.r.Context(), v.caller, v.aCase(), v.documentID())
	if err != nil {
		return err
	}
	d := &page.Documents[0]
	child := v.childRow(&page.Case, &page.Person.Details)
	view := DocumentPage{
		Frame: v.frame("children"), Child: child, Doc: v.doc(d), Before: hex.EncodeToString(d.Before), After: hex.EncodeToString(d.After),
		Received: d.Received, More: page.More, Back: child.Href + "/documents",
	}
	at := view.Doc.Href
	offer := func(to *string, act string, state bool) {
		if page.May["document."+act] && state {
			*to = at + "/" + act
		}
	}
	open := d.State == document.Kept || d.State == document.Quarantined
	offer(&view.Lock, "lock", open)
	offer(&view.Remove, "remove", open)
	offer(&view.Destroy, "destroy", d.State == document.Locked)
	offer(&view.Confirm, "confirm", d.State == document.Locked && !d.Asked.IsZero() && d.Asked != v.caller.Staff())
	if d.State == document.Locked {
		view.Unit = v.label(pack.DocumentUnits, "abuse_images")
	}
	if view.Doc.Hidden {
		view.Number, view.Waits = d.Reference.Reveal(), v.name(d.Asked)
	} else {
		view.Removed = d.Removed
	}
	if k, ok := media.ByCode(d.Kind); ok && d.Readable() && page.May["document.open"] {
		view.Fetch = at + "/file"
		if k.Image {
			view.Show = at + "?show=1"
			if v.r.URL.Query().Has("show") {
				view.Image, view.Turn = at+"/image", d.Turn
			}
		}
	}
	for i := range page.Events {
		view.Events = append(view.Events, v.event(&page.Events[i]))
	}
	for _, l := range page.Looks {
		view.Looks = append(view.Looks, v.look(l))
	}
	view.Stamp = v.stamp(page.Entry)
	return v.write(http.StatusOK, view)
}

// documentFile hands a document out: for keeping, or, what is a picture whose
// container we rebuilt, for looking at. Every call is an entry of its own.
func (s *Server) documentFile(inline bool) handler {
	return func(v *visit) error {
		begun := false
		err := s.Cases.ReadDocument(v.r.Context(), v.caller, v.aCase(), v.documentID(), func(d *document.Document) (io.Writer, error) {
			k, ok := media.ByCode(d.Kind)
			if !ok || inline && !k.Image {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			h := v.w.Header()
			how := "attachment"
			if inline {
				how = "inline"
			}
			// The name is ours: one from elsewhere could name the child, or mean
			// something to the system that keeps the file.
			h.Set("Content-Disposition", mime.FormatMediaType(how, map[string]string{"filename": "document-" + d.ID.Short() + k.Ends[0]}))
			h.Set("Content-Type", k.Type)
			h.Set("Content-Length", strconv.FormatInt(d.Size, 10))
			// Whatever it is taken for, nothing in it runs and nothing is fetched.
			h.Set("Content-Security-Policy", ContentSecurityPolicy+"; sandbox")
			begun = true
			return v.w, nil
		})
		if err != nil && begun {
			panic(http.ErrAbortHandler) // what was sent is short: the browser must not take it for whole
		}
		return err
	}
}

// documentAction is one thing that can be done with a document.
type documentAction struct {
	done  string
	shown func(*document.Document) bool
	do    func(*visit, ident.Command, ident.Case, ident.Document) error
}

var documentActs = map[string]documentAction{
	"lock": {"document-locked", canEnd, func(v *visit, cmd ident.Command, id ident.Case, d ident.Document) error {
		return v.s.Cases.LockDocument(v.r.Context(), v.caller, cmd, id, d, v.text("reason"))
	}},
	"remove": {"document-removed", canEnd, func(v *visit, cmd ident.Command, id ident.Case, d ident.Document) error {
		return v.s.Cases.RemoveDocument(v.r.Context(), v.caller, cmd, id, d, v.text("reason"))
	}},
	"destroy": {"document-asked", isLocked, func(v *visit, cmd ident.Command, id ident.Case, d ident.Document) error {
		return v.s.Cases.AskToDestroy(v.r.Context(), v.caller, cmd, id, d, v.text("document_reference"))
	}},
	"confirm": {"document-destroyed", isLocked, func(v *visit, cmd ident.Command, id ident.Case, d ident.Document) error {
		return v.s.Cases.DestroyDocument(v.r.Context(), v.caller, cmd, id, d)
	}},
}

func canEnd(d *document.Document) bool {
	return d.State == document.Kept || d.State == document.Quarantined
}
func isLocked(d *document.Document) bool { return d.State == document.Locked }

// documentAct is the form of one of them.
func (s *Server) documentAct(act string) formPage {
	a := documentActs[act]
	return formPage{
		show: func(v *visit, f Form) (any, error) {
			page, err := s.Cases.OpenDocument(v.r.Context(), v.caller, v.aCase(), v.documentID())
			if err != nil {
				return nil, err
			}
			d := &page.Documents[0]
			if !page.May["document."+act] || !a.shown(d) && f.Fault == "" {
				return nil, fault.New(fault.NotFound, "no-such-page")
			}
			f.Action = v.r.URL.Path
			view := DocumentAct{
				Frame: v.frame("children"), Child: v.childRow(&page.Case, &page.Person.Details), Doc: v.doc(d), Act: act,
				Form: f.Ask("reason", v.l.Word("documentwhy", act)),
			}
			view.Back = view.Doc.Href
			if act == "lock" || act == "destroy" {
				view.Unit = v.label(pack.DocumentUnits, "abuse_images")
			}
			view.Stamp = v.stamp(page.Entry)
			return view, nil
		},
		do: func(v *visit) (string, string, error) {
			cmd, err := v.command()
			if err != nil {
				return "", "", err
			}
			id, d := v.aCase(), v.documentID()
			return fmt.Sprintf("/child/%s/documents/%s", id, d), a.done, a.do(v, cmd, id, d)
		},
	}
}

// documentForm is the form that takes a document in.
func (s *Server) documentForm(v *visit, f Form) (any, error) {
	c, err := v.opened()
	if err != nil {
		return nil, err
	}
	if !c.May["document.add"] {
		return nil, fault.New(fault.NotFound, "no-such-page")
	}
	docs := s.Cases.Documents()
	child := v.childRow(&c.Case, &c.Person.Details)
	f.Action = child.Href + "/documents/new"
	view := AddDocument{
		Frame: v.frame("children"), Child: child, Form: f.Ask("file", v.l.T("documents.choose")), Whats: v.options(pack.DocumentWhats), Accept: strings.Join(media.Endings(), ","),
		Most: docs.Most(), Pieces: child.Href + "/uploads", Piece: document.PieceSize,
	}
	unfinished, err := s.Cases.UnfinishedDocuments(v.r.Context(), v.caller, c.Case.ID)
	for i := range unfinished {
		u := &unfinished[i]
		if u.Size < 0 {
			continue // a plain form cannot go on
		}
		view.Unfinished = append(view.Unfinished, Upload{
			ID: u.ID.String(), Size: u.Size, Name: u.Brief.Name.Reveal(), Expires: u.Expires.In(s.Zone),
			Percent: int(100 * min(u.Have*document.PieceSize, u.Size) / max(u.Size, 1)),
		})
	}
	view.Stamp = v.stamp(c.Entry)
	return view, err
}

// brief reads what a person says of a document.
func (v *visit) brief() (document.Brief, error) {
	b := document.Brief{
		Name: v.text("name"), What: v.value("document_what"), Text: v.text("document_text"), Maker: v.text("document_maker"),
		Place: v.text("document_place"),
	}
	if typed := locale.PlainDigits(strings.TrimSpace(v.value("document_taken"))); typed != "" {
		day, ok := locale.ParseDay(typed)
		if !ok {
			return b, fault.InvalidField("document_taken", "bad-date")
		}
		var err error
		if b.Taken, err = sealed.NewDate(day.Year, int(day.Month), day.Dom); err != nil {
			return b, fault.InvalidField("document_taken", "bad-date")
		}
	}
	return b, nil
}
