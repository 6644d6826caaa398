package tabular

import (
	"archive/zip"
	"bufio"
	"encoding/xml"
	"fmt"
	"io"
	"regexp"
	"strings"
	"unicode/utf16"
)

// Book is a workbook (Office Open XML, ECMA-376) that is written sheet after
// sheet. Each cell is an inline string, which no program calculates, with the
// style "quotePrefix", so that it stays text when somebody edits it.
type Book struct {
	zip    *zip.Writer
	names  []string
	rtl    bool
	footer string
	sheet  *sheet
}

// NewBook begins a workbook. footer stands at the foot of each printed page;
// right-to-left sheets begin at the right.
func NewBook(w io.Writer, footer string, rtl bool) *Book {
	return &Book{zip: zip.NewWriter(w), rtl: rtl, footer: footer}
}

type sheet struct {
	w   *bufio.Writer
	row int
	b   *Book
}

// Sheet begins the next sheet and ends the one before.
func (b *Book) Sheet(name string) (Writer, error) {
	if err := b.end(); err != nil {
		return nil, err
	}
	b.names = append(b.names, sheetName(name))
	part, err := b.zip.Create(fmt.Sprintf("xl/worksheets/sheet%d.xml", len(b.names)))
	if err != nil {
		return nil, err
	}
	b.sheet = &sheet{w: bufio.NewWriterSize(part, 1<<15), b: b}
	side := ""
	if b.rtl {
		side = ` rightToLeft="1"`
	}
	_, err = b.sheet.w.WriteString(xml.Header + `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
		`<sheetViews><sheetView workbookViewId="0"` + side + `/></sheetViews><sheetFormatPr defaultRowHeight="15"/><sheetData>`)
	return b.sheet, err
}

// Row implements [Writer].
func (s *sheet) Row(cells []string) error {
	s.row++
	if _, err := fmt.Fprintf(s.w, `<row r="%d">`, s.row); err != nil {
		return err
	}
	for i, c := range cells {
		if c == "" {
			continue
		}
		if _, err := fmt.Fprintf(s.w, `<c r="%s%d" s="1" t="inlineStr"><is><t xml:space="preserve">`, column(i), s.row); err != nil {
			return err
		}
		if err := xml.EscapeText(s.w, []byte(cellText(c))); err != nil {
			return err
		}
		if _, err := s.w.WriteString(`</t></is></c>`); err != nil {
			return err
		}
	}
	_, err := s.w.WriteString("</row>")
	return err
}

// Close ends the workbook.
func (s *sheet) Close() error { return s.b.Close() }

// end ends the sheet that is being written.
func (b *Book) end() error {
	s := b.sheet
	if s == nil {
		return nil
	}
	b.sheet = nil
	if _, err := s.w.WriteString(`</sheetData><headerFooter><oddFooter>`); err != nil {
		return err
	}
	if err := xml.EscapeText(s.w, []byte("&L"+strings.ReplaceAll(b.footer, "&", "&&"))); err != nil {
		return err
	}
	if _, err := s.w.WriteString(`</oddFooter></headerFooter></worksheet>`); err != nil {
		return err
	}
	return s.w.Flush()
}

// Close ends the file.
func (b *Book) Close() error {
	if err := b.end(); err != nil {
		return err
	}
	var types, sheets, relations strings.Builder
	for i, name := range b.names {
		n := i + 1
		fmt.Fprintf(&types, `<Override PartName="/xl/worksheets/sheet%d.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/>`, n)
		fmt.Fprintf(&sheets, `<sheet name="%s" sheetId="%d" r:id="rId%d"/>`, escaped(name), n, n)
		fmt.Fprintf(&relations, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/worksheet" Target="worksheets/sheet%d.xml"/>`, n, n)
	}
	fmt.Fprintf(&relations, `<Relationship Id="rId%d" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>`, len(b.names)+1)
	for _, part := range []struct{ name, text string }{
		{"[Content_Types].xml", `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">` +
			`<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
			`<Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/>` +
			`<Override PartName="/xl/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml"/>` + types.String() + `</Types>`},
		{"_rels/.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` +
			`<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>`},
		{"xl/workbook.xml", `<workbook xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>` +
			sheets.String() + `</sheets></workbook>`},
		{"xl/_rels/workbook.xml.rels", `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">` + relations.String() + `</Relationships>`},
		{"xl/styles.xml", styles},
	} {
		w, err := b.zip.Create(part.name)
		if err != nil {
			return err
		}
		if _, err := io.WriteString(w, xml.Header+part.text); err != nil {
			return err
		}
	}
	return b.zip.Close()
}

// styles has two cell styles: the plain one and text that is never a formula.
const styles = `<styleSheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">` +
	`<fonts count="1"><font><sz val="11"/><name val="Calibri"/></font></fonts>` +
	`<fills count="2"><fill><patternFill patternType="none"/></fill><fill><patternFill patternType="gray125"/></fill></fills>` +
	`<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>` +
	`<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>` +
	`<cellXfs count="2"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>` +
	`<xf numFmtId="49" fontId="0" fillId="0" borderId="0" xfId="0" quotePrefix="1" applyNumberFormat="1"/></cellXfs></styleSheet>`

// column returns the letters of a column, 0 being A.
func column(i int) string {
	var out []byte
	for i++; i > 0; i = (i - 1) / 26 {
		out = append([]byte{byte('A' + (i-1)%26)}, out...)
	}
	return string(out)
}

// mostCell is how many UTF-16 units a cell may hold.
const mostCell = 32_767

// escape is how a workbook writes characters that XML cannot hold; text that
// looks like it is written so that it comes back as it was.
var escape = regexp.MustCompile(`_x[0-9A-Fa-f]{4}_`)

func cellText(s string) string {
	s = escape.ReplaceAllStringFunc(s, func(m string) string { return "_x005F" + m })
	if len(s) <= mostCell {
		return s
	}
	units := 0
	for i, r := range s {
		if units += utf16.RuneLen(r); units > mostCell-1 {
			return s[:i] + "…"
		}
	}
	return s
}

// sheetName keeps to what a sheet may be called: 31 characters, some not.
func sheetName(s string) string {
	s = strings.Map(func(r rune) rune {
		if strings.ContainsRune(`[]:*?/\'`, r) {
			return ' '
		}
		return r
	}, s)
	if r := []rune(s); len(r) > 31 {
		s = string(r[:31])
	}
	return s
}

func escaped(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // a strings.Builder takes everything
	return strings.ReplaceAll(b.String(), `"`, "&#34;")
}
