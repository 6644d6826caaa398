package backup

import (
	"context"

	"causeway/internal/fault"
	"causeway/internal/journal"
)

// readTombstones reads the erasures in the journal packs that others kept of this node:
// what was erased after the backup stays erased even where the restrictions file is
// lost. A pack of another node, or one that does not verify under this node's keys,
// stops the restore before anything is written.
func (t *Target) readTombstones(ctx context.Context) ([]Restriction, error) {
	var out []Restriction
	for _, path := range t.Packs {
		list, err := t.tombstonesOf(ctx, path)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

func (t *Target) tombstonesOf(ctx context.Context, path string) ([]Restriction, error) {
	p, err := journal.OpenPack(path)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "pack-altered", err)
	}
	defer p.Close()
	// One key of a node counts for every epoch of its log.
	keys, err := t.Ring.VerifierKeys("causeway/" + t.Ring.NodeName() + "/1")
	if err != nil {
		return nil, err
	}
	report, err := journal.Verify(ctx, p, journal.Options{Keys: keys}, nil)
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, "pack-altered", err)
	}
	if report.Exit != journal.Sound || report.Node != t.Ring.NodeName() {
		return nil, fault.New(fault.Invalid, "pack-altered")
	}
	erased, err := journal.Tombstones(ctx, p)
	if err != nil {
		return nil, err
	}
	var out []Restriction
	for _, e := range erased {
		out = append(out, Restriction{At: e.At, Kind: Destroyed, A: e.Subject})
	}
	return out, nil
}
