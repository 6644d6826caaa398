package web

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"net/http"
	"path"
	"strconv"
	"strings"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// importForm bounds the forms of an import: a choice for each of many columns.
const importForm = 4 << 20

// importReload is after how many seconds the page of a running import asks again.
const importReload = 2

// errorsShown is how many lines of the report a page shows; errorsRead how many
// are read at a time for the file.
const (
	errorsShown = 50
	errorsRead  = 500
)

func (s *Server) importRoutes() {
	if s.Import == nil {
		return
	}
	s.page("GET /import", s.importStart)
	s.page("POST /import", s.importUpload)
	s.page("GET /import/{import}", s.importReport)
	s.page("GET /import/{import}/map", s.importMap)
	s.page("POST /import/{import}/map", s.importChoose)
	s.page("GET /import/{import}/problems.csv", s.importProblems)
	s.page("GET /import/{import}/brings.csv", s.importBrings)
	act := func(name, done string, do func(context.Context, *access.Caller, ident.Command, ident.Import) error) {
		s.page("POST /import/{import}/"+name, func(v *visit) error {
			if err := v.parseImport(); err != nil {
				return err
			}
			cmd, err := v.command()
			if err != nil {
				return err
			}
			id := v.importID()
			if err := do(v.r.Context(), v.caller, cmd, id); err != nil {
				return err
			}
			if done != "" {
				return v.redirect("/import", done)
			}
			return v.redirect("/import/"+id.String(), "")
		})
	}
	act("try", "", s.Import.Try)
	act("run", "", s.Import.Begin)
	act("pause", "", s.Import.Pause)
	act("discard", "import-discarded", s.Import.Discard)
}

// importID reads the import of the address. A forged address takes the way of an
// unknown one.
func (v *visit) importID() ident.Import {
	id, err := ident.Parse[ident.Import](v.r.PathValue("import"))
	if err != nil {
		return ident.New[ident.Import]()
	}
	return id
}

// mayImport refuses whoever may not import, in the same way as what does not
// exist.
func (v *visit) mayImport() error {
	if v.s.Gate.May(v.caller, "import.run") {
		return nil
	}
	return v.s.Gate.Permit(v.r.Context(), v.caller, "import.run", purposeCare)
}

const purposeCare = "case-work"

// importStart takes a file and lists earlier imports.
func (s *Server) importStart(v *visit) error {
	if err := v.mayImport(); err != nil {
		return err
	}
	view, err := s.importStartPage(v, Form{})
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, view)
}

func (s *Server) importStartPage(v *visit, f Form) (ImportStart, error) {
	f.Action = "/import"
	view := ImportStart{Frame: v.frame("import"), Form: f, Max: s.Import.MostBytes()}
	past, err := s.Import.Past(v.r.Context(), v.caller)
	for _, p := range past {
		view.Past = append(view.Past, ImportRow{
			Href: "/import/" + p.ID.String(), At: p.Created.In(s.Zone), By: v.name(v.session.Staff), File: p.Name.Reveal(), Rows: int(p.Rows), State: p.State,
		})
	}
	return view, err
}

// importUpload takes a file in as it arrives: the standard library's form reader
// would write it to the disk as it is.
func (s *Server) importUpload(v *visit) error {
	if err := v.mayImport(); err != nil {
		return err
	}
	id, err := s.receive(v)
	if err == nil {
		return v.redirect("/import/"+id.String()+"/map", "")
	}
	if !fault.Is(err, fault.Invalid) {
		return err
	}
	code := fault.CodeOf(err)
	if fields := fault.FieldsOf(err); len(fields) > 0 {
		code = fields[0].Code
	}
	view, verr := s.importStartPage(v, Form{Errors: []FieldError{{"file", code}}})
	if verr != nil {
		return verr
	}
	return v.write(statusOf(err), view)
}

func (s *Server) receive(v *visit) (ident.Import, error) {
	none := ident.Import{}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, s.Import.MostBytes()+maxForm)
	parts, err := v.r.MultipartReader()
	if err != nil {
		return none, fault.InvalidField("file", "required")
	}
	var cmd ident.Command
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return none, fault.InvalidField("file", "required")
		}
		if err != nil {
			return none, uploadFault(err)
		}
		if part.FormName() == "command" { // it stands before the file
			text, err := io.ReadAll(io.LimitReader(part, commandMost))
			if err != nil {
				return none, uploadFault(err)
			}
			if cmd, err = commandOf(string(text)); err != nil {
				return none, err
			}
		}
		if part.FormName() != "file" {
			continue
		}
		if cmd.IsZero() {
			return none, fault.New(fault.Invalid, "form-unreadable")
		}
		if part.FileName() == "" {
			return none, fault.InvalidField("file", "required")
		}
		// Some browsers send the whole path of the file on their own machine.
		name := path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))
		id, err := s.Import.Receive(v.r.Context(), v.caller, cmd, name, part)
		return id, uploadFault(err)
	}
}

// commandMost is above the length of any command's identifier.
const commandMost = 64

// uploadFault says what went wrong with a file on its way here.
func uploadFault(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fault.InvalidField("file", "file-too-big")
	}
	if err != nil && fault.KindOf(err) == fault.Internal && fault.CodeOf(err) == "" {
		return fault.Wrap(fault.Invalid, "upload-broken", err)
	}
	return err
}

// importReport is what would happen, what happens and what happened.
func (s *Server) importReport(v *visit) error {
	if err := v.mayImport(); err != nil {
		return err
	}
	id := v.importID()
	im, err := s.Import.Get(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	at := "/import/" + id.String()
	if im.State == "uploaded" {
		return v.redirect(at+"/map", "")
	}
	view := ImportReport{
		Frame: v.frame("import"), Form: Form{Action: at}, Phase: im.State, File: im.Name.Reveal(), Rows: int(im.Rows), Good: int(im.Ready),
		Bad: int(im.Rows - im.Ready - im.Again), Doubled: int(im.Again), Done: int(im.Registered), Refused: int(im.Refused),
		Tried: int(im.Tried), Expires: im.Expires.In(s.Zone), Back: at + "/map",
	}
	view.Form.Fault = im.Failure
	switch im.State {
	case "running", "checking":
		view.Reload = importReload
		return v.write(http.StatusOK, view)
	case "mapped":
		return v.write(http.StatusOK, view)
	}
	list, all, err := s.Import.Problems(v.r.Context(), v.caller, id, 0, errorsShown)
	if err != nil {
		return err
	}
	view.Brings = v.brings(im.Brings, at)
	view.Errors, view.More = named(list, im.Columns), int(all)-len(list)
	if all > 0 {
		view.Download = at + "/problems.csv"
	}
	return v.write(http.StatusOK, view)
}

// named gives the lines the names of their columns.
func named(list []RowError, columns []string) []RowError {
	for i := range list {
		if n := list[i].At; n > 0 && n <= len(columns) {
			list[i].Column = columns[n-1]
		}
	}
	return list
}

// importProblems sends the whole report as a file for a spreadsheet. It names
// places and says what is wrong with them, never what stands there.
func (s *Server) importProblems(v *visit) error {
	id := v.importID()
	im, err := s.Import.Get(v.r.Context(), v.caller, id)
	if err != nil {
		return err
	}
	out := &download{w: v.w, name: "rows-to-look-at.csv", kind: "text/csv; charset=utf-8"}
	table := csv.NewWriter(out)
	from := int64(0)
	for {
		list, _, err := s.Import.Problems(v.r.Context(), v.caller, id, from, errorsRead)
		if err != nil {
			if out.begun { // the file is cut short; no page can be sent any more
				return nil
			}
			return err
		}
		full := len(list) == errorsRead
		next := int64(0)
		if full { // the last row may go on: begin with it again
			next = int64(list[len(list)-1].Row)
			if next == from {
				next++
			}
			for len(list) > 0 && int64(list[len(list)-1].Row) >= next {
				list = list[:len(list)-1]
			}
		}
		if from == 0 {
			if _, err := io.WriteString(out, "\ufeff"); err != nil { // so that spreadsheets read the letters right
				return nil
			}
			_ = table.Write([]string{v.l.T("problems.row"), v.l.T("field.column"), v.l.T("problems.what")})
		}
		for _, e := range named(list, im.Columns) {
			what := v.l.Error(e.Code)
			if e.Entries != "" {
				what = v.l.T("importreport.entries", "which", e.Entries) + " · " + what
			}
			_ = table.Write([]string{strconv.Itoa(e.Row), harmless(e.Column), what})
		}
		table.Flush()
		if !full || table.Error() != nil {
			return nil
		}
		from = next
	}
}

// harmless keeps a spreadsheet from taking a text for a formula.
func harmless(s string) string {
	if s != "" && strings.ContainsAny(s[:1], "=+-@\t\r") {
		return "'" + s
	}
	return s
}
