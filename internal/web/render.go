package web

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"net/http"
	"strings"
	"sync"

	"causeway/internal/ident"
	"causeway/internal/locale"
)

//go:embed templates/*.html
var templateFiles embed.FS

// Labels says what a code of the jurisdiction pack means.
type Labels interface {
	Label(list, code, lang string) string
}

// Renderer turns view structs into pages. It is safe for concurrent use.
type Renderer struct {
	assets  *Assets
	labels  Labels
	command func() string
	sets    map[string]*template.Template // by language
	pool    sync.Pool                     // of *bytes.Buffer
}

// NewRenderer parses every template once for each language.
func NewRenderer(assets *Assets, labels Labels) (*Renderer, error) {
	r := &Renderer{
		assets:  assets,
		labels:  labels,
		command: func() string { return ident.Beside[ident.Command]().String() },
		sets:    map[string]*template.Template{},
		pool:    sync.Pool{New: func() any { return new(bytes.Buffer) }},
	}
	for _, l := range locale.Languages() {
		set, err := template.New("pages").Funcs(r.funcs(l)).ParseFS(templateFiles, "templates/*.html")
		if err != nil {
			return nil, fmt.Errorf("parse templates: %w", err)
		}
		r.sets[l.Code()] = set
	}
	return r, nil
}

// SetCommands replaces the source of command ids, so that a test's pages are
// the same every time.
func (r *Renderer) SetCommands(next func() string) { r.command = next }

// Template returns the parsed template of a page for a test to check.
func (r *Renderer) Template(l *locale.Locale, page string) *template.Template {
	return r.sets[l.Code()].Lookup(page)
}

// HTML renders a view in a language. The buffer is the caller's until release
// is called; a page that fails half-way is never seen by anybody.
func (r *Renderer) HTML(l *locale.Locale, view any) (page []byte, release func(), err error) {
	name, err := pageName(view)
	if err != nil {
		return nil, nil, err
	}
	buf := r.pool.Get().(*bytes.Buffer)
	buf.Reset()
	release = func() {
		// A rare huge page must not keep its memory for ever.
		if buf.Cap() < 1<<20 {
			clear(buf.Bytes()[:buf.Len()]) // names do not linger in the pool
			r.pool.Put(buf)
		}
	}
	if err := r.sets[l.Code()].ExecuteTemplate(buf, name, view); err != nil {
		release()
		return nil, nil, fmt.Errorf("render %s: %w", name, err)
	}
	return buf.Bytes(), release, nil
}

// Write sends a view as a page that no cache may keep, compressed where the
// browser can read it. An error means nothing was sent.
func (r *Renderer) Write(w http.ResponseWriter, req *http.Request, l *locale.Locale, status int, view any) error {
	page, release, err := r.HTML(l, view)
	if err != nil {
		return err
	}
	defer release()
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Language", l.Code())
	h.Set("Cache-Control", "no-store")
	h.Add("Vary", "Accept-Encoding, Accept-Language, Cookie")
	if !acceptsGzip(req) {
		w.WriteHeader(status)
		_, _ = w.Write(page) // the browser went away; nothing is left to tell it
		return nil
	}
	h.Set("Content-Encoding", "gzip")
	w.WriteHeader(status)
	writeGzip(w, page)
	return nil
}

func acceptsGzip(req *http.Request) bool {
	for part := range strings.SplitSeq(req.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(part), ";")
		if name == "gzip" && !strings.Contains(weight, "q=0") {
			return true
		}
	}
	return false
}
