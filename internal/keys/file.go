package keys

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"causeway/internal/fault"
)

// The keyring file is text, so that it can be looked at, compared and printed:
//
//	causeway-keyring/1
//	node: north-shelter
//	generation: 7
//	provider: passphrase
//	stanza: argon2id 65536 3 1 <salt> <wrapped file key>
//
//	<AES-256-GCM of the content under the file key; the lines above, with the
//	empty one, are its associated data; base64 in lines of 64>
//
//	sha256: <digest of everything above>
//
// The digest needs no key: it tells a damaged file from a wrong passphrase.
const (
	fileVersion   = "causeway-keyring/1"
	fileLine      = 64
	maxFile       = 1 << 20
	maxNameLength = 100
)

// Info is what a keyring file says about itself without any secret. Nothing in
// it is proven before the ring is opened.
type Info struct {
	Node       string // node name
	Generation uint64 // rises by at least one with every change
	Provider   string // name of the provider that protects it
	Plain      bool   // the file protects nothing by itself
}

// envelope is a keyring file taken apart.
type envelope struct {
	Info
	stanza string
	body   []byte // sealed content
}

// header returns the lines above the body: its associated data.
func (e *envelope) header() []byte {
	return fmt.Appendf(nil, "%s\nnode: %s\ngeneration: %d\nprovider: %s\nstanza: %s\n\n",
		fileVersion, e.Node, e.Generation, e.Provider, e.stanza)
}

// bytes returns the file.
func (e *envelope) bytes() []byte {
	out := e.header()
	text := b64.EncodeToString(e.body)
	for len(text) > 0 {
		n := min(len(text), fileLine)
		out = append(append(out, text[:n]...), '\n')
		text = text[n:]
	}
	out = append(out, '\n')
	return fmt.Appendf(out, "sha256: %x\n", sha256.Sum256(out))
}

// ParseFile reads the open part of a keyring file and checks its digest. A file
// that is not, byte for byte, what this package writes is "keyring-damaged"; one
// of a later format is "keyring-newer".
func ParseFile(b []byte) (Info, error) {
	e, err := parseEnvelope(b)
	if err != nil {
		return Info{}, err
	}
	return e.Info, nil
}

func parseEnvelope(b []byte) (*envelope, error) {
	if len(b) > maxFile {
		return nil, damaged()
	}
	first, _, _ := strings.Cut(string(b[:min(len(b), 64)]), "\n")
	if first != fileVersion {
		if strings.HasPrefix(first, "causeway-keyring/") {
			return nil, fault.New(fault.Unavailable, "keyring-newer")
		}
		return nil, damaged()
	}
	lines := strings.Split(string(b), "\n")
	if len(lines) < 10 {
		return nil, damaged()
	}
	var e envelope
	var generation string
	for i, into := range []*string{&e.Node, &generation, &e.Provider, &e.stanza} {
		name := [...]string{"node: ", "generation: ", "provider: ", "stanza: "}[i]
		value, ok := strings.CutPrefix(lines[i+1], name)
		if !ok {
			return nil, damaged()
		}
		*into = value
	}
	body, err := b64.DecodeString(strings.Join(lines[6:len(lines)-3], ""))
	if err != nil {
		return nil, damaged()
	}
	e.body = body
	e.Generation, err = strconv.ParseUint(generation, 10, 63)
	e.Plain = e.Provider == plain{}.Name()
	// Writing it again finds every other deviation, the digest's included.
	if err != nil || !validNode(e.Node) || !bytes.Equal(e.bytes(), b) {
		return nil, damaged()
	}
	return &e, nil
}

// validNode limits names to what fits into the file's header and into the names
// of signing keys.
func validNode(name string) bool {
	for _, c := range []byte(name) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("._-/", c) >= 0) {
			return false
		}
	}
	return name != "" && len(name) <= maxNameLength
}

// groups spells b in lower-case hexadecimal groups of four, for people.
func groups(b []byte) string {
	text := hex.EncodeToString(b)
	var out []string
	for i := 0; i < len(text); i += 4 {
		out = append(out, text[i:min(i+4, len(text))])
	}
	return strings.Join(out, "-")
}
