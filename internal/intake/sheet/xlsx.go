package sheet

import (
	"archive/zip"
	"encoding/xml"
	"errors"
	"io"
	"path"
	"strconv"
	"strings"

	"causeway/internal/fault"
)

// The reader of workbooks is our own: the library at hand either keeps every
// unpacked part in memory or writes it to a temporary file, where a child's name
// must never be, and it takes a damaged sheet for one that ends early.

// maxRatio bounds how far a part may unpack; honest sheets stay below 60.
const maxRatio = 300

// maxParts bounds the directory of a workbook.
const maxParts = 5000

// book is an opened workbook.
type book struct {
	parts  map[string]*zip.File
	lim    Limits
	left   int64 // bytes that may still be unpacked
	from04 bool  // days are counted from 1904
	sheets []sheetRef
	texts  sharedTexts
	styles []cellStyle
}

type sheetRef struct {
	name, part string
	hidden     bool
}

func openBook(src Source, lim Limits) (*book, error) {
	z, err := zip.NewReader(src, src.Size())
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "damaged-file", err)
	}
	if len(z.File) > maxParts {
		return nil, fault.New(fault.Invalid, "damaged-file")
	}
	b := &book{parts: make(map[string]*zip.File, len(z.File)), lim: lim, left: lim.PlainBytes}
	for _, f := range z.File {
		b.parts[partName(f.Name)] = f
	}
	if b.parts["mimetype"] != nil {
		return nil, fault.New(fault.Invalid, "open-document")
	}
	main := "xl/workbook.xml"
	rels, err := b.relations("_rels/.rels", "")
	if err != nil {
		return nil, err
	}
	for _, r := range rels {
		if strings.HasSuffix(r.kind, "/officeDocument") {
			main = r.target
		}
	}
	if b.parts[partName(main)] == nil {
		return nil, fault.New(fault.Invalid, "not-a-table")
	}
	return b, b.readBook(main)
}

// partName is how a part is looked up: writers disagree about case, slashes and
// a slash in front.
func partName(name string) string {
	return strings.ToLower(strings.TrimPrefix(strings.ReplaceAll(name, `\`, "/"), "/"))
}

type relation struct{ id, kind, target string }

// relations reads a list of parts; targets are relative to dir.
func (b *book) relations(part, dir string) ([]relation, error) {
	var list []relation
	err := b.elements(part, func(_ *xml.Decoder, e xml.StartElement) error {
		if e.Name.Local == "Relationship" && attr(e, "TargetMode") != "External" {
			target := attr(e, "Target")
			if !strings.HasPrefix(target, "/") {
				target = path.Join(dir, target)
			}
			list = append(list, relation{attr(e, "Id"), attr(e, "Type"), target})
		}
		return nil
	})
	return list, err
}

func (b *book) readBook(main string) error {
	dir := path.Dir(strings.TrimPrefix(main, "/"))
	rels, err := b.relations(path.Join(dir, "_rels", path.Base(main)+".rels"), dir)
	if err != nil {
		return err
	}
	target := func(match func(relation) bool) string {
		for _, r := range rels {
			if match(r) {
				return r.target
			}
		}
		return ""
	}
	err = b.elements(main, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "workbookPr":
			v := attr(e, "date1904")
			b.from04 = v == "1" || v == "true"
		case "sheet":
			id := attr(e, "id") // r:id, in whichever name space
			part := target(func(r relation) bool { return r.id == id && strings.HasSuffix(r.kind, "/worksheet") })
			if part != "" {
				state := attr(e, "state")
				b.sheets = append(b.sheets, sheetRef{attr(e, "name"), part, state == "hidden" || state == "veryHidden"})
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	ofKind := func(kind string) string {
		return target(func(r relation) bool { return strings.HasSuffix(r.kind, kind) })
	}
	if part := ofKind("/styles"); part != "" {
		if b.styles, err = b.readStyles(part); err != nil {
			return err
		}
	}
	if part := ofKind("/sharedStrings"); part != "" {
		return b.readTexts(part)
	}
	return nil
}

// shown returns the names of the sheets, those not hidden first.
func (b *book) shown() []string {
	var names, hidden []string
	for _, s := range b.sheets {
		if s.hidden {
			hidden = append(hidden, s.name)
		} else {
			names = append(names, s.name)
		}
	}
	return append(names, hidden...)
}

func (b *book) openSheet(name string) (*Reader, error) {
	if name == "" && len(b.sheets) > 0 {
		name = b.shown()[0]
	}
	for _, s := range b.sheets {
		if s.name == name {
			d, err := b.open(s.part)
			if err != nil {
				return nil, err
			}
			return &Reader{rows: &sheetReader{book: b, part: d}, close: d.close}, nil
		}
	}
	return nil, fault.InvalidField("sheet", "no-such-sheet")
}

// part is one part of a workbook being read.
type part struct {
	*xml.Decoder
	guard *guard
	close func() error
}

// open starts to read a part. RawToken is used throughout: it keeps no stack, so
// nesting costs nothing, and encoding/xml knows no entities of a document's own.
func (b *book) open(name string) (*part, error) {
	f := b.parts[partName(name)]
	if f == nil {
		return nil, fault.New(fault.Invalid, "damaged-file")
	}
	if f.UncompressedSize64 > uint64(b.left) || f.UncompressedSize64 > maxRatio*f.CompressedSize64+1<<20 {
		return nil, fault.New(fault.Invalid, "file-too-big")
	}
	b.left -= int64(f.UncompressedSize64)
	rc, err := f.Open() // archive/zip stops at the declared size
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "damaged-file", err)
	}
	g := &guard{r: rc, buf: make([]byte, 32<<10), most: 4*b.lim.CellBytes + 64<<10}
	d := xml.NewDecoder(g)
	d.CharsetReader = func(charset string, in io.Reader) (io.Reader, error) {
		if strings.EqualFold(charset, "utf-8") {
			return in, nil
		}
		return nil, errors.New("workbook part in another encoding")
	}
	return &part{d, g, rc.Close}, nil
}

// token returns the next token, io.EOF at the end of the part.
func (p *part) token() (xml.Token, error) {
	p.guard.since = 0
	t, err := p.RawToken()
	if err == nil || errors.Is(err, io.EOF) {
		return t, err
	}
	if fault.CodeOf(err) != "" {
		return nil, err
	}
	return nil, fault.Wrap(fault.Invalid, "damaged-file", hideText(err))
}

// hideText drops the text of an XML error, which may quote the document.
func hideText(err error) error {
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return errors.New("broken XML in line " + strconv.Itoa(syntax.Line))
	}
	return err
}

// guard counts bytes, so that one endless piece of text cannot fill the memory:
// the decoder holds a token as a whole.
type guard struct {
	r        io.Reader
	buf      []byte
	pos, end int
	since    int // bytes read for the current token
	most     int
}

// ReadByte makes the decoder read from here without a buffer of its own.
func (g *guard) ReadByte() (byte, error) {
	for g.pos == g.end {
		n, err := g.r.Read(g.buf)
		g.pos, g.end = 0, n
		if n == 0 && err != nil {
			return 0, err
		}
	}
	if g.since++; g.since > g.most {
		return 0, fault.New(fault.Invalid, "cell-too-long")
	}
	b := g.buf[g.pos]
	g.pos++
	return b, nil
}

// Read is never called by the decoder; it completes io.Reader.
func (g *guard) Read(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil
	}
	c, err := g.ReadByte()
	if err != nil {
		return 0, err
	}
	b[0] = c
	return 1, nil
}

// elements calls fn for every element of a small part. A missing part has none.
func (b *book) elements(name string, fn func(*xml.Decoder, xml.StartElement) error) error {
	if b.parts[partName(name)] == nil {
		return nil
	}
	p, err := b.open(name)
	if err != nil {
		return err
	}
	defer p.close()
	for {
		t, err := p.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if e, ok := t.(xml.StartElement); ok {
			if err := fn(p.Decoder, e); err != nil {
				return err
			}
		}
	}
}

// attr returns an attribute by its local name.
func attr(e xml.StartElement, name string) string {
	for _, a := range e.Attr {
		if a.Name.Local == name {
			return a.Value
		}
	}
	return ""
}
