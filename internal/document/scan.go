package document

import (
	"bytes"
	"context"
	"encoding/binary"
	"io"
	"net"
	"time"

	"causeway/internal/fault"
)

// What became of the scan for harmful programs.
const (
	NotScanned = "not-scanned"
	Clean      = "clean"
	Found      = "found"
)

// Scanner asks a ClamAV daemon (clamd) on a Unix socket.
type Scanner struct{ socket string }

// NewScanner returns the scanner behind a socket, nil for no socket.
func NewScanner(socket string) *Scanner {
	if socket == "" {
		return nil
	}
	return &Scanner{socket}
}

// scanFor is how long one document may take.
const scanFor = 2 * time.Minute

// scanning is one document on its way through the scanner. What is written to it
// is scanned.
type scanning struct {
	conn net.Conn
	end  func()
}

// errScanner refuses a document while the scanner that is configured does not
// answer: a setting that fails must not become permissive.
func errScanner(err error) error { return fault.Wrap(fault.Unavailable, "document-scanner", err) }

// begin opens a stream (clamd(8), INSTREAM).
func (s *Scanner) begin(ctx context.Context) (*scanning, error) {
	ctx, cancel := context.WithTimeout(ctx, scanFor)
	conn, err := new(net.Dialer).DialContext(ctx, "unix", s.socket)
	if err != nil {
		cancel()
		return nil, errScanner(err)
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() }) // ends what waits on it
	sc := &scanning{conn, func() { stop(); cancel(); _ = conn.Close() }}
	if _, err := io.WriteString(conn, "zINSTREAM\x00"); err != nil {
		sc.end()
		return nil, errScanner(err)
	}
	return sc, nil
}

// Write implements io.Writer: each part goes with its length before it.
func (s *scanning) Write(b []byte) (int, error) {
	if len(b) == 0 {
		return 0, nil // an empty part would end the stream
	}
	if _, err := s.conn.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b)))); err != nil {
		return 0, errScanner(err)
	}
	n, err := s.conn.Write(b)
	if err != nil {
		return n, errScanner(err)
	}
	return n, nil
}

// result ends the stream and reads the answer: "stream: OK", or "stream: <name>
// FOUND". Anything else is no answer.
func (s *scanning) result() (result, finding string, err error) {
	if _, err := s.conn.Write(make([]byte, 4)); err != nil {
		return "", "", errScanner(err)
	}
	answer, err := io.ReadAll(io.LimitReader(s.conn, 4096))
	if err != nil {
		return "", "", errScanner(err)
	}
	text, ok := bytes.CutPrefix(bytes.TrimRight(answer, "\x00\n"), []byte("stream: "))
	if ok && string(text) == "OK" {
		return Clean, "", nil
	}
	if name, found := bytes.CutSuffix(text, []byte(" FOUND")); ok && found {
		return Found, string(name), nil
	}
	return "", "", fault.New(fault.Unavailable, "document-scanner")
}
