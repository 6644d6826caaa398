// Package packs holds the jurisdiction packs that come with the program: plain
// files which a country's lawyers and case workers can read and correct.
//
// It never interprets them; package pack reads and checks. Start at
// default/README.md.
package packs

import (
	"embed"
	"io/fs"
)

//go:embed default demo
var files embed.FS

// Default returns the globally neutral pack: every code list, clock and policy
// the program needs, and no country's geography.
func Default() fs.FS { return sub("default") }

// Demo returns the additions for the demo: three invented countries and their
// regions. It is laid over the default pack and never used on a real node.
func Demo() fs.FS { return sub("demo") }

func sub(dir string) fs.FS {
	f, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the folder names above are constants
	}
	return f
}
