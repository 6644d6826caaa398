package model

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"

	"causeway/protocol/delivery"
)

// Trace makes one run of [Check] again and writes what happens in it, a line a step.
func Trace(seed uint64, at int, spoiled bool, to io.Writer) Report {
	rep := Report{moves: map[move]bool{}}
	w := newWorld(seed<<32+uint64(at), flaws{spoils: spoiled}, &rep, func(int) Store { return NewMemory() })
	w.trace = to
	w.live()
	for _, n := range w.nodes {
		if m, ok := n.rows.(*memory); ok {
			m.print(w, to, n.at)
		}
	}
	rep.Moves = len(rep.moves)
	return rep
}

// print writes what lies in the lanes of a node at the end.
func (m *memory) print(w *world, to io.Writer, at int) {
	for _, l := range m.lanes {
		for _, it := range l.items {
			var p payload
			if it.Content != (delivery.Digest{}) {
				p = w.read(it.Content)
			}
			fmt.Fprintf(to, "%d has %s %s #%d %s answers %s: %s %s, refused: %v, at: %s, void: %v, done: %v, lost: %v\n",
				at, it.Side, it.Stream, it.Seq, name(it.ID), name(it.Answers), p.event, p.by, p.refused, p.at.State, it.Void, it.Done, it.Lost)
		}
	}
}

// name is an id in a trace: the number that it was made from.
func name(id delivery.ID) string { return strconv.FormatUint(binary.LittleEndian.Uint64(id[:]), 10) }

// tell writes a line of the trace, if there is one.
func (w *world) tell(format string, args ...any) {
	if w.trace != nil {
		fmt.Fprintf(w.trace, format+"\n", args...)
	}
}
