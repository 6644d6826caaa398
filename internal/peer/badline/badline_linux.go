package badline

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unsafe"
)

// Line is a line between two ends, until it is closed.
type Line struct {
	Ends [2]End

	quality Quality
	cut     atomic.Bool
	passed  atomic.Int64
	lost    atomic.Int64
	devices [2]*os.File
	done    sync.WaitGroup
}

// End is one end of a line.
type End struct {
	Namespace string // its network namespace
	Address   string // its address there; loopback is up too
}

// packetMost is the largest packet: the devices have an ordinary MTU.
const packetMost = 2048

// Lay makes two namespaces and the line between them. It needs root, the tunnel device
// and ip of iproute2; what is missing is said.
func Lay(name string, q Quality) (*Line, error) {
	l := &Line{quality: q}
	for i := range l.Ends {
		l.Ends[i] = End{fmt.Sprintf("%s-%d", name, i), fmt.Sprintf("10.213.77.%d", i+1)}
		if err := l.end(i); err != nil {
			return nil, errors.Join(err, l.Close())
		}
	}
	for i := range l.devices {
		l.done.Go(func() { l.carry(l.devices[i], l.devices[1-i]) })
	}
	return l, nil
}

// end makes one namespace with its device.
func (l *Line) end(i int) error {
	ns, device := l.Ends[i].Namespace, fmt.Sprintf("cxbad%d", i)
	if err := ip("netns add " + ns); err != nil {
		return err
	}
	f, err := tunnel(device)
	if err != nil {
		return err
	}
	l.devices[i] = f
	for _, do := range []string{
		"link set " + device + " netns " + ns,
		"-n " + ns + " addr add " + l.Ends[i].Address + "/24 dev " + device,
		"-n " + ns + " link set lo up",
		"-n " + ns + " link set " + device + " up",
	} {
		if err := ip(do); err != nil {
			return err
		}
	}
	return nil
}

// ip runs the program ip.
func ip(arguments string) error {
	out, err := exec.Command("ip", strings.Fields(arguments)...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("ip %s: %w: %s", arguments, err, out)
	}
	return nil
}

// tunnel makes a device whose packets are read from a file. The device may go to another
// namespace; the file stays.
func tunnel(name string) (*os.File, error) {
	const (
		setInterface = 0x400454ca // TUNSETIFF
		plainPackets = 0x1001     // IFF_TUN | IFF_NO_PI
	)
	fd, err := syscall.Open("/dev/net/tun", syscall.O_RDWR|syscall.O_NONBLOCK|syscall.O_CLOEXEC, 0)
	if err != nil {
		return nil, fmt.Errorf("open the tunnel device: %w", err)
	}
	var request [40]byte // struct ifreq
	copy(request[:15], name)
	binary.NativeEndian.PutUint16(request[16:], plainPackets)
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, uintptr(fd), setInterface, uintptr(unsafe.Pointer(&request[0]))); errno != 0 {
		_ = syscall.Close(fd) // it is of no use
		return nil, fmt.Errorf("make a tunnel: %w", errno)
	}
	return os.NewFile(uintptr(fd), name), nil
}

// carry takes packets from one end to the other, late or never, until the line closes.
func (l *Line) carry(from, to *os.File) {
	for {
		packet := make([]byte, packetMost)
		n, err := from.Read(packet)
		if err != nil {
			return
		}
		if l.cut.Load() || chance() < l.quality.Loss {
			l.lost.Add(1)
			continue
		}
		l.passed.Add(1)
		time.AfterFunc(l.quality.Delay, func() { _, _ = to.Write(packet[:n]) }) // a closed line loses it
	}
}

// chance returns a number from 0 to below 1.
func chance() float64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return float64(binary.NativeEndian.Uint64(b[:])>>11) / math.Exp2(53)
}

// Cut stops every packet, or lets them through again.
func (l *Line) Cut(cut bool) { l.cut.Store(cut) }

// Counts returns how many packets passed and how many were lost.
func (l *Line) Counts() (passed, lost int64) { return l.passed.Load(), l.lost.Load() }

// Close takes the line and its namespaces away. What runs in them is to be ended first.
func (l *Line) Close() error {
	var err error
	for i, d := range l.devices {
		if d != nil {
			err = errors.Join(err, d.Close())
		}
		err = errors.Join(err, ip("netns del "+l.Ends[i].Namespace))
	}
	l.done.Wait()
	return err
}
