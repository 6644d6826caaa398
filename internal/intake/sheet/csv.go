package sheet

import (
	"errors"
	"io"
	"strings"

	"causeway/internal/fault"
)

// csvReader splits text into rows and cells. encoding/csv is not used because it
// reads a cell of any length into memory, knows only one quote character, and
// refuses what spreadsheet programs accept (text after a closing quote).
type csvReader struct {
	src   io.Reader
	lim   Limits
	delim byte
	quote byte // 0 for none

	buf      []byte
	pos, end int
	eof      bool

	number int64
	line   []byte // text of the current row, all cells
	ends   []int  // where each cell ends in line
	cells  []string
}

// Delimiters lists the characters that may stand between cells.
const Delimiters = ",;\t|^~"

// NoQuote is the quote option of a file whose cells are never quoted.
const NoQuote = "none"

func newCSV(src io.Reader, opts Options, lim Limits) (*csvReader, error) {
	c := &csvReader{src: src, lim: lim, delim: ',', quote: '"', buf: make([]byte, 64<<10)}
	if opts.Delimiter != "" {
		if len(opts.Delimiter) != 1 || !strings.Contains(Delimiters, opts.Delimiter) {
			return nil, fault.InvalidField("delimiter", "choose-one")
		}
		c.delim = opts.Delimiter[0]
	}
	switch opts.Quote {
	case "", `"`:
	case `'`:
		c.quote = '\''
	case NoQuote:
		c.quote = 0
	default:
		return nil, fault.InvalidField("quote", "choose-one")
	}
	return c, nil
}

// next returns the next byte, or ok false at the end.
func (c *csvReader) next() (b byte, ok bool, err error) {
	if c.pos == c.end {
		if ok, err := c.fill(); !ok {
			return 0, false, err
		}
	}
	b = c.buf[c.pos]
	c.pos++
	return b, true, nil
}

// peek returns the next byte without taking it.
func (c *csvReader) peek() (byte, bool, error) {
	b, ok, err := c.next()
	if ok {
		c.pos--
	}
	return b, ok, err
}

func (c *csvReader) fill() (bool, error) {
	for !c.eof && c.pos == c.end {
		n, err := c.src.Read(c.buf)
		c.pos, c.end = 0, n
		if errors.Is(err, io.EOF) {
			c.eof = true
		} else if err != nil {
			return false, err
		}
	}
	return c.pos < c.end, nil
}

func (c *csvReader) blank(b byte) bool { return b == ' ' || b == '\t' && c.delim != '\t' }

// read returns the next row, empty ones included, so that row numbers stay
// those a spreadsheet program shows.
func (c *csvReader) read() (Row, error) {
	if ok, err := c.fill(); !ok {
		if err != nil {
			return Row{}, err
		}
		return Row{}, io.EOF
	}
	c.number++
	if c.number > c.lim.Rows {
		return Row{}, at("too-many-rows", c.number, 0)
	}
	c.line, c.ends = c.line[:0], c.ends[:0]
	for {
		more, err := c.cell()
		if err != nil {
			return Row{}, err
		}
		c.ends = append(c.ends, len(c.line))
		if len(c.ends) > c.lim.Columns {
			return Row{}, at("too-many-columns", c.number, 0)
		}
		if !more {
			break
		}
	}
	text := string(c.line) // one allocation for the row; cells share it
	c.cells = c.cells[:0]
	start := 0
	for _, end := range c.ends {
		c.cells = append(c.cells, text[start:end])
		start = end
	}
	return Row{Number: c.number, Cells: c.cells}, nil
}

// cell appends one cell to the row and reports whether another follows.
func (c *csvReader) cell() (more bool, err error) {
	start := len(c.line)
	for {
		b, ok, err := c.next()
		if err != nil || !ok {
			return false, err
		}
		if c.blank(b) {
			continue
		}
		if c.quote != 0 && b == c.quote {
			if err := c.quoted(start); err != nil {
				return false, err
			}
			return c.rest(start)
		}
		c.pos--
		return c.rest(start)
	}
}

// quoted reads up to the closing quote; a doubled quote is one quote.
func (c *csvReader) quoted(start int) error {
	for {
		b, ok, err := c.next()
		if err != nil {
			return err
		}
		if !ok { // a quote that never closes would swallow the rest of the file
			return at("broken-quote", c.number, len(c.ends)+1)
		}
		switch b {
		case c.quote:
			if after, ok, err := c.peek(); err != nil {
				return err
			} else if !ok || after != c.quote {
				return nil
			}
			c.pos++
		case '\r': // line ends inside a cell become one newline
			if after, ok, err := c.peek(); err != nil {
				return err
			} else if ok && after == '\n' {
				c.pos++
			}
			b = '\n'
		}
		c.line = append(c.line, b)
		if len(c.line)-start > c.lim.CellBytes {
			return at("cell-too-long", c.number, len(c.ends)+1)
		}
	}
}

// rest reads plain text up to the end of the cell and drops blanks at its end.
// Text behind a closing quote is kept, as spreadsheet programs do.
func (c *csvReader) rest(start int) (more bool, err error) {
	kept := len(c.line) // nothing before this is trimmed
	for {
		b, ok, err := c.next()
		if err != nil {
			return false, err
		}
		if !ok || b == '\n' || b == '\r' || b == c.delim {
			for len(c.line) > kept && c.blank(c.line[len(c.line)-1]) {
				c.line = c.line[:len(c.line)-1]
			}
			if ok && b == '\r' {
				after, ok, err := c.peek()
				if err != nil {
					return false, err
				}
				if ok && after == '\n' {
					c.pos++
				}
			}
			return ok && b == c.delim, nil
		}
		c.line = append(c.line, b)
		if len(c.line)-start > c.lim.CellBytes {
			return false, at("cell-too-long", c.number, len(c.ends)+1)
		}
	}
}
