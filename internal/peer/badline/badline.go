// Package badline joins two processes by the worst line there is: packets are lost, come
// late and stop coming for a while. It is for tests and measurements only.
//
// Each process lives in a network namespace of its own with one tunnel device; between
// the two devices this program carries the packets, or does not. So it is the system's
// own TCP that meets the loss, also on a kernel without netem. Start at [Lay].
package badline

import "time"

// Quality is how bad a line is.
type Quality struct {
	Loss  float64       // of 1: how many packets are lost, in each direction
	Delay time.Duration // of each packet, in each direction
}
