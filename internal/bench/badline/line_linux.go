package badline

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"syscall"
	"time"
	"unsafe"
)

// joinFile is the file over which a process hands its tunnel out.
const joinFile = 3

// joinWithin is how long a process may take to make its tunnel.
const joinWithin = time.Minute

// rights is what is tried to get a process into a network namespace of its own: as root,
// and as anybody in a user namespace in which it is root.
func rights() []*syscall.SysProcAttr {
	itself := func(id int) []syscall.SysProcIDMap { return []syscall.SysProcIDMap{{HostID: id, Size: 1}} }
	return []*syscall.SysProcAttr{
		{Cloneflags: syscall.CLONE_NEWNET},
		{
			Cloneflags:  syscall.CLONE_NEWNET | syscall.CLONE_NEWUSER,
			UidMappings: itself(os.Getuid()), GidMappings: itself(os.Getgid()),
		},
	}
}

// enter starts a process in a namespace of its own and gets its tunnel.
func enter(n int, prepare func(n int) (*exec.Cmd, error)) (*End, *os.File, error) {
	var failed error
	for _, how := range rights() {
		cmd, err := prepare(n)
		if err != nil {
			return nil, nil, err
		}
		cmd.SysProcAttr = how
		e, device, err := joined(cmd, n)
		if err == nil {
			return e, device, nil
		}
		failed = errors.Join(failed, err)
	}
	return nil, nil, fmt.Errorf("%w (%w)", ErrNotHere, failed)
}

// joined starts a process, tells it which end it is, and waits for its tunnel.
func joined(cmd *exec.Cmd, n int) (*End, *os.File, error) {
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	near, far := os.NewFile(uintptr(pair[0]), "tunnel"), os.NewFile(uintptr(pair[1]), "tunnel")
	defer near.Close()
	cmd.ExtraFiles = []*os.File{far} // [joinFile]
	e, err := started(cmd)
	_ = far.Close() // the process has its own
	if err != nil {
		return nil, nil, err
	}
	conn, err := net.FileConn(near)
	if err != nil {
		return nil, nil, errors.Join(err, e.stop())
	}
	defer conn.Close()
	var device *os.File
	if _, err = conn.Write([]byte{byte(n)}); err == nil {
		device, err = received(conn)
	}
	if err != nil {
		return nil, nil, errors.Join(err, e.stop())
	}
	return e, device, nil
}

// received takes a tunnel, or the word why there is none.
func received(conn net.Conn) (*os.File, error) {
	c, ok := conn.(*net.UnixConn)
	if !ok {
		return nil, errors.New("no way to receive a tunnel")
	}
	if err := c.SetReadDeadline(time.Now().Add(joinWithin)); err != nil {
		return nil, err
	}
	word, rights := make([]byte, 512), make([]byte, syscall.CmsgSpace(4))
	n, m, _, _, err := c.ReadMsgUnix(word, rights)
	if err != nil {
		return nil, err
	}
	messages, err := syscall.ParseSocketControlMessage(rights[:m])
	if err != nil || len(messages) != 1 {
		return nil, fmt.Errorf("the process says: %s", bytes.TrimSpace(word[:n]))
	}
	fds, err := syscall.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return nil, errors.Join(errors.New("no tunnel came"), err)
	}
	syscall.CloseOnExec(fds[0])
	return os.NewFile(uintptr(fds[0]), "tunnel"), syscall.SetNonblock(fds[0], true)
}

// Join makes the tunnel of this process's end in its namespace and hands it to the process
// that laid the line.
func Join() error {
	conn := os.NewFile(joinFile, "tunnel")
	defer conn.Close()
	var n [1]byte
	if _, err := io.ReadFull(conn, n[:]); err != nil {
		return err
	}
	fd, err := tunnel("cxline", Address(int(n[0])))
	if err != nil {
		_, werr := io.WriteString(conn, err.Error())
		return errors.Join(err, werr)
	}
	defer syscall.Close(fd)
	return syscall.Sendmsg(joinFile, []byte{0}, syscall.UnixRights(fd), nil, 0)
}

// request is struct ifreq.
type request [40]byte

func requestOf(name string) (r request) {
	copy(r[:15], name)
	return r
}

// ask makes one request of the kernel.
func ask(fd int, what uintptr, r *request) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), what, uintptr(unsafe.Pointer(r))); errno != 0 {
		return errno
	}
	return nil
}

// tunnel makes a device with an address, whose packets are read from a file, and sets it
// and loopback up.
func tunnel(name, address string) (int, error) {
	const (
		setInterface = 0x400454ca // TUNSETIFF
		plainPackets = 0x1001     // IFF_TUN | IFF_NO_PI
	)
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open the tunnel device: %w", err)
	}
	r := requestOf(name)
	binary.NativeEndian.PutUint16(r[16:], plainPackets)
	if err = ask(fd, setInterface, &r); err == nil {
		err = up(name, address)
	}
	if err != nil {
		_ = syscall.Close(fd) // it is of no use
		return -1, fmt.Errorf("make a tunnel: %w", err)
	}
	return fd, nil
}

// up gives a device its address and sets it and loopback up.
func up(name, address string) error {
	s, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_DGRAM|syscall.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer syscall.Close(s)
	sockaddr := func(ip net.IP) request {
		r := requestOf(name)
		binary.NativeEndian.PutUint16(r[16:], syscall.AF_INET)
		copy(r[20:24], ip.To4())
		return r
	}
	own, mask := sockaddr(net.ParseIP(address)), sockaddr(net.IPv4(255, 255, 255, 0))
	for _, set := range []struct {
		what uintptr
		r    *request
	}{{syscall.SIOCSIFADDR, &own}, {syscall.SIOCSIFNETMASK, &mask}} {
		if err := ask(s, set.what, set.r); err != nil {
			return err
		}
	}
	for _, device := range []string{name, "lo"} {
		r := requestOf(device)
		binary.NativeEndian.PutUint16(r[16:], syscall.IFF_UP|syscall.IFF_RUNNING)
		if err := ask(s, syscall.SIOCSIFFLAGS, &r); err != nil {
			return err
		}
	}
	return nil
}
