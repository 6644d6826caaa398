package exchange_test

import (
	"bytes"
	"testing"

	"causeway/internal/store"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
	"causeway/protocol/proof"
)

// TestProve: each of two nodes can prove to others what was said, without saying what.
func TestProve(t *testing.T) {
	ends(t, func(t *testing.T, a, b *end) {
		thread := cx.NewThread()
		id := a.says(b, thread, cx.ReferralOffer)
		a.says(b, cx.NewThread(), cx.ReferralOffer) // another thread
		rests(a, b)
		for _, by := range []struct {
			end  *end
			with identity.NodeID
		}{{a, "xb.moi"}, {b, "xa.dcs"}} {
			var pack *proof.Pack
			ok(t, by.end.DB.Read(ctx, func(tx *store.Tx) (err error) {
				pack, err = by.end.room.Prove(ctx, tx, by.with, thread)
				return err
			}))
			var file bytes.Buffer
			ok(t, proof.Write(&file, pack))
			read, err := proof.Read(bytes.NewReader(file.Bytes()), int64(file.Len()))
			ok(t, err)
			report := read.Check()
			if report.Faults() != 0 || len(report.Messages) != 2 || len(report.Nodes) != 2 {
				t.Fatalf("%s: %+v", by.end.room.Node(), report)
			}
			asked := report.Messages[0]
			if asked.Content.ID != id || asked.Answered != 2 || len(asked.Receipts) == 0 || asked.Header == nil || asked.Payload != nil || asked.Labels != nil {
				t.Errorf("%s: %+v", by.end.room.Node(), asked)
			}
		}
	})
}
