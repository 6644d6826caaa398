package node

import (
	"fmt"

	"causeway/internal/document"
	"causeway/internal/pack"
)

// mebibyte is the unit of the pack's numbers about documents.
const mebibyte = 1 << 20

// newDocuments opens the room of documents, with the pack's limits and the
// scanner of the configuration.
func (n *Node) newDocuments() (*document.Room, error) {
	room, err := document.New(n.DB, n.Custody, document.Limits{
		File: int64(n.Pack.Clock(pack.DocumentMost).Value) * mebibyte,
		Case: int64(n.Pack.Clock(pack.CaseDocuments).Value) * mebibyte,
		Keep: n.Pack.Clock(pack.DocumentUpload).Duration(),
	}, document.NewScanner(n.Config.Scanner))
	if err != nil {
		return nil, fmt.Errorf("open documents: %w", err)
	}
	return room, nil
}
