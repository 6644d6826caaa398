// Package cx is the wire format of CX/1, by which nodes refer, transfer and answer for
// a child: what a message says ([Draft], [Message], [Labels], [Attachment]), the
// envelope it travels in, the receipts and errors that answer it, and the bundle that
// carries all of it on a stick. docs/protocol/cx1.md is its specification.
//
// Every format has one spelling: what a parser accepts is, byte for byte, what the
// writer makes of it. A length is checked before what it measures is read.
//
// It is pure code: it reads no clock, keeps nothing and opens no connection. It must
// never hand out any part of a message before all of it was checked, and its errors
// never hold what a message says. Start at [Message], then [Code].
package cx
