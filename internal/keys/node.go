package keys

import (
	"encoding/binary"

	"causeway/internal/fault"
	"causeway/internal/sealed"
)

// epochPrefix is the length of the epoch number in front of a node blob. It is
// big-endian, so that the least blob of a column in byte order is of the oldest
// epoch.
const epochPrefix = 4

// SealNode seals a small value that belongs to no child, such as a colleague's
// name or the label of a saved view, under the current epoch key. The number of
// the epoch stands in front; see [EpochOf]. Rooms seal their rows again after a
// rotation.
func (c *Custody) SealNode(label string, row []byte, version int64, v any) ([]byte, error) {
	k, err := c.nodeEpoch()
	if err != nil {
		return nil, err
	}
	plaintext, err := sealed.Encode(v)
	if err != nil {
		return nil, fault.Wrap(fault.Internal, "seal", err)
	}
	defer clear(plaintext)
	blob := binary.BigEndian.AppendUint32(make([]byte, 0, epochPrefix+len(plaintext)+28), uint32(k.id))
	return k.node.Seal(blob, nil, plaintext, nodePlace(k.id, label, row, version)), nil
}

// OpenNode opens what [Custody.SealNode] made. A blob that was edited or moved is
// "record-altered".
func (c *Custody) OpenNode(label string, row []byte, version int64, blob []byte, v any) error {
	id, err := EpochOf(blob)
	if err != nil {
		return err
	}
	k, err := c.ring.epoch(id)
	if err != nil {
		return err
	}
	plaintext, err := k.node.Open(nil, nil, blob[epochPrefix:], nodePlace(id, label, row, version))
	if err != nil {
		return errAltered
	}
	defer clear(plaintext)
	return fault.Wrap(fault.Internal, "record-unreadable", sealed.Decode(plaintext, v))
}

// EpochOf returns the epoch under whose key a blob of [Custody.SealNode] is.
func EpochOf(blob []byte) (int64, error) {
	if len(blob) < epochPrefix {
		return 0, errAltered
	}
	return int64(binary.BigEndian.Uint32(blob)), nil
}

// nodeEpoch returns the epoch key in use as far as this instance knows.
func (c *Custody) nodeEpoch() (*epochKey, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.current != nil {
		return c.current, nil
	}
	return c.ring.newest()
}

func nodePlace(epoch int64, label string, row []byte, version int64) []byte {
	ad := binary.BigEndian.AppendUint64(make([]byte, 0, 96), uint64(epoch))
	return place(ad, label, row, version)
}
