package main

import (
	"bytes"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"causeway": main})
}

// TestScripts runs testdata/*.txt: each is a terminal session with the command.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir: "testdata", RequireExplicitExec: true, RequireUniqueNames: true,
		Setup: func(e *testscript.Env) error {
			for name, ports := range map[string]int{"LISTEN": 1, "LISTEN3": 3, "METRICS": 1} {
				address, err := freeAddress(ports)
				if err != nil {
					return err
				}
				e.Setenv(name, address)
				at := netip.MustParseAddrPort(address)
				for i := 1; i < ports; i++ { // LISTEN3_1 and LISTEN3_2
					next := netip.AddrPortFrom(at.Addr(), at.Port()+uint16(i))
					e.Setenv(fmt.Sprintf("%s_%d", name, i), next.String())
				}
			}
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"mode": mode, "answers": answers, "spoil": spoil, "lacks": lacks, "save": save, "login": login, "policy": policy,
			"digits": digits,
		},
	})
}

// freeAddress returns an address whose port, and those that follow it up to ports in
// all, nobody listens on.
func freeAddress(ports int) (string, error) {
	for {
		first, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			return "", err
		}
		at := first.Addr().(*net.TCPAddr)
		held := []net.Listener{first}
		for i := 1; i < ports; i++ {
			if ln, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", at.Port+i)); err == nil {
				held = append(held, ln)
			}
		}
		for _, ln := range held {
			if err := ln.Close(); err != nil {
				return "", err
			}
		}
		if len(held) == ports {
			return at.String(), nil
		}
	}
}

// mode OCTAL FILE... : every file has exactly this mode.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: mode OCTAL FILE...")
	}
	for _, name := range args[1:] {
		s, err := os.Stat(ts.MkAbs(name))
		ts.Check(err)
		if got := fmt.Sprintf("%o", s.Mode().Perm()); got != args[0] {
			ts.Fatalf("%s has mode %s, want %s", name, got, args[0])
		}
	}
}

// answers URL [STATUS]: waits until somebody answers there.
func answers(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: answers URL [STATUS]")
	}
	client := http.Client{Timeout: time.Second, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for range 200 {
		r, err := client.Get(args[0])
		if err == nil {
			r.Body.Close()
			if len(args) > 1 && fmt.Sprint(r.StatusCode) != args[1] {
				ts.Fatalf("%s answers %d, want %s", args[0], r.StatusCode, args[1])
			}
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	ts.Fatalf("nobody answers at %s", args[0])
}

// spoil FILE [TENTH]: turns one byte of a file over, in the middle or so many
// tenths in; "spoil FILE all" one in every four thousand.
func spoil(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 1 {
		ts.Fatalf("usage: spoil FILE [TENTH|all]")
	}
	path := ts.MkAbs(args[0])
	b, err := os.ReadFile(path)
	ts.Check(err)
	switch {
	case len(args) == 1:
		b[len(b)/2] ^= 1
	case args[1] == "all":
		for i := 2_000; i < len(b); i += 4_000 {
			b[i] ^= 1
		}
	default:
		b[len(b)*int(args[1][0]-'0')/10] ^= 1
	}
	ts.Check(os.WriteFile(path, b, 0o600))
}

// login ROLE: finds the first sign-in of a role in what the demo printed, keeps
// the name in NAME and the password in the file "password".
func login(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: login ROLE")
	}
	for line := range strings.Lines(ts.ReadFile("stdout")) {
		if f := strings.Fields(line); len(f) > 3 && f[0] == args[0] {
			ts.Setenv("NAME", f[1])
			ts.Check(os.WriteFile(ts.MkAbs("password"), []byte(f[2]+"\n"), 0o600))
			return
		}
	}
	ts.Fatalf("the demo printed no %s", args[0])
}

// digits FILE NAME: keeps the first line of a file in a variable.
func digits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: digits FILE NAME")
	}
	line, _, _ := strings.Cut(ts.ReadFile(args[0]), "\n")
	ts.Setenv(args[1], line)
}

// lacks DIR TEXT... : no file below a folder holds a text.
func lacks(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: lacks DIR TEXT...")
	}
	ts.Check(filepath.WalkDir(ts.MkAbs(args[0]), func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(path)
		for _, text := range args[1:] {
			if bytes.Contains(b, []byte(text)) {
				ts.Fatalf("%s holds %q", path, text)
			}
		}
		return err
	}))
}

// policy writes a policy of one witness: policy FILE KEY URL.
func policy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: policy FILE KEY URL")
	}
	text := "witness w " + args[1] + " " + args[2] + "\nquorum w\n"
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text), 0o600))
}

// save NAME: keeps the first line of the last output in a variable.
func save(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: save NAME")
	}
	line, _, _ := strings.Cut(ts.ReadFile("stdout"), "\n")
	ts.Setenv(args[0], strings.TrimSpace(line))
}
