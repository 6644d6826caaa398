package sheet

import (
	"bytes"
	_ "embed"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"sync"

	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/transform"

	"causeway/internal/fault"
)

// UTF8 is the encoding of a file that needs no change but for a byte-order mark.
const UTF8 = "utf-8"

// oneByte holds the encodings that spreadsheet programs and old databases write,
// one byte to a character.
var oneByte = map[string]*charmap.Charmap{
	"windows-1252": charmap.Windows1252,
	"windows-1250": charmap.Windows1250,
	"windows-1251": charmap.Windows1251,
	"windows-1253": charmap.Windows1253,
	"windows-1254": charmap.Windows1254,
	"windows-1255": charmap.Windows1255,
	"windows-1256": charmap.Windows1256,
	"windows-1257": charmap.Windows1257,
	"windows-1258": charmap.Windows1258,
	"windows-874":  charmap.Windows874,
	"iso-8859-1":   charmap.ISO8859_1,
	"iso-8859-2":   charmap.ISO8859_2,
	"iso-8859-5":   charmap.ISO8859_5,
	"iso-8859-6":   charmap.ISO8859_6,
	"iso-8859-9":   charmap.ISO8859_9,
	"iso-8859-15":  charmap.ISO8859_15,
	"koi8-r":       charmap.KOI8R,
	"macintosh":    charmap.Macintosh,
	"ibm850":       charmap.CodePage850,
}

//go:embed encodings.csv
var encodingsCSV string

// alphabet is what the guess knows about one encoding: the weight of each letter
// that is usual in the languages written with it, the most frequent near 1.
type alphabet struct {
	name   string
	weight map[rune]float64
}

// alphabets returns the one-byte encodings, the one to prefer first.
var alphabets = sync.OnceValue(func() []alphabet {
	records, err := csv.NewReader(strings.NewReader(encodingsCSV)).ReadAll()
	if err != nil {
		panic("sheet: encodings.csv: " + err.Error())
	}
	var list []alphabet
	for _, r := range records[1:] {
		a := alphabet{name: r[0], weight: map[rune]float64{}}
		for i, c := range []rune(r[1]) {
			a.weight[c] = max(0.2, 1-0.025*float64(i))
		}
		list = append(list, a)
	}
	return list
})

// Encodings returns the names of every encoding that can be chosen.
func Encodings() []string {
	names := []string{UTF8, "utf-16le", "utf-16be"}
	for _, a := range alphabets() {
		names = append(names, a.name)
	}
	return names
}

// decoded returns src as UTF-8. Bytes that mean nothing in the encoding become
// U+FFFD; broken UTF-8 stays as it is, so that the row can be named.
func decoded(src io.Reader, name string) (io.Reader, error) {
	switch name {
	case "", UTF8:
		return &skipMark{r: src}, nil
	case "utf-16le":
		return transform.NewReader(src, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder()), nil
	case "utf-16be":
		return transform.NewReader(src, unicode.UTF16(unicode.BigEndian, unicode.UseBOM).NewDecoder()), nil
	}
	m, ok := oneByte[name]
	if !ok {
		return nil, fault.InvalidField("encoding", "choose-one")
	}
	return transform.NewReader(src, m.NewDecoder()), nil
}

// skipMark drops a UTF-8 byte-order mark at the beginning.
type skipMark struct {
	r    io.Reader
	head []byte // read ahead, still to be given out
	done bool
}

var mark = []byte("\xef\xbb\xbf")

func (s *skipMark) Read(b []byte) (int, error) {
	if !s.done {
		s.done = true
		s.head = make([]byte, len(mark))
		n, err := io.ReadFull(s.r, s.head)
		if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
			return 0, err
		}
		s.head = bytes.TrimPrefix(s.head[:n], mark)
	}
	if len(s.head) > 0 {
		n := copy(b, s.head)
		s.head = s.head[n:]
		return n, nil
	}
	return s.r.Read(b)
}
