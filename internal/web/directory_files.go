package web

import (
	"log/slog"
	"net/http"

	"causeway/internal/directory"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/web/tabular"
)

// fileRoutes are the pages that take services in from files, and out.
func (s *Server) fileRoutes() {
	s.page("GET /services/files", s.serviceFiles)
	s.page("POST /services/files", s.takeServices)
	s.page("POST /services/files/csv", func(v *visit) error {
		return v.exportServices("csv", "text/csv; charset=utf-8", func(out *download) (servicesFile, error) {
			w, err := tabular.NewCSV(out)
			if err == nil {
				err = w.Row(directory.Columns())
			}
			if err == nil {
				err = w.Row(directory.Tags())
			}
			return csvServices{w}, err
		})
	})
	s.page("POST /services/files/hsds", func(v *visit) error {
		return v.exportServices("json", "application/json", func(out *download) (servicesFile, error) {
			return s.Services.NewHSDS(out, s.Zone), nil
		})
	})
}

// mostServices is how large a file of services may be.
const mostServices = 24 << 20

// problemsShown is how many wrong rows one page shows.
const problemsShown = 100

func (s *Server) filesPage(v *visit) (ServiceFiles, error) {
	view := ServiceFiles{
		Frame: v.frame("services"), Form: Form{Action: "/services/files", Values: map[string][]string{"service_import": {"try"}}},
		Ways: Options(v.l, "serviceimport", "try", "take"), Max: mostServices, Columns: directory.Columns(),
		Import: s.Gate.May(v.caller, "directory.import"), Export: s.Gate.May(v.caller, "directory.export"),
	}
	if !view.Import && !view.Export {
		return view, fault.New(fault.NotFound, "no-such-page")
	}
	return view, nil
}

func (s *Server) serviceFiles(v *visit) error {
	view, err := s.filesPage(v)
	if err != nil {
		return err
	}
	return v.write(http.StatusOK, view)
}

// takeServices reads a file of services and takes it in, or only tries.
func (s *Server) takeServices(v *visit) error {
	view, err := s.filesPage(v)
	if err != nil {
		return err
	}
	v.r.Body = http.MaxBytesReader(v.w, v.r.Body, mostServices+maxForm)
	if err := v.r.ParseMultipartForm(mostServices + maxForm); err != nil { // services are about nobody: what does not fit may lie on the disk
		return fault.Wrap(fault.Invalid, "form-too-large", err)
	}
	cmd, err := v.command()
	if err != nil {
		return err
	}
	view.Form.Values = v.r.PostForm
	refused := func(err error) error {
		for _, f := range fault.FieldsOf(err) {
			view.Form.Errors = append(view.Form.Errors, FieldError{f.Name, f.Code})
		}
		return v.write(http.StatusUnprocessableEntity, view)
	}
	upload, _, err := v.r.FormFile("file")
	if err != nil {
		return refused(fault.InvalidField("file", "required"))
	}
	defer upload.Close()
	file, err := directory.ReadCSV(upload)
	if fault.Is(err, fault.Invalid) {
		return refused(err)
	}
	if err != nil {
		return err
	}
	got, err := s.Services.Import(v.r.Context(), v.caller, cmd, file, v.value("service_import") != "take")
	if err != nil {
		return err
	}
	status := http.StatusOK
	for i, p := range got.Problems {
		if status = http.StatusUnprocessableEntity; i == problemsShown {
			view.More = len(got.Problems) - problemsShown
			break
		}
		view.Problems = append(view.Problems, ServiceProblem(p))
	}
	if len(got.Problems) == 0 {
		view.Outcome = &ServiceOutcome{Done: got.Done, Rows: got.Rows, New: got.New, Changed: got.Changed, Same: got.Same}
	}
	return v.write(status, view)
}

// servicesFile takes services one by one.
type servicesFile interface {
	Service(s *directory.Service, by string) error
	Close() error
}

type csvServices struct{ w tabular.Writer }

func (c csvServices) Service(s *directory.Service, by string) error { return c.w.Row(s.Cells(by)) }
func (c csvServices) Close() error                                  { return c.w.Close() }

// exportServices sends the directory as a file. Nothing is sent before it is entered.
func (v *visit) exportServices(ending, kind string, open func(*download) (servicesFile, error)) error {
	if err := v.parse(); err != nil {
		return err
	}
	if _, err := v.command(); err != nil {
		return err
	}
	out := &download{w: v.w, kind: kind}
	var file servicesFile
	err := v.s.Services.Export(v.r.Context(), v.caller, func(entry ident.Entry) (err error) {
		out.name = "causeway-services-" + v.now().Format("2006-01-02") + "-" + entry.Short() + "." + ending
		file, err = open(out)
		return err
	}, func(s *directory.Service, by string) error { return file.Service(s, by) })
	if err == nil {
		err = file.Close()
	}
	if err != nil && out.begun {
		// The file is cut. A page cannot be sent any more.
		v.s.Log.ErrorContext(v.r.Context(), "export", slog.String("kind", fault.KindOf(err).String()), slog.Any("err", err))
		return nil
	}
	return err
}
