package web

// Desk is the first page of whoever looks after no child: their places, each with its
// words "desk.<Tab>" and what waits there.
type Desk struct {
	Frame
	Places []NavItem
}
