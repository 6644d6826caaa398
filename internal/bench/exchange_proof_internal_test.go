package bench

import (
	"bytes"
	"testing"
	"time"

	"causeway/protocol/cx"
	"causeway/protocol/proof"
)

// TestProofIsComplete: what two whole nodes said to each other over their doors is proven by
// a file of either, with every receipt in the signed journal of its signer.
func TestProofIsComplete(t *testing.T) {
	c := wedded(t, &Options{})
	for _, e := range []*nodeEnd{c.a, c.b} {
		c.must("serve", e.serve(t.Context()))
	}
	threads := newThreads(1)
	if _, err := c.a.queue(t.Context(), c.b.id, 3, threads, messageSize); err != nil {
		t.Fatal(err)
	}
	c.must("meet", awaitArrivals(t.Context(), c.b, 3))
	prove := func(by, with *nodeEnd) *proof.Report {
		for _, e := range []*nodeEnd{by, with} {
			_, err := e.Journal.Sequence(t.Context())
			c.must("sequence", err)
			_, err = e.Journal.Checkpoint(t.Context())
			c.must("sign", err)
		}
		c.must("ask for proofs", by.AskPlaced(t.Context(), with.id))
		pack, err := by.Exchange.Prove(t.Context(), with.id, threads[0])
		c.must("prove", err)
		var file bytes.Buffer
		c.must("write", proof.Write(&file, pack))
		read, err := proof.Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
		c.must("read", err)
		return read.Check()
	}
	whole := func(r *proof.Report) bool {
		opened := 0
		for _, m := range r.Messages {
			for _, rc := range m.Receipts {
				if rc.Stage == cx.OpenedStage && rc.Logged {
					opened++
				}
			}
		}
		return r.Faults() == 0 && r.Whole() && len(r.Messages) == 3 && opened == 3
	}
	for _, p := range [][2]*nodeEnd{{c.a, c.b}, {c.b, c.a}} {
		var report *proof.Report
		for range 200 { // the last receipts are still on their way
			if report = prove(p[0], p[1]); whole(report) {
				break
			}
			time.Sleep(50 * time.Millisecond)
		}
		if !whole(report) {
			t.Errorf("%s: %+v", p[0].id, report)
		}
	}
}
