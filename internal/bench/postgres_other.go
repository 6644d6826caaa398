//go:build !unix

package bench

import (
	"os"
	"os/exec"
)

var (
	fastShutdown      = os.Interrupt
	immediateShutdown = os.Kill
)

// asServer changes nothing: these systems have no other user to run as.
func asServer(*exec.Cmd, string) error { return nil }
