// Package delivery is what it means that a message between two nodes arrives: once,
// in its order, and with nothing forgotten, over a line that loses, doubles and
// reorders, while either node is killed at any moment or put back from a backup.
//
// It is pure code over [Rows]: it knows no format, no clock and no disk. A node
// keeps the rows in tables and calls a [Desk] inside its own transactions; the check
// in package model keeps them in maps and shakes the same functions.
//
// # How it works
//
// Two nodes hold threads. A thread has two streams, commands and statuses, and each
// node has a lane for what it says in a stream ([Lane]). The items of a lane are
// numbered from 1 without a gap, and each names the content of the one before.
//
//   - Sending: [Desk.Seat] gives the next number, the caller signs, [Desk.Append]
//     keeps it. An item is sent again and again until it is done: a command when
//     the peer's answer is held, anything else when the peer holds it and all
//     before it. A receipt alone releases no command.
//   - Receiving: [Desk.Accept] keeps an envelope unopened, with the receipt it was
//     answered with; the same envelope always gets the same bytes. [Desk.Next] and
//     [Desk.Open] take the items of a lane in order, each once.
//   - Starting: a node that starts may have been put back from a backup without
//     knowing. So it says nothing to a peer, and takes nothing, before both have
//     compared what they hold ([Desk.Begin], [Desk.Question], [Desk.Reply],
//     [Desk.Learn]). A peer that holds more of ours than we do proves a restore: we
//     enter a new epoch, and get back what we said ([Desk.Recover]).
//   - Two items at one place are a fork: the thread is frozen, both are kept, and a
//     person looks.
//
// Start at [Desk].
package delivery
