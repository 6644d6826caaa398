package sheet

import (
	"bytes"
	"context"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"causeway/internal/fault"
)

// Choice is one possible reading of a file and how sure the guess is, from 0 to
// 100.
type Choice struct {
	Value string `json:"value"`
	Sure  int    `json:"sure"`
}

// Guess is what a look at a file found. The lists are there to show the person
// what else it could be; they begin with what Options holds.
type Guess struct {
	Options    Options  `json:"options"`
	Encodings  []Choice `json:"encodings,omitempty"`
	Delimiters []Choice `json:"delimiters,omitempty"`
	Quotes     []Choice `json:"quotes,omitempty"`
	Sheets     []string `json:"sheets,omitempty"`
}

// Inspect reads a file once and guesses how it is written. It returns a fault
// when the file is certainly no table.
func Inspect(ctx context.Context, src Source, lim Limits) (Guess, error) {
	if src.Size() > lim.FileBytes {
		return Guess{}, fault.New(fault.Invalid, "file-too-big")
	}
	first, err := head(src, 512)
	if err != nil {
		return Guess{}, err
	}
	if len(bytes.TrimSpace(first)) == 0 && src.Size() <= 512 {
		return Guess{}, fault.New(fault.Invalid, "empty-file")
	}
	if isZip(first) {
		book, err := openBook(src, lim)
		if err != nil {
			return Guess{}, err
		}
		g := Guess{Options: Options{Format: XLSX}, Sheets: book.shown()}
		if len(g.Sheets) == 0 {
			return Guess{}, fault.New(fault.Invalid, "not-a-table")
		}
		g.Options.Sheet = g.Sheets[0]
		return g, nil
	}
	if code := knownOther(first); code != "" {
		return Guess{}, fault.New(fault.Invalid, code)
	}
	if isJSON(first) {
		return Guess{Options: Options{Format: JSON}}, nil
	}
	return inspectText(ctx, src, lim)
}

func inspectText(ctx context.Context, src Source, lim Limits) (Guess, error) {
	plain, err := plainText(src, lim)
	if err != nil {
		return Guess{}, err
	}
	sight, err := look(ctx, plain)
	if err != nil {
		return Guess{}, err
	}
	encodings, err := sight.encodings()
	if err != nil {
		return Guess{}, err
	}
	g := Guess{Encodings: encodings, Options: Options{Format: CSV, Encoding: encodings[0].Value}}
	again, err := plainText(src, lim)
	if err != nil {
		return Guess{}, err
	}
	text, err := decoded(again, g.Options.Encoding)
	if err != nil {
		return Guess{}, err
	}
	sample := make([]byte, sampleBytes)
	n, err := io.ReadFull(text, sample)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return Guess{}, err
	}
	whole := err != nil
	sample = sample[:n]
	if code := knownOther(sample); code != "" {
		return Guess{}, fault.New(fault.Invalid, code)
	}
	g.Quotes = guessQuote(sample)
	g.Options.Quote = g.Quotes[0].Value
	g.Delimiters = guessDelimiter(sample, whole, g.Options.Quote, lim)
	g.Options.Delimiter = g.Delimiters[0].Value
	return g, nil
}

// sampleBytes is how much text the guesses of delimiter and quote look at.
const sampleBytes = 256 << 10

// sight is what one pass over all bytes of a text file noticed.
type sight struct {
	begin   []byte // the first bytes
	size    int64
	nulls   [2]int64 // zero bytes at even and at odd places
	control int64    // other bytes that no text holds
	high    int64    // bytes outside ASCII
	broken  int64    // places where the file is not UTF-8
	words   [][]byte // words with bytes outside ASCII
}

const (
	wordBytes = 40   // a longer run is cut
	wordCount = 4000 // more words teach the guess nothing new
)

// look reads r to its end. The whole file is read and not only its beginning,
// because in many files the first name with an accent stands far down.
func look(ctx context.Context, r io.Reader) (*sight, error) {
	s := &sight{}
	var tail []byte // an unfinished character at the end of the last piece
	var word []byte
	buf := make([]byte, 64<<10)
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		n, err := r.Read(buf)
		piece := buf[:n]
		if len(s.begin) < 4 {
			s.begin = append(s.begin, piece[:min(n, 4-len(s.begin))]...)
		}
		s.count(piece)
		word = s.collect(word, piece)
		tail = s.checkUTF8(append(tail, piece...))
		if errors.Is(err, io.EOF) {
			s.broken += int64(min(len(tail), 1))
			if len(word) > 0 {
				s.collect(word, []byte{' '})
			}
			return s, nil
		}
		if err != nil {
			return nil, err
		}
	}
}

func (s *sight) count(piece []byte) {
	for i, b := range piece {
		switch {
		case b == 0:
			s.nulls[(s.size+int64(i))%2]++
		case b >= 0x80:
			s.high++
		case b < 0x20 && !strings.ContainsRune("\t\n\r\x1a\x0b\x0c", rune(b)):
			s.control++
		}
	}
	s.size += int64(len(piece))
}

// checkUTF8 counts what is not UTF-8 and returns a copy of an unfinished end.
func (s *sight) checkUTF8(b []byte) []byte {
	for len(b) > 0 {
		if b[0] < utf8.RuneSelf {
			b = b[1:]
			continue
		}
		if !utf8.FullRune(b) {
			return append([]byte(nil), b...)
		}
		r, n := utf8.DecodeRune(b)
		if r == utf8.RuneError && n == 1 {
			s.broken++
		}
		b = b[n:]
	}
	return nil
}

// collect gathers words that hold bytes outside ASCII; it returns the word that
// the piece may have cut.
func (s *sight) collect(word, piece []byte) []byte {
	if len(s.words) >= wordCount {
		return word[:0]
	}
	for _, b := range piece {
		letter := b >= 0x80 || 'a' <= b|0x20 && b|0x20 <= 'z'
		if letter && len(word) < wordBytes {
			word = append(word, b)
			continue
		}
		if !letter || len(word) >= wordBytes {
			if hasHigh(word) && len(s.words) < wordCount {
				s.words = append(s.words, append([]byte(nil), word...))
			}
			word = word[:0]
			if letter {
				word = append(word, b)
			}
		}
	}
	return word
}

func hasHigh(b []byte) bool {
	for _, c := range b {
		if c >= 0x80 {
			return true
		}
	}
	return false
}
