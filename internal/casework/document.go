package casework

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"io"
	"path"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/journal"
	"causeway/internal/pack"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// The events of documents. The sealed part of each names the document.
const (
	KindDocumentAdded       = "document-added"
	KindDocumentQuarantined = "document-quarantined"
	KindDocumentLocked      = "document-locked"
	KindDocumentRemoved     = "document-removed"
	KindDocumentAsked       = "document-asked"
	KindDocumentDestroyed   = "document-destroyed"
)

// dueTellUnit is the deadline by which the competent unit is told of a document
// that may show abuse; its reference number meets it.
const dueTellUnit = "tell_unit"

// Keep names the room that keeps the documents of cases. It is called once,
// before the room is used.
func (r *Room) Keep(docs *document.Room) { r.docs = docs }

// Documents returns the room that keeps documents, for its limits; nil where there
// is none.
func (r *Room) Documents() *document.Room { return r.docs }

// whoIs returns who a caller is, nobody for none: the gate refuses them.
func whoIs(c *access.Caller) (who ident.Staff) {
	if c != nil {
		who = c.Staff()
	}
	return who
}

// documentActions are the actions the pages of documents may offer.
var documentActions = []string{"document.add", "document.open", "document.lock", "document.remove", "document.destroy", "document.confirm"}

// firstTaken is before any photo of somebody who is a child today.
const firstTaken = firstYear

// checkBrief checks what a person says of a document, and cuts a path from the
// name of its file.
func (r *Room) checkBrief(b *document.Brief) error {
	var c fault.Check
	name := path.Base(strings.ReplaceAll(b.Name.Reveal(), `\`, "/")) // some browsers send the whole path
	c.Require(name != "." && name != "/" && len(name) <= mostName, "file", "document-file-name")
	c.Require(r.codes.Valid("document_what", b.What), "document_what", "required")
	text(&c, "document_text", b.Text, mostReason)
	text(&c, "document_maker", b.Maker, mostName)
	text(&c, "document_place", b.Place, mostName)
	if !b.Taken.IsZero() {
		year, month, dom := b.Taken.RevealParts()
		day := time.Date(year, time.Month(max(month, 1)), max(dom, 1), 0, 0, 0, 0, time.UTC)
		c.Require(!day.After(r.clk.Now().Add(aheadOfUTC)), "document_taken", "in-the-future")
		c.Require(year >= firstTaken, "document_taken", "out-of-range")
	}
	b.Name, b.Ending = sealed.NewText(name), strings.ToLower(path.Ext(name))
	return c.Err()
}

// mostName bounds a file's name and the short texts beside it, in bytes.
const mostName = 255

// BeginDocument makes room for a document of a case. size is what it has, -1 where
// nobody knows yet.
func (r *Room) BeginDocument(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, b document.Brief, size int64) (document.Upload, error) {
	if err := r.checkBrief(&b); err != nil {
		return document.Upload{}, err
	}
	a := access.Act{Action: "document.begin", Purpose: PurposeCare, Case: id, Command: cmd}
	out, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		up, err := r.docs.Begin(ctx, p, b, size)
		return up.String(), err
	})
	if err != nil {
		return document.Upload{}, err
	}
	return ident.Parse[document.Upload](out)
}

// PutDocument takes one piece of an upload that the caller began.
func (r *Room) PutDocument(ctx context.Context, c *access.Caller, id ident.Case, up document.Upload, n int64, b []byte) error {
	return r.docs.Put(ctx, whoIs(c), id, up, n, b)
}

// HaveDocument returns which pieces of an upload of the caller's are here.
func (r *Room) HaveDocument(ctx context.Context, c *access.Caller, id ident.Case, up document.Upload) ([]int64, error) {
	return r.docs.Have(ctx, whoIs(c), id, up)
}

// UnfinishedDocuments returns the uploads of the caller's for a case that are not
// whole yet: whoever lost the connection, or the browser, goes on with them.
func (r *Room) UnfinishedDocuments(ctx context.Context, c *access.Caller, id ident.Case) ([]document.Unfinished, error) {
	return r.docs.Unfinished(ctx, whoIs(c), id)
}

// DiscardDocument throws an unfinished upload of the caller's away.
func (r *Room) DiscardDocument(ctx context.Context, c *access.Caller, id ident.Case, up document.Upload) error {
	return r.docs.Discard(ctx, whoIs(c), id, up)
}

// FinishDocument makes a whole upload a document of the case. One that cannot
// become a document is thrown away, so that nothing of it stays. sum is the
// SHA-256 of what was sent, as the sender knows it, nil where it does not say:
// pieces of two files then cannot become one document.
func (r *Room) FinishDocument(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, up document.Upload, sum []byte) error {
	a := access.Act{Action: "document.add", Purpose: PurposeCare, Case: id, Command: cmd}
	ready, err := r.docs.Inspect(ctx, whoIs(c), id, up)
	if err == nil && sum != nil && !ready.Came(sum) {
		err = fault.New(fault.Invalid, "document-damaged")
	}
	if fault.Is(err, fault.Invalid) {
		if derr := r.docs.Discard(ctx, whoIs(c), id, up); derr != nil {
			return derr
		}
	}
	if err != nil && !fault.Is(err, fault.NotFound) {
		return err
	}
	_, err = r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		if ready == nil {
			return "", fault.New(fault.NotFound, "no-such-page") // unless the command was carried out before
		}
		return r.change(ctx, p, 0, func(*Case) (*Event, error) {
			doc, err := r.docs.Keep(ctx, p, ready)
			if err != nil {
				return nil, err
			}
			e := &Event{Kind: KindDocumentAdded, Content: Content{To: ready.What(), Who: doc[:]}}
			if ready.Found() != "" {
				e.Kind = KindDocumentQuarantined
			}
			return e, nil
		})
	})
	return err
}

// AddDocument takes a document in from one stream: the way of a plain form.
func (r *Room) AddDocument(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, b document.Brief, from io.Reader) error {
	up, err := r.BeginDocument(ctx, c, BeginStep(cmd), id, b, -1)
	if err != nil {
		return err
	}
	err = r.docs.Take(ctx, whoIs(c), id, up, from)
	if err == nil {
		return r.FinishDocument(ctx, c, cmd, id, up, nil)
	}
	if fault.Is(err, fault.NotFound) { // it was carried out before, and its upload is gone
		return r.FinishDocument(ctx, c, cmd, id, up, nil)
	}
	// What came is thrown away even when the browser has gone; if that fails too,
	// it expires.
	_ = r.docs.Discard(context.WithoutCancel(ctx), whoIs(c), id, up)
	return err
}

// BeginStep returns the command of the first of the two steps of one form: always the
// same for the same form.
func BeginStep(cmd ident.Command) ident.Command {
	sum := sha256.Sum256(append([]byte("document.begin"), cmd[:]...))
	return ident.Command(sum[:16])
}

// DocumentList is the documents of a case.
type DocumentList struct {
	Case      Case
	Person    person.Record
	Documents []document.Document // newest first
	May       map[string]bool     // see documentActions
	Entry     ident.Entry
}

// ListDocuments returns what documents a case has: what each is, and none of their
// bytes.
func (r *Room) ListDocuments(ctx context.Context, c *access.Caller, id ident.Case) (*DocumentList, error) {
	list, _, err := r.documents(ctx, c, id, access.RecordPart(access.AllDocuments), (*document.Room).FetchAll)
	return list, err
}

// DocumentPage is one document with its chain of custody.
type DocumentPage struct {
	DocumentList
	Events []Event        // what was done with it, newest first
	Looks  []journal.Line // who fetched it or was refused, newest first
	More   bool           // there are older looks than the page goes back
}

// looksMost is how many entries about the case the chain of custody goes through.
const looksMost = 5000

// OpenDocument returns what is known of a document, none of its bytes.
func (r *Room) OpenDocument(ctx context.Context, c *access.Caller, id ident.Case, doc ident.Document) (*DocumentPage, error) {
	var page DocumentPage
	list, f, err := r.documents(ctx, c, id, access.DocumentPart(doc), func(docs *document.Room, ctx context.Context, p *access.Pass) (*document.Fetched, error) {
		page.Looks = nil
		if err := page.looks(ctx, p, doc); err != nil {
			return nil, err
		}
		return docs.Fetch(ctx, p, doc)
	})
	if err != nil {
		return nil, err
	}
	page.DocumentList = *list
	for _, e := range f.Events {
		if bytes.Equal(e.Who, doc[:]) && strings.HasPrefix(e.Kind, "document-") {
			page.Events = append(page.Events, e)
		}
	}
	return &page, nil
}

// looks collects the entries of who fetched a document. Such an entry carries the
// document where others carry their form's identifier.
func (page *DocumentPage) looks(ctx context.Context, p *access.Pass, doc ident.Document) error {
	var before int64
	for read := 0; ; {
		lines, next, err := p.Looked(ctx, before, 500)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if l.Header.What == "document.open" && bytes.Equal(l.Header.Command, doc[:]) {
				page.Looks = append(page.Looks, l)
			}
		}
		if read += len(lines); next == 0 || read >= looksMost {
			page.More = next != 0
			return nil
		}
		before = next
	}
}

// documents opens a case and some of its documents in one look, at a part of the case.
func (r *Room) documents(ctx context.Context, c *access.Caller, id ident.Case, part string,
	fetch func(*document.Room, context.Context, *access.Pass) (*document.Fetched, error),
) (*DocumentList, *Child, error) {
	var f fetched
	var docs *document.Fetched
	var list DocumentList
	var child *Child
	err := r.gate.Open(ctx, c, access.Act{Action: "case.open", Purpose: PurposeCare, Case: id, Part: part}, func(p *access.Pass) (err error) {
		if f, err = r.fetch(ctx, p, id); err != nil {
			return err
		}
		docs, err = fetch(r.docs, ctx, p)
		return err
	}, func(p *access.Pass) (err error) {
		if child, err = f.open(ctx, p); err != nil {
			return err
		}
		list = DocumentList{Case: child.Case, Person: child.Person, Entry: child.Entry}
		if list.Documents, err = docs.Open(p); err != nil {
			return err
		}
		list.May, err = p.May(ctx, documentActions...)
		return err
	})
	return &list, child, err
}

// ReadDocument hands a document out. Each call is an entry of its own, committed
// before the key is open. begin is called once, with the document, when its first
// bytes are safe to send; what it returns gets the bytes. They are read chunk by
// chunk and the right to them is asked for again with each, so that a document
// that is locked meanwhile ends there.
func (r *Room) ReadDocument(ctx context.Context, c *access.Caller, id ident.Case, doc ident.Document,
	begin func(*document.Document) (io.Writer, error),
) error {
	act := access.Act{Action: "document.open", Purpose: PurposeCare, Case: id, Command: ident.Command(doc), Part: access.DocumentPart(doc)}
	d, b, err := r.readChunk(ctx, c, act, doc, 0)
	if err != nil {
		return err
	}
	to, err := begin(d)
	if err != nil {
		return err
	}
	sum := sha256.New()
	act = access.Act{Action: "document.read", Purpose: PurposeCare, Case: id, Part: access.DocumentPart(doc)}
	for n := int64(1); ; n++ {
		_, _ = sum.Write(b) // a hash does not fail
		if _, err := to.Write(b); err != nil {
			return err
		}
		if clear(b); n >= d.Chunks {
			break
		}
		if _, b, err = r.readChunk(ctx, c, act, doc, n); err != nil {
			return err
		}
	}
	if !bytes.Equal(sum.Sum(nil), d.After) {
		return errAltered()
	}
	return nil
}

// readChunk reads one chunk of a document under an act's entry.
func (r *Room) readChunk(ctx context.Context, c *access.Caller, act access.Act, doc ident.Document, n int64) (d *document.Document, b []byte, err error) {
	var f *document.FetchedChunk
	err = r.gate.Open(ctx, c, act, func(p *access.Pass) (err error) {
		f, err = r.docs.FetchChunk(ctx, p, doc, n)
		return err
	}, func(p *access.Pass) (err error) {
		d, b, err = f.Open(p)
		return err
	})
	return d, b, err
}

// actOn is the frame of the commands on a document.
func (r *Room) actOn(ctx context.Context, c *access.Caller, a access.Act, doc ident.Document, kind string, why sealed.Text,
	do func(*access.Pass, *Case) error,
) error {
	a.Part = access.DocumentPart(doc)
	_, err := r.gate.Do(ctx, c, a, func(p *access.Pass) (string, error) {
		return r.change(ctx, p, 0, func(row *Case) (*Event, error) {
			return &Event{Kind: kind, Content: Content{Who: doc[:], Text: why}}, do(p, row)
		})
	})
	return err
}

func needReason(why sealed.Text) error {
	var c fault.Check
	c.Require(!why.IsZero(), "reason", "required")
	text(&c, "reason", why, mostReason)
	return c.Err()
}

// LockDocument shuts a document that may show abuse, for everybody at once.
func (r *Room) LockDocument(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, doc ident.Document, why sealed.Text) error {
	var chk fault.Check
	text(&chk, "reason", why, mostReason) // none is asked for: nobody should have to describe it
	if err := chk.Err(); err != nil {
		return err
	}
	a := access.Act{Action: "document.lock", Purpose: PurposeCare, Case: id, Command: cmd}
	return r.actOn(ctx, c, a, doc, KindDocumentLocked, why, func(p *access.Pass, row *Case) error {
		due := r.codes.Clock(pack.DocumentTold).After(p.Now())
		return errors.Join(r.docs.Lock(ctx, p, doc), r.setDue(ctx, p, row, dueTellUnit, doc, due))
	})
}

// RemoveDocument deletes the bytes of a document, with a reason. What it was, its
// hashes and its history stay.
func (r *Room) RemoveDocument(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, doc ident.Document, why sealed.Text) error {
	if err := needReason(why); err != nil {
		return err
	}
	a := access.Act{Action: "document.remove", Purpose: PurposeCare, Case: id, Command: cmd}
	return r.actOn(ctx, c, a, doc, KindDocumentRemoved, why, func(p *access.Pass, _ *Case) error { return r.docs.Remove(ctx, p, doc) })
}

// AskToDestroy asks for the destruction of a locked document that the competent
// unit knows of; reference is its number there.
func (r *Room) AskToDestroy(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, doc ident.Document, reference sealed.Text) error {
	var chk fault.Check
	chk.Require(!reference.IsZero(), "document_reference", "required")
	text(&chk, "document_reference", reference, mostName)
	if err := chk.Err(); err != nil {
		return err
	}
	a := access.Act{Action: "document.destroy", Purpose: PurposeCare, Case: id, Command: cmd}
	return r.actOn(ctx, c, a, doc, KindDocumentAsked, reference, func(p *access.Pass, _ *Case) error {
		return errors.Join(r.docs.Ask(ctx, p, doc, document.Closing{Reference: reference}), r.meetDueOf(ctx, p, dueTellUnit, doc))
	})
}

// DestroyDocument destroys a locked document on the word of a second person. The
// floor refuses whoever asked for it.
func (r *Room) DestroyDocument(ctx context.Context, c *access.Caller, cmd ident.Command, id ident.Case, doc ident.Document) error {
	asked, err := r.docs.Asker(ctx, id, doc)
	if err != nil {
		return err
	}
	a := access.Act{Action: "document.confirm", Purpose: PurposeSupervision, Case: id, Staff: asked, Command: cmd}
	return r.actOn(ctx, c, a, doc, KindDocumentDestroyed, sealed.Text{}, func(p *access.Pass, _ *Case) error {
		return r.docs.Destroy(ctx, p, doc, asked)
	})
}
