package web

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"

	"causeway/internal/casework"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/person"
	"causeway/internal/sealed"
)

// A document comes in one of two ways: in one plain form, which needs no script,
// or piece by piece, which goes on after a lost connection. Both end in the same
// room method.

// fieldMost bounds one text beside a file, fieldsMost how many there may be.
const (
	fieldMost  = 16 << 10
	fieldsMost = 20
)

// uploading reports whether a request is a plain form with a document in it: the
// only one of these pages whose body may be large.
func uploading(r *http.Request) bool {
	return r.Method == http.MethodPost && strings.HasPrefix(r.URL.Path, "/child/") && strings.HasSuffix(r.URL.Path, "/documents/new")
}

// addDocument takes a plain form in as it arrives: the standard library's form
// reader would write the file to the disk as it is.
func (s *Server) addDocument(v *visit) error {
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, s.Cases.Documents().Most()+maxForm)
	id, err := v.caseID()
	if err != nil {
		return err
	}
	err = s.takeDocument(v, id)
	if err == nil {
		return v.redirect("/child/"+id.String()+"/documents", "document")
	}
	if refusedForm(err) {
		// A browser that is still sending would take an early answer for a broken
		// connection, and never show what was wrong.
		_, _ = io.Copy(io.Discard, v.r.Body)
	}
	return v.back(v.r.URL.Path, err, s.documentForm)
}

// takeDocument reads the parts of the form: the texts stand before the file.
func (s *Server) takeDocument(v *visit, id ident.Case) error {
	v.r.PostForm = url.Values{}
	parts, err := v.r.MultipartReader()
	if err != nil {
		return fault.Wrap(fault.Invalid, "form-unreadable", err)
	}
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return fault.InvalidField("file", "required")
		}
		if err != nil || n > fieldsMost {
			return documentFault(err)
		}
		if name := part.FormName(); name != "file" && name != "photo" {
			text, err := io.ReadAll(io.LimitReader(part, fieldMost+1))
			if err != nil || len(text) > fieldMost {
				return documentFault(err)
			}
			v.r.PostForm.Set(name, string(text))
			continue
		}
		if part.FileName() == "" {
			continue // the other button was used
		}
		return s.takeFile(v, id, part)
	}
}

func (s *Server) takeFile(v *visit, id ident.Case, part *multipart.Part) error {
	cmd, err := v.command()
	if err != nil {
		return err
	}
	b, err := v.brief()
	if err != nil {
		return err
	}
	// Some browsers send the whole path of the file on their own machine.
	if name := person.Clean(path.Base(strings.ReplaceAll(part.FileName(), `\`, "/"))); name != "" {
		b.Name = sealed.NewText(name)
	}
	return documentFault(s.Cases.AddDocument(v.r.Context(), v.caller, cmd, id, b, part))
}

// documentFault says what went wrong with a document on its way here.
func documentFault(err error) error {
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return fault.InvalidField("file", "document-too-big")
	case err == nil:
		return nil
	case fault.KindOf(err) == fault.Invalid && len(fault.FieldsOf(err)) == 0 && strings.HasPrefix(fault.CodeOf(err), "document-"):
		return fault.InvalidField("file", fault.CodeOf(err)) // it is said at the button that chose the file
	case fault.KindOf(err) == fault.Internal && fault.CodeOf(err) == "":
		return fault.Wrap(fault.Invalid, "upload-broken", err)
	}
	return err
}

// uploadRoutes are what document.js speaks with.
func (s *Server) uploadRoutes() {
	const at = "/child/{case}/uploads"
	s.page("POST "+at, s.island(s.beginUpload))
	s.page("GET "+at+"/{upload}", s.island(s.haveUpload))
	s.page("PUT "+at+"/{upload}/{n}", s.island(s.putUpload))
	s.page("POST "+at+"/{upload}/finish", s.island(s.finishUpload))
	s.page("POST "+at+"/{upload}/discard", s.discardUpload)
}

// uploadAnswer is what document.js is told.
type uploadAnswer struct {
	Upload string  `json:"upload,omitempty"`
	Have   []int64 `json:"have,omitempty"`
	Next   string  `json:"next,omitempty"`
	Code   string  `json:"code,omitempty"` // of a refusal
	Says   string  `json:"says,omitempty"` // the refusal in words
}

// island answers a script: what is refused is said in words, and what does not
// exist or may not be seen looks as it does everywhere.
func (s *Server) island(do func(*visit) (uploadAnswer, error)) handler {
	return func(v *visit) error {
		out, err := do(v)
		status := http.StatusOK
		if err != nil {
			if kind := fault.KindOf(err); kind != fault.Invalid && kind != fault.Conflict && kind != fault.Unavailable {
				return err
			}
			code := fault.CodeOf(err)
			if fields := fault.FieldsOf(err); len(fields) > 0 {
				code = fields[0].Code
			}
			status, out = statusOf(err), uploadAnswer{Code: code, Says: v.l.Error(code)}
		}
		v.w.Header().Set("Content-Type", "application/json")
		v.w.WriteHeader(status)
		return json.NewEncoder(v.w).Encode(out)
	}
}

// beginUpload makes room for a document.
func (s *Server) beginUpload(v *visit) (uploadAnswer, error) {
	var none uploadAnswer
	if err := v.parse(); err != nil {
		return none, err
	}
	cmd, err := v.command()
	if err != nil {
		return none, err
	}
	size, err := strconv.ParseInt(v.value("size"), 10, 64)
	if err != nil || size < 0 {
		return none, fault.New(fault.Invalid, "form-unreadable")
	}
	b, err := v.brief()
	if err != nil {
		return none, err
	}
	up, err := s.Cases.BeginDocument(v.r.Context(), v.caller, casework.BeginStep(cmd), v.aCase(), b, size)
	return uploadAnswer{Upload: up.String()}, err
}

// uploadID reads the upload of the address; a forged one takes the way of an
// unknown one.
func (v *visit) uploadID() document.Upload {
	id, err := ident.Parse[document.Upload](v.r.PathValue("upload"))
	if err != nil {
		return ident.New[document.Upload]()
	}
	return id
}

// haveUpload says which pieces are here.
func (s *Server) haveUpload(v *visit) (uploadAnswer, error) {
	have, err := s.Cases.HaveDocument(v.r.Context(), v.caller, v.aCase(), v.uploadID())
	return uploadAnswer{Have: have}, err
}

// putUpload takes one piece.
func (s *Server) putUpload(v *visit) (uploadAnswer, error) {
	var none uploadAnswer
	n, err := strconv.ParseInt(v.r.PathValue("n"), 10, 64)
	if err != nil {
		return none, fault.New(fault.Invalid, "document-piece")
	}
	var b bytes.Buffer
	if _, err := io.Copy(&b, io.LimitReader(v.r.Body, document.PieceSize+1)); err != nil {
		return none, fault.Wrap(fault.Invalid, "document-piece", err)
	}
	return none, s.Cases.PutDocument(v.r.Context(), v.caller, v.aCase(), v.uploadID(), n, b.Bytes())
}

// finishUpload makes a document of it.
func (s *Server) finishUpload(v *visit) (uploadAnswer, error) {
	var none uploadAnswer
	if err := v.parse(); err != nil {
		return none, err
	}
	cmd, err := v.command()
	if err != nil {
		return none, err
	}
	var sum []byte
	if typed := v.value("sum"); typed != "" {
		if sum, err = hex.DecodeString(typed); err != nil {
			return none, fault.New(fault.Invalid, "document-damaged")
		}
	}
	id := v.aCase()
	err = s.Cases.FinishDocument(v.r.Context(), v.caller, cmd, id, v.uploadID(), sum)
	return uploadAnswer{Next: "/child/" + id.String() + "/documents?done=document"}, err
}

// discardUpload throws an unfinished upload away.
func (s *Server) discardUpload(v *visit) error {
	if err := v.parse(); err != nil {
		return err
	}
	id := v.aCase()
	if err := s.Cases.DiscardDocument(v.r.Context(), v.caller, id, v.uploadID()); err != nil {
		return err
	}
	return v.redirect("/child/"+id.String()+"/documents/new", "")
}
