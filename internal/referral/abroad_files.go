package referral

import (
	"context"
	"errors"
	"io"
	"slices"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/sealed"
	"causeway/protocol/cx"
	"causeway/protocol/handover"
	"causeway/protocol/identity"
	"causeway/protocol/payload"
)

// FileAway makes what came along documents of the case, where that could not be done when
// somebody took the child on.
const FileAway handover.Event = "file_away"

// mostFiles is how many documents go along with one offer.
const mostFiles = 20

// Files keeps what goes along, sealed, on its way out and in. The post office's spool does.
type Files interface {
	// Pack seals what write writes, for nobody who does not hold the key that it returns.
	Pack(write func(io.Writer) error) (cx.Attachment, error)
	// Drop forgets what was packed and did not leave.
	Drop(cx.Digest)
	// Unpack opens what a node sent along, and writes it. Before it returns nil, nothing of
	// what it wrote may be used.
	Unpack(from identity.NodeID, a *cx.Attachment, to io.Writer) error
}

// Encloses names who keeps what goes along, once, before the room is used. Without it no
// document goes along.
func (r *Room) Encloses(f Files) { r.files = f }

// File is a document that went along with an offer.
type File struct {
	Name     sealed.Text `cbor:"1,keyasint,omitzero"`
	What     string      `cbor:"2,keyasint,omitempty"` // code list document_what
	Text     sealed.Text `cbor:"3,keyasint,omitzero"`
	Manifest string      `cbor:"4,keyasint"` // its line of the message's manifest
	Key      sealed.Text `cbor:"5,keyasint"` // opens it
	Filed    bool        `cbor:"-"`          // it is a document of the case here
}

// attachment is the file as the message names it.
func (f *File) attachment() (cx.Attachment, error) {
	a, err := cx.ParseAttachment(f.Manifest)
	a.Key = cx.BlobKey(f.Key.Reveal())
	return a, err
}

// Size returns how many bytes a file has, 0 where that cannot be told.
func (f *File) Size() int64 {
	a, err := cx.ParseAttachment(f.Manifest)
	if err != nil {
		return 0
	}
	return a.PlainSize
}

func attachments(files []File) (out []cx.Attachment, err error) {
	for i := range files {
		a, aerr := files[i].attachment()
		out, err = append(out, a), errors.Join(err, aerr)
	}
	return out, err
}

// Enclosable returns the documents of a case that may go along to another country.
func (r *Room) Enclosable(ctx context.Context, c *access.Caller, of ident.Case) (out []casework.Enclosure, err error) {
	if r.files == nil {
		return nil, nil
	}
	err = r.gate.View(ctx, c, access.Act{Action: "referral.preview", Purpose: purposeCare, Case: of}, func(p *access.Pass) error {
		out, err = r.enclosable(ctx, p)
		return err
	})
	return out, err
}

// enclosable leaves out what is withheld from anybody: who there reads it is not known here.
func (r *Room) enclosable(ctx context.Context, p *access.Pass) ([]casework.Enclosure, error) {
	if may, err := p.May(ctx, "document.open"); err != nil || !may["document.open"] {
		return nil, err
	}
	away, err := Composer{Cases: r.cases}.away(ctx, p)
	if err != nil {
		return nil, err
	}
	return r.cases.Enclosable(ctx, p, func(part string) bool { return away[part] })
}

// chosen returns the documents that somebody chose, and refuses one that may not go along.
func (r *Room) chosen(ctx context.Context, p *access.Pass, ids []ident.Document) ([]casework.Enclosure, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	var all, out []casework.Enclosure
	var err error
	if r.files != nil {
		if all, err = r.enclosable(ctx, p); err != nil {
			return nil, err
		}
	}
	for _, id := range ids {
		i := slices.IndexFunc(all, func(d casework.Enclosure) bool { return d.ID == id })
		if i < 0 || slices.ContainsFunc(out, func(d casework.Enclosure) bool { return d.Sum == all[i].Sum }) {
			return nil, fault.InvalidField("abroad_file", "not-in-list")
		}
		out = append(out, all[i])
	}
	return out, nil
}

// wireFiles is what of documents stands in the package.
func wireFiles(all []casework.Enclosure, language string) []payload.File {
	var out []payload.File
	for i := range all {
		d := &all[i]
		out = append(out, payload.File{Digest: cx.Digest(d.Sum).String(), Name: d.Name.Reveal(), What: d.What, Text: wireText(d.Text, language)})
	}
	return out
}

// pack seals the documents that go along. Each is fetched by who sends it, with an entry of
// its own, before anything is sent. What it began is dropped when one fails.
func (r *Room) pack(ctx context.Context, c *access.Caller, of ident.Case, all []casework.Enclosure) ([]File, error) {
	var out []File
	for i := range all {
		d := &all[i]
		a, err := r.files.Pack(func(to io.Writer) error { return r.cases.CopyDocument(ctx, c, of, d.ID, to) })
		if err == nil && a.Plain != cx.Digest(d.Sum) {
			r.files.Drop(a.Cipher)
			err = fault.New(fault.Conflict, "changed-meanwhile")
		}
		if err != nil {
			r.drop(out)
			return nil, err
		}
		a.Media, a.Class = d.Media, "document"
		out = append(out, File{Name: d.Name, What: d.What, Text: d.Text, Manifest: a.Manifest(), Key: sealed.NewText(string(a.Key))})
	}
	return out, nil
}

// drop forgets what was sealed and does not leave.
func (r *Room) drop(files []File) {
	for i := range files {
		if a, err := files[i].attachment(); err == nil {
			r.files.Drop(a.Cipher)
		}
	}
}

// filesOf returns what came along with an offer, as the package describes it. What the package
// does not name is kept too.
func filesOf(m *cx.Message, said *payload.Payload) []File {
	var out []File
	for i := range m.Attachments {
		a := &m.Attachments[i]
		f := File{Manifest: a.Manifest(), Key: sealed.NewText(string(a.Key))}
		if said.Package != nil {
			at := slices.IndexFunc(said.Package.Files, func(f payload.File) bool { return f.Digest == a.Plain.String() })
			if at >= 0 {
				told := &said.Package.Files[at]
				f.What, f.Text = told.What, fromText(told.Text)
				if told.Name != "" {
					f.Name = sealed.NewText(told.Name)
				}
			}
		}
		out = append(out, f)
	}
	return out
}

// unfiled counts what came along and is no document of the case here yet.
func (v *View) unfiled(p *access.Pass, came casework.Came) error {
	if v.Abroad == nil || !v.Received() || v.Abroad.Taken.IsZero() || len(v.Files) == 0 || v.Term.Apart() {
		return nil
	}
	is, err := came(p)
	if err != nil {
		return err
	}
	for i := range v.Files {
		a, err := v.Files[i].attachment()
		if v.Files[i].Filed = err != nil || is([32]byte(a.Plain)); !v.Files[i].Filed {
			v.Unfiled++
		}
	}
	return nil
}

// File makes what came along with a thread documents of its case, each from the office that
// sent it. It does no harm to do it again: what is there already is left alone. What came under
// conditions that keep it out of the record is a Conflict. The error is of the first that could
// not be taken in; the others are.
func (r *Room) File(ctx context.Context, c *access.Caller, of ident.Case, id ThreadID) error {
	v, err := r.Thread(ctx, c, of, id)
	if err != nil {
		return err
	}
	if v.Abroad == nil || !v.Received() || v.Abroad.Taken.IsZero() || v.Term.Apart() || r.files == nil {
		return fault.New(fault.Conflict, "referral-moved")
	}
	from := sealed.NewText(v.Node.Name)
	for i := range v.Files {
		if v.Files[i].Filed {
			continue
		}
		if ferr := r.fileOne(ctx, c, of, v.Abroad.Peer, &v.Files[i], from); err == nil {
			err = ferr
		}
	}
	return err
}

// fileOne opens a file while it is taken in: it lies nowhere in the clear.
func (r *Room) fileOne(ctx context.Context, c *access.Caller, of ident.Case, peer identity.NodeID, f *File, from sealed.Text) error {
	a, err := f.attachment()
	if err != nil {
		return fault.Wrap(fault.Internal, "record-altered", err)
	}
	d := casework.Enclosure{Name: f.Name, What: f.What, Text: f.Text, Sum: [32]byte(a.Plain)}
	reader, writer := io.Pipe()
	go func() { _ = writer.CloseWithError(r.files.Unpack(peer, &a, writer)) }() // never fails; ends with the reader
	err = r.cases.TakeAlong(ctx, c, of, &d, from, reader)
	return errors.Join(err, reader.Close())
}
