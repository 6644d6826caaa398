package journal

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"strings"
	"time"
)

// Pack is a journal pack, open for reading. Close it after use.
type Pack struct {
	f    io.ReaderAt
	size int64
	end  func() error

	node       string
	a          about
	head       []storedHead
	epochs     []Epoch
	checkpoint string
	small      map[string]bool // members that may stand there once
	sections   map[string]extent
}

// extent is where the members of a section stand in the file.
type extent struct{ from, to int64 }

// OpenPack opens a pack and reads it once from end to end: a file that is not a
// pack is an error, one that was cut or damaged is told by the report.
func OpenPack(path string) (*Pack, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open pack: %w", err)
	}
	info, err := f.Stat()
	if err == nil {
		var p *Pack
		if p, err = ReadPack(f, info.Size()); err == nil {
			p.end = f.Close
			return p, nil
		}
	}
	return nil, errors.Join(err, f.Close())
}

// ReadPack is [OpenPack] for a pack that is not a file.
func ReadPack(f io.ReaderAt, size int64) (*Pack, error) {
	p := &Pack{f: f, size: size, end: func() error { return nil }, small: map[string]bool{}, sections: map[string]extent{}}
	p.a.kind = "pack"
	if err := p.survey(); err != nil {
		return nil, fmt.Errorf("open pack: %w", err)
	}
	return p, nil
}

// Close closes the file.
func (p *Pack) Close() error { return p.end() }

// Node returns the name of the node that the pack says it is of.
func (p *Pack) Node() string { return p.node }

// Made returns when the pack says it was made.
func (p *Pack) Made() time.Time { return p.a.made }

// Checkpoint returns the newest signed checkpoint, "" for none. It is not
// verified.
func (p *Pack) Checkpoint() string { return p.checkpoint }

func (p *Pack) snapshot(_ context.Context, fn func(reader) error) error {
	return fn(&packReader{p: p, tileWalks: map[int64]*walk{}})
}

// blockSize is tar's.
const blockSize = 512

// member is one file of the archive.
type member struct {
	name       string
	from, size int64 // of its content
	next       int64 // where the next member is announced
}

var errCut = errors.New("the pack was cut")

// memberAt reads the announcement of a member; io.EOF at the end of the archive.
func (p *Pack) memberAt(off int64) (member, []byte, error) {
	block := make([]byte, blockSize)
	if _, err := p.f.ReadAt(block, off); err != nil {
		if errors.Is(err, io.EOF) {
			err = errCut
		}
		return member{}, nil, err
	}
	if len(bytes.TrimLeft(block, "\x00")) == 0 {
		return member{}, nil, io.EOF
	}
	h, err := tar.NewReader(bytes.NewReader(block)).Next()
	if err != nil || !plain(h) {
		return member{}, nil, errPack
	}
	m := member{name: h.Name, from: off + blockSize, size: h.Size}
	m.next = m.from + (m.size+blockSize-1)/blockSize*blockSize
	if m.next > p.size {
		return member{}, nil, errCut
	}
	return m, block, nil
}

// content reads a member into buf.
func (p *Pack) content(m member, buf []byte) ([]byte, error) {
	if int64(cap(buf)) < m.size {
		buf = make([]byte, m.size)
	}
	buf = buf[:m.size]
	if _, err := p.f.ReadAt(buf, m.from); err != nil && !(errors.Is(err, io.EOF) && m.from+m.size == p.size) {
		return nil, err
	}
	return buf, nil
}

// survey reads all members: the small ones are kept, of the others where their
// section is.
func (p *Pack) survey() error {
	sum := sha256.New()
	for off := int64(0); ; {
		m, block, err := p.memberAt(off)
		if off == 0 && (err != nil || m.name != packAbout) {
			return orElse(noEnd(err), errPack)
		}
		if err != nil {
			return p.cut(err)
		}
		if m.name == packEnd {
			return p.close(m, sum)
		}
		if err := p.keep(m, off); err != nil {
			return err
		}
		_, _ = sum.Write(block) // a hash never fails
		if _, err := io.Copy(sum, io.NewSectionReader(p.f, m.from, m.next-m.from)); err != nil {
			return err
		}
		off = m.next
	}
}

// noEnd turns the end of a file that must not end here into "not a pack".
func noEnd(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, errCut) {
		return errPack
	}
	return err
}

// cut notes that the pack has no end, unless it could not be read at all.
func (p *Pack) cut(err error) error {
	if !errors.Is(err, io.EOF) && !errors.Is(err, errCut) && !errors.Is(err, errPack) {
		return err
	}
	p.a.bad = &Finding{
		Exit: Incomplete, Check: "pack-cut", Table: "pack", Place: "end", Index: -1,
		What: "the pack has no end: it was cut or damaged",
	}
	return nil
}

// close compares the digest at the end with what stands before, and looks that
// nothing follows.
func (p *Pack) close(m member, sum hash.Hash) error {
	text, err := p.content(m, nil)
	if err != nil {
		return err
	}
	rest := make([]byte, 2*blockSize)
	n, err := p.f.ReadAt(rest, m.next)
	whole := n == len(rest) && (err == nil || errors.Is(err, io.EOF)) && m.next+int64(n) == p.size &&
		len(bytes.TrimLeft(rest, "\x00")) == 0
	padding := make([]byte, m.next-m.from-m.size)
	if _, err := p.f.ReadAt(padding, m.from+m.size); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	whole = whole && len(bytes.TrimLeft(padding, "\x00")) == 0
	if !whole || string(text) != endText(sum.Sum(nil)) {
		p.a.bad = &Finding{
			Exit: Unreadable, Check: "pack-damaged", Table: "pack", Place: "end", Index: -1,
			What: "the file is not the one that was written: its own digest differs",
		}
	}
	return nil
}

// keep reads a small member or notes where a section is.
func (p *Pack) keep(m member, off int64) error {
	section, rest := packSection(m.name)
	switch section {
	case packAbout, packKeys, packHead, packCheckpoint, packEpochs:
		if m.size > maxHeader {
			return errPack
		}
		if p.small[m.name] {
			return errPack
		}
		p.small[m.name] = true
		text, err := p.content(m, nil)
		if err != nil {
			return err
		}
		return p.keepSmall(section, rest, text)
	case "":
		return errPack
	}
	s, ok := p.sections[section]
	if !ok {
		s.from = off
	}
	s.to = m.next
	p.sections[section] = s
	return nil
}

// packSection says to which section a name belongs, "" for none.
func packSection(name string) (section, rest string) {
	switch name {
	case packAbout, packKeys, packHead, packCheckpoint:
		return name, ""
	}
	for _, s := range []string{packEpochs, packCheckpoints, packChains, packPending} {
		if rest, ok := strings.CutPrefix(name, s); ok {
			return s, rest
		}
	}
	// Bundles and what is known of their payloads stand in turn.
	for _, s := range []string{packEntries, packPayloads} {
		if rest, ok := strings.CutPrefix(name, s); ok {
			return packEntries, rest
		}
	}
	if rest, ok := strings.CutPrefix(name, packTiles); ok && len(rest) > 2 && rest[0] >= '0' && rest[0] < '0'+tilesLevels && rest[1] == '/' {
		return packTiles + rest[:2], rest[2:]
	}
	return "", ""
}

func (p *Pack) keepSmall(section, rest string, text []byte) error {
	var err error
	switch section {
	case packAbout:
		if p.node, p.a.made, err = parseAbout(text); err != nil {
			return err
		}
	case packKeys:
		for _, k := range strings.Split(string(text), "\n") {
			if k != "" {
				p.a.keys = append(p.a.keys, k)
			}
		}
	case packHead:
		h, err := parseHead(text)
		if err != nil {
			return err
		}
		p.head = append(p.head, storedHead{"node", h})
	case packCheckpoint:
		p.checkpoint = string(text)
	case packEpochs:
		e, err := parseEpoch(rest, text)
		if err != nil {
			return err
		}
		p.epochs = append(p.epochs, e)
	}
	return nil
}
