package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"causeway/protocol/cx"
	"causeway/protocol/proof"
)

// writer says what a report proves.
type writer struct {
	to    io.Writer
	trust trusted

	false, open int // how much is false, and how much is not settled
}

func (w *writer) say(format string, args ...any) { fmt.Fprintf(w.to, format+"\n", args...) }

// wrong says that something is false.
func (w *writer) wrong(what string) {
	w.false++
	w.say("  FALSE: %s.", what)
}

func day(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04:05 UTC") }

// report writes the whole report and returns the exit status.
func (w *writer) report(r *proof.Report) int {
	w.say("\nWhose keys everything rests on")
	for _, n := range r.Nodes {
		w.node(&n)
	}
	for i, m := range r.Messages {
		w.say("\nMessage %d", i+1)
		w.message(&m)
	}
	w.say("\nWhat no pack can prove: that a clock was right, that a person has read what a machine opened,")
	w.say("and that nothing else was said.\n")
	switch {
	case w.false > 0:
		w.say("RESULT: FALSE. %s. Do not rely on this pack.", things(w.false, "is", "are", "false"))
		return forged
	case !r.Whole() || w.open > 0:
		w.say("RESULT: NOT COMPLETE. Nothing is false, but something is missing, doubtful or not compared.")
		return incomplete
	}
	w.say("RESULT: PROVEN.")
	return proven
}

func things(n int, is, are, what string) string {
	if n == 1 {
		return "One thing " + is + " " + what
	}
	return fmt.Sprintf("%d things %s %s", n, are, what)
}

func (w *writer) node(n *proof.NodeReport) {
	w.say("  %s", n.ID)
	w.say("    fingerprint of its recovery key: %s", n.Fingerprint)
	switch told, same := w.trust.holds(n.ID, n.Fingerprint); {
	case same:
		w.say("    This is the fingerprint that you were told.")
	case told:
		w.wrong("this is not the fingerprint that you were told")
	default:
		w.open++
		w.say("    NOT COMPARED: ask the node for it over a number that you knew before, and use --trust.")
	}
	if n.Fault != "" {
		w.wrong(n.Fault)
		return
	}
	w.say("    The recovery key signed %d list(s) of keys and %d revocation(s) in this pack.", n.Schedules, n.Revocations)
}

func (w *writer) message(m *proof.MessageReport) {
	n := m.Content
	if n == nil {
		w.wrong(m.Fault)
		return
	}
	w.say("  %s, number %d of its line, id %s", n.Type, n.Seq, n.ID)
	if m.Fault != "" {
		w.wrong(m.Fault)
	} else {
		w.say("  %s wrote it to %s, and signed it on %s.", n.From, n.To, day(n.Created))
	}
	if m.Doubtful {
		w.say("  DOUBTFUL: the key that signed it was reported to be in wrong hands by then.")
	}
	w.shown(m)
	for _, r := range m.Receipts {
		w.receipt(&r)
	}
	if len(m.Receipts) == 0 {
		w.say("  No receipt is shown: it is not proven that %s got it.", n.To)
	}
	switch {
	case m.Answered > 0:
		w.say("  %s answered it: message %d.", n.To, m.Answered)
	case n.Type.Asks():
		w.say("  No answer is shown.")
	}
}

// shown says what of a message can be read.
func (w *writer) shown(m *proof.MessageReport) {
	if l := m.Labels; l != nil {
		flags := "none"
		if len(l.Flags) > 0 {
			list := make([]string, len(l.Flags))
			for i, f := range l.Flags {
				list[i] = string(f)
			}
			flags = strings.Join(list, ", ")
		}
		w.say("  It was sent for the purpose %s, on the basis %s, handling %s, warnings: %s.", l.Purpose, l.Basis, l.Handling, flags)
	} else if m.Fault == "" {
		w.say("  Its conditions are not shown.")
	}
	if m.Payload != nil {
		w.say("  It says: %s", printable(m.Payload))
	} else if m.Fault == "" {
		w.say("  What it says is not shown.")
	}
	for _, a := range m.Content.Attachments {
		w.say("  It carries a file (%s, %s, %d bytes) with the SHA-256 %s.", a.Class, a.Media, a.PlainSize, a.Plain)
	}
}

// printable keeps what somebody else wrote from steering the terminal.
func printable(b []byte) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return '\ufffd'
		}
		return r
	}, string(b))
}

// stages is what a receipt confirms, in words.
var stages = map[cx.Stage]string{
	cx.Stored: "that it has it", cx.Rejected: "that it did not take it", cx.OpenedStage: "that it opened it and took it",
	cx.Unreadable: "that it could not open it", cx.Refused: "that it read and refused it",
}

func (w *writer) receipt(r *proof.ReceiptReport) {
	if r.Receipt == nil {
		w.wrong(r.Fault)
		return
	}
	why := ""
	if r.Code != "" {
		why = fmt.Sprintf(" (%s)", r.Code)
	}
	if len(r.Unmet) > 0 {
		why += " because of " + strings.Join(r.Unmet, ", ")
	}
	if r.Fault != "" {
		w.wrong(r.Fault)
		return
	}
	w.say("  %s confirmed on %s %s%s.", r.From, day(r.At), stages[r.Stage], why)
	if r.Doubtful {
		w.say("    DOUBTFUL: the key that signed this was reported to be in wrong hands by then.")
	}
	if r.Logged {
		w.say("    The confirmation stands in the journal %s, under a signed root of %d entries.", r.LogName, r.LogSize)
		for _, name := range r.Witnesses {
			w.say("    %s vouches for that root.", name)
		}
	} else {
		w.say("    Its place in a journal is not shown.")
	}
}
