// Command release makes the papers that go with the binaries: what is in them
// (an SBOM in CycloneDX form) and their checksums in a signed note.
//
//	release sbom BINARY                       print the SBOM
//	release sums [-key FILE] NAME FILE...     print the checksum note
//	release verify -key VERIFIER NOTE         check a note and the files beside it
//	release keygen NAME FILE                  make a signing key, print its verifier
//
// It never talks to the network. Start at [sums] and [sbom].
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
)

func main() {
	if err := run(os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

var errUsage = errors.New("usage: release sbom BINARY | sums [-key FILE] NAME FILE... | verify -key VERIFIER NOTE | keygen NAME FILE")

func run(args []string, w io.Writer) error {
	if len(args) == 0 {
		return errUsage
	}
	flags := flag.NewFlagSet(args[0], flag.ContinueOnError)
	key := flags.String("key", "", "sums: file with the signing key; verify: the verifier key itself")
	if err := flags.Parse(args[1:]); err != nil {
		return err
	}
	rest := flags.Args()
	switch {
	case args[0] == "sbom" && len(rest) == 1:
		return sbom(w, rest[0])
	case args[0] == "sums" && len(rest) >= 2:
		return sums(w, *key, rest[0], rest[1:])
	case args[0] == "verify" && len(rest) == 1 && *key != "":
		return verify(w, *key, rest[0])
	case args[0] == "keygen" && len(rest) == 2:
		return keygen(w, rest[0], rest[1])
	}
	return errUsage
}
