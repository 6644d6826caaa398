package web

import (
	"slices"

	"causeway/internal/casework"
	"causeway/internal/ident"
	"causeway/internal/referral"
)

// chosenFiles reads which documents are to go along. A forged one takes the way of one that
// may not.
func (v *visit) chosenFiles() (out []ident.Document) {
	for _, text := range v.r.PostForm["abroad_file"] {
		id, err := ident.Parse[ident.Document](text)
		if err != nil {
			id = ident.New[ident.Document]()
		}
		out = append(out, id)
	}
	return out
}

// fileOptions are the documents that may go along.
func (v *visit) fileOptions() (out []Option, err error) {
	all, err := v.s.Referrals.Enclosable(v.r.Context(), v.caller, v.aCase())
	for i := range all {
		d := &all[i]
		out = append(out, Option{Value: d.ID.String(), Label: isolated(d.Name.Reveal()), Hint: v.joined(v.label("document_what", d.What), v.l.Bytes(d.Size))})
	}
	return out, err
}

// fileRows are documents that go along.
func (v *visit) fileRows(all []casework.Enclosure) (out []AbroadFile) {
	for i := range all {
		d := &all[i]
		out = append(out, AbroadFile{d.Name.Reveal(), v.label("document_what", d.What), d.Text.Reveal(), d.Size})
	}
	return out
}

// abroadFiles is what of a thread's page is about documents that went along.
func (v *visit) abroadFiles(part *AbroadPart, t *referral.View) {
	for i := range t.Files {
		f := &t.Files[i]
		row := AbroadFile{f.Name.Reveal(), v.label("document_what", f.What), f.Text.Reveal(), f.Size()}
		if row.Name == "" {
			row.Name = row.What
		}
		part.Files = append(part.Files, row)
	}
	part.Unfiled = t.Unfiled
	filed := slices.ContainsFunc(t.Files, func(f referral.File) bool { return f.Filed })
	if t.Received() && !t.Abroad.Taken.IsZero() && filed {
		part.Docs = "/child/" + t.Case.String() + "/documents"
	}
	part.Shut = t.Received() && len(t.Files) > 0 && t.Term.Apart()
}
