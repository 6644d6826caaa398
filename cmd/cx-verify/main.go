// Command cx-verify checks a proof pack of Causeway without any node and without a
// network, and says in plain words what it proves. Results go to standard output,
// everything else to standard error.
//
// It must never call something proven that was only said. Start at [run]; what is
// checked is in package proof.
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"causeway/protocol/identity"
	"causeway/protocol/proof"
)

// The exit statuses.
const (
	proven     = 0 // everything in the pack is right, and enough is in it
	forged     = 1 // something in the pack is false
	unreadable = 2 // no pack, or no sense in the command line
	incomplete = 3 // nothing is false, but something is missing, doubtful or not compared
)

const usage = `usage: cx-verify [--trust NODE=FINGERPRINT]... PACK

Checks a proof pack without a network and says what it proves.

  --trust NODE=FINGERPRINT   the fingerprint of a node's recovery key, as the node told
                             it to you over a telephone number that you knew before: ten
                             groups of five digits, or 64 hexadecimal digits

Exit status: 0 everything is proven; 1 something is false; 2 the pack cannot be read;
3 nothing is false, but something is missing, doubtful or not compared.
`

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// run is main with its surroundings given, for the tests.
func run(args []string, stdout, stderr io.Writer) int {
	flags := flag.NewFlagSet("cx-verify", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() { fmt.Fprint(stderr, usage) }
	trust := trusted{}
	flags.Func("trust", "", trust.add)
	if err := flags.Parse(args); err != nil {
		return unreadable
	}
	if flags.NArg() != 1 {
		flags.Usage()
		return unreadable
	}
	report, made, err := check(flags.Arg(0))
	if err != nil {
		fmt.Fprintln(stderr, "cx-verify: error:", err)
		fmt.Fprintln(stderr, "cx-verify: hint: a proof pack is one file; it may have been damaged on its way")
		return unreadable
	}
	w := &writer{to: stdout, trust: trust}
	w.say("%s", made)
	return w.report(report)
}

// check reads and checks the pack of a file.
func check(path string) (report *proof.Report, made string, err error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, "", err
	}
	p, err := proof.Read(f, info.Size())
	if err != nil {
		return nil, "", err
	}
	made = fmt.Sprintf("Proof pack, made by %s on %s (who made it proves nothing).", p.By, day(p.Made))
	return p.Check(), made, nil
}

// trusted are the fingerprints that the person at the terminal was told.
type trusted map[identity.NodeID]string

func (t trusted) add(text string) error {
	name, fingerprint, ok := strings.Cut(text, "=")
	id, err := identity.ParseNodeID(name)
	digits := plain(fingerprint)
	if !ok || err != nil || digits == "" || t[id] != "" {
		return fmt.Errorf("not NODE=FINGERPRINT: %q", text)
	}
	t[id] = digits
	return nil
}

// plain takes away what people put between groups.
func plain(fingerprint string) string {
	return strings.ToLower(strings.NewReplacer(" ", "", "-", "").Replace(fingerprint))
}

// holds reports whether a fingerprint was told, and whether it is this one.
func (t trusted) holds(id identity.NodeID, f identity.Fingerprint) (told, same bool) {
	digits, told := t[id]
	return told, told && (digits == plain(f.String()) || digits == f.Hex())
}
