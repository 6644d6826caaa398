//go:build unix

package bench

import (
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"strconv"
	"syscall"
)

// What the server does on these signals: PostgreSQL documentation, section
// "Shutting Down the Server".
var (
	fastShutdown      os.Signal = syscall.SIGINT
	immediateShutdown os.Signal = syscall.SIGQUIT
)

// asServer has cmd run as a user PostgreSQL agrees to run as, who becomes the
// owner of dir.
func asServer(cmd *exec.Cmd, dir string) error {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // not stopped by the terminal together with us
	if os.Geteuid() != 0 {
		return nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		if u, err = user.Lookup("nobody"); err != nil {
			return fmt.Errorf("PostgreSQL does not run as root: %w", err)
		}
	}
	uid, uerr := strconv.Atoi(u.Uid)
	gid, gerr := strconv.Atoi(u.Gid)
	if uerr != nil || gerr != nil {
		return fmt.Errorf("user %s has no number", u.Username)
	}
	cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	cmd.Dir = "/"
	if dir == "" {
		return nil
	}
	return os.Chown(dir, uid, gid)
}
