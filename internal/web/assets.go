package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base32"
	"fmt"
	"io"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed static
var staticFiles embed.FS

// sheets are joined, in this order, into the one style sheet app.css.
var sheets = []string{"tokens.css", "base.css", "frame.css", "form.css", "parts.css", "child.css", "lists.css", "print.css"}

// Assets serves style sheet, modules and sign under names that change with
// their content, so that a browser may keep them for a year.
type Assets struct {
	paths map[string]string // "app.css" to "/static/app.h4sh.css"
	files map[string]asset  // by path
}

type asset struct {
	kind  string
	plain []byte
	gz    []byte
}

// NewAssets reads and compresses every asset once.
func NewAssets() (*Assets, error) {
	a := &Assets{paths: map[string]string{}, files: map[string]asset{}}
	var css bytes.Buffer
	for _, name := range sheets {
		b, err := staticFiles.ReadFile("static/" + name)
		if err != nil {
			return nil, fmt.Errorf("read style sheet: %w", err)
		}
		css.Write(squeeze(b))
	}
	if err := a.add("app.css", "text/css; charset=utf-8", css.Bytes()); err != nil {
		return nil, err
	}
	for name, kind := range map[string]string{
		"app.js":      "text/javascript; charset=utf-8",
		"passkey.js":  "text/javascript; charset=utf-8",
		"fill.js":     "text/javascript; charset=utf-8",
		"store.js":    "text/javascript; charset=utf-8",
		"capture.js":  "text/javascript; charset=utf-8",
		"document.js": "text/javascript; charset=utf-8",
		"icon.svg":    "image/svg+xml",
	} {
		b, err := staticFiles.ReadFile("static/" + name)
		if err != nil {
			return nil, fmt.Errorf("read asset: %w", err)
		}
		if err := a.add(name, kind, b); err != nil {
			return nil, err
		}
	}
	return a, nil
}

func (a *Assets) add(name, kind string, b []byte) error {
	sum := sha256.Sum256(b)
	hash := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:5]))
	ext := path.Ext(name)
	p := "/static/" + strings.TrimSuffix(name, ext) + "." + hash + ext
	var gz bytes.Buffer
	zw, err := gzip.NewWriterLevel(&gz, gzip.BestCompression)
	if err != nil {
		return fmt.Errorf("compress asset: %w", err)
	}
	if _, err := zw.Write(b); err != nil {
		return fmt.Errorf("compress asset: %w", err)
	}
	if err := zw.Close(); err != nil {
		return fmt.Errorf("compress asset: %w", err)
	}
	a.paths[name] = p
	a.files[p] = asset{kind: kind, plain: b, gz: gz.Bytes()}
	return nil
}

// Path returns the address of an asset.
func (a *Assets) Path(name string) (string, error) {
	p, ok := a.paths[name]
	if !ok {
		return "", fmt.Errorf("no asset %q", name)
	}
	return p, nil
}

// ServeHTTP answers for everything below /static/.
func (a *Assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[r.URL.Path]
	if !ok {
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("Cache-Control", "public, max-age=31536000, immutable")
	h.Set("Vary", "Accept-Encoding")
	body := f.plain
	if acceptsGzip(r) {
		h.Set("Content-Encoding", "gzip")
		body = f.gz
	}
	h.Set("Content-Length", fmt.Sprint(len(body)))
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // the browser went away; nothing is left to tell it
	}
}

// squeeze takes comments and indentation out of a style sheet. The sheets
// hold no strings with comment signs or runs of blanks, so this stays simple.
func squeeze(b []byte) []byte {
	var out bytes.Buffer
	for len(b) > 0 {
		start := bytes.Index(b, []byte("/*"))
		if start < 0 {
			out.Write(b)
			break
		}
		out.Write(b[:start])
		end := bytes.Index(b[start:], []byte("*/"))
		if end < 0 {
			break
		}
		b = b[start+end+2:]
	}
	var lines bytes.Buffer
	for line := range bytes.Lines(out.Bytes()) {
		if line = bytes.TrimSpace(line); len(line) > 0 {
			lines.Write(line)
			lines.WriteByte('\n')
		}
	}
	return lines.Bytes()
}

var gzipWriters = sync.Pool{New: func() any {
	zw, _ := gzip.NewWriterLevel(io.Discard, 5) // level 5 is always valid
	return zw
}}

// writeGzip sends a page compressed.
func writeGzip(w io.Writer, page []byte) {
	zw := gzipWriters.Get().(*gzip.Writer)
	defer gzipWriters.Put(zw)
	zw.Reset(w)
	_, _ = zw.Write(page) // the browser went away; nothing is left to tell it
	_ = zw.Close()        // likewise
}
