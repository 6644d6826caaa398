// Command causeway is the one binary of a node: it starts one, serves it, keeps
// it and proves what it did. Results go to standard output, everything else to
// standard error; an error says what to do.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"causeway/internal/bench"
	"causeway/internal/fault"
	"causeway/internal/locale"

	"github.com/alecthomas/kong"
)

// cli is the whole command line.
type cli struct {
	Demo    demoCmd    `cmd:"" help:"Start an invented node in a fresh directory and serve it on this machine."`
	Init    initCmd    `cmd:"" help:"Make a new node: keyring, database, recovery kit and the first invitation."`
	Serve   serveCmd   `cmd:"" help:"Serve a node."`
	User    userCmd    `cmd:"" help:"Accounts, from the server's shell: every act is an entry in the journal."`
	Migrate migrateCmd `cmd:"" help:"Show pending changes of the database's form, and make them after a backup."`
	Backup  backupCmd  `cmd:"" help:"Write a sealed backup while the node runs."`
	Restore restoreCmd `cmd:"" help:"Restore a backup into an empty place, or try one with --check."`
	Audit   auditCmd   `cmd:"" help:"Export, verify and prove the journal."`
	Key     keyCmd     `cmd:"" help:"The keyring: status, rotation, protection, copies."`
	Peer    peerCmd    `cmd:"" help:"Partner countries: keys, cards, and with whom this node exchanges."`
	Import  importCmd  `cmd:"" help:"Bring cases in from CSV or XLSX."`
	Health  healthCmd  `cmd:"" help:"Ask a running node how it is; exit status 1 when it is not well."`
	Bench   benchCmd   `cmd:"" help:"Measure this machine; exit status 1 when a bar does not hold."`
	Version versionCmd `cmd:"" help:"Print version and digest of this program."`
}

// program is what every command gets.
type program struct {
	ctx    context.Context
	stdin  io.Reader
	stdout io.Writer
	stderr io.Writer
}

// note prints a line for the person at the terminal.
func (p *program) note(format string, args ...any) { fmt.Fprintf(p.stderr, format+"\n", args...) }

// print prints a result.
func (p *program) print(format string, args ...any) { fmt.Fprintf(p.stdout, format+"\n", args...) }

// exit is an exit status of its own, such as those of audit verify.
type exit int

func (e exit) Error() string { return fmt.Sprintf("exit status %d", int(e)) }

func main() {
	bench.Child() // a process that a measurement started does its work here
	os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main with its surroundings given, for the script tests.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	p := &program{ctx: ctx, stdin: stdin, stdout: stdout, stderr: stderr}
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("causeway"),
		kong.Description("One protected record of a child's way to safety. Start with: causeway demo"),
		kong.Writers(stdout, stderr),
		kong.Exit(func(code int) { exited = code }),
		kong.UsageOnError(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	if err != nil {
		fmt.Fprintln(stderr, "causeway:", err)
		return 2
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	k, err := parser.Parse(args)
	if exited >= 0 {
		return exited
	}
	if err != nil {
		fmt.Fprintln(stderr, "causeway: error:", err)
		fmt.Fprintln(stderr, "causeway: hint: causeway --help shows the commands")
		return 2
	}
	return report(k.Run(p), stderr)
}

// report prints an error with its hint and returns the exit status.
func report(err error, stderr io.Writer) int {
	if err == nil {
		return 0
	}
	var code exit
	if errors.As(err, &code) {
		return int(code)
	}
	fmt.Fprintln(stderr, "causeway: error:", err)
	if hint := hintFor(fault.CodeOf(err)); hint != "" {
		fmt.Fprintln(stderr, "causeway: hint:", hint)
	}
	for _, f := range fault.FieldsOf(err) {
		fmt.Fprintf(stderr, "causeway: %s: %s\n", f.Name, locale.Get("en").Error(f.Code))
	}
	return 1
}
