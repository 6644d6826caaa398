package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"causeway/internal/fault"
)

// sharedTexts holds the texts that cells refer to by number, in one piece of
// memory.
type sharedTexts struct {
	all  []byte
	ends []uint32
}

func (t *sharedTexts) get(i int) (string, bool) {
	if i < 0 || i >= len(t.ends) {
		return "", false
	}
	start := uint32(0)
	if i > 0 {
		start = t.ends[i-1]
	}
	return string(t.all[start:t.ends[i]]), true
}

func (b *book) readTexts(name string) error {
	p, err := b.open(name)
	if err != nil {
		return err
	}
	defer p.close()
	inText, reading := false, 0 // reading counts open phonetic hints, which are no text
	for {
		t, err := p.token()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		switch e := t.(type) {
		case xml.StartElement:
			inText = e.Name.Local == "t"
			if e.Name.Local == "rPh" {
				reading++
			}
		case xml.CharData:
			if inText && reading == 0 {
				b.texts.all = append(b.texts.all, e...)
			}
		case xml.EndElement:
			inText = false
			switch e.Name.Local {
			case "rPh":
				reading--
			case "si":
				b.texts.ends = append(b.texts.ends, uint32(len(b.texts.all)))
			}
		}
		if int64(len(b.texts.all)) > b.lim.TextBytes || len(b.texts.ends) > int(b.lim.TextBytes/8) {
			return fault.New(fault.Invalid, "file-too-big")
		}
	}
}

// cellStyle is what matters about the look of a number: whether it is a date, and
// how many digits it is padded to.
type cellStyle struct {
	date bool
	pad  int
}

func (b *book) readStyles(name string) ([]cellStyle, error) {
	codes := map[int]string{}
	var styles []cellStyle
	inCells := false
	err := b.elements(name, func(_ *xml.Decoder, e xml.StartElement) error {
		switch e.Name.Local {
		case "numFmt":
			if id, err := strconv.Atoi(attr(e, "numFmtId")); err == nil && len(codes) < 1<<16 {
				codes[id] = attr(e, "formatCode")
			}
		case "cellXfs":
			inCells = true
		case "cellStyles", "dxfs", "cellStyleXfs":
			inCells = false
		case "xf":
			if inCells && len(styles) < 1<<16 {
				id, _ := strconv.Atoi(attr(e, "numFmtId")) // a broken number is the plain style 0
				styles = append(styles, styleOf(id, codes[id]))
			}
		}
		return nil
	})
	return styles, err
}

// styleOf reads a number format. The built-in date formats are those of ECMA-376
// part 1, 18.8.30, and the East Asian ones that programs add.
func styleOf(id int, code string) cellStyle {
	if code == "" {
		return cellStyle{date: id >= 14 && id <= 17 || id == 22 || id >= 27 && id <= 31 || id == 36 || id >= 50 && id <= 58}
	}
	code, _, _ = strings.Cut(code, ";") // the part for positive numbers
	if code != "" && strings.Trim(code, "0") == "" {
		return cellStyle{pad: len(code)}
	}
	return cellStyle{date: hasDay(code)}
}

// hasDay reports whether a format shows a year or a day. Texts in quotes, escaped
// characters and bracketed colours are no part of the pattern.
func hasDay(code string) bool {
	for i := 0; i < len(code); i++ {
		switch code[i] {
		case '"':
			end := strings.IndexByte(code[i+1:], '"')
			if end < 0 {
				return false
			}
			i += end + 1
		case '\\', '_', '*':
			i++
		case '[':
			end := strings.IndexByte(code[i:], ']')
			if end < 0 {
				return false
			}
			i += end
		case 'y', 'Y', 'd', 'D', 'e':
			return true
		}
	}
	return false
}

// lastSerial is 9999-12-31.
const lastSerial = 2958465

// number writes a number as a person would have typed it: dates as ISO dates,
// whole numbers without an exponent, padded numbers with their zeros.
func (b *book) number(raw string, style int) string {
	v, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err != nil || math.IsInf(v, 0) || math.IsNaN(v) {
		return raw
	}
	var s cellStyle
	if style >= 0 && style < len(b.styles) {
		s = b.styles[style]
	}
	if s.date && v >= 1 && v <= lastSerial {
		return serialDate(v, b.from04)
	}
	// 15 digits are what spreadsheet programs show; more are noise of the format.
	text := strconv.FormatFloat(v, 'g', 15, 64)
	if w, err := strconv.ParseFloat(text, 64); err == nil {
		text = strconv.FormatFloat(w, 'f', -1, 64)
	}
	if len(text) < s.pad && v >= 0 && !strings.Contains(text, ".") {
		text = strings.Repeat("0", s.pad-len(text)) + text
	}
	return text
}

// serialDate turns days since the workbook's first day into an ISO date, with the
// time where there is one.
func serialDate(v float64, from04 bool) string {
	first := time.Date(1899, 12, 30, 0, 0, 0, 0, time.UTC)
	switch {
	case from04:
		first = time.Date(1904, 1, 1, 0, 0, 0, 0, time.UTC)
	case v < 60: // the format holds a 29 February 1900, which never was
		first = time.Date(1899, 12, 31, 0, 0, 0, 0, time.UTC)
	}
	days, part := math.Modf(v)
	t := first.AddDate(0, 0, int(days)).Add(time.Duration(math.Round(part*86400)) * time.Second)
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02T15:04:05")
}
