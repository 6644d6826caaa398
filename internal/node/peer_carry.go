package node

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"causeway/internal/access"
	"causeway/internal/exchange"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/peer"
	"causeway/internal/web"
	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

// bundleDesk lets the pages take bundles out and in (web.BundleDesk). What was made lies in
// the spool for a day, in a folder that is named by the command that made it: so the same
// command makes it once, and the courier's file can be fetched when it is whole.
type bundleDesk struct{ n *Node }

const (
	bundlesFolder = "bundles"
	bundleFile    = "bundle.json" // written last: without it a folder is not whole
	bundleKeep    = 24 * time.Hour
)

func (d bundleDesk) folder(id string) string {
	return filepath.Join(d.n.Dir, spoolFolder, bundlesFolder, id)
}

// may enters the act and refuses whoever must not carry, or while the disk is full.
func (d bundleDesk) may(ctx context.Context, c *access.Caller, cmd ident.Command, to identity.NodeID) error {
	if err := d.n.Exchange.Carries(ctx, c, cmd, to); err != nil {
		return err
	}
	if d.n.disk.full.Load() {
		return fault.New(fault.Unavailable, "disk-full")
	}
	return os.MkdirAll(d.folder(cmd.String()), 0o700)
}

// Export implements web.BundleDesk.
func (d bundleDesk) Export(ctx context.Context, c *access.Caller, cmd ident.Command, to identity.NodeID) (string, error) {
	id := cmd.String()
	if err := d.may(ctx, c, cmd, to); err != nil {
		return "", err
	}
	if _, err := os.Stat(filepath.Join(d.folder(id), bundleFile)); err == nil {
		return id, nil
	}
	slips, err := d.n.ExportBundle(ctx, to, func(part, _ int) (io.WriteCloser, error) {
		return os.OpenFile(d.part(id, part), os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	})
	if err != nil {
		return "", err
	}
	kept := &web.BundleKept{Peer: to}
	for _, s := range slips {
		info, err := os.Stat(d.part(id, int(s.Part)))
		if err != nil {
			return "", fmt.Errorf("look at bundle: %w", err)
		}
		kept.Slips = append(kept.Slips, slipRow(s, info.Size()))
	}
	return id, d.keep(id, kept)
}

func slipRow(s peer.Slip, size int64) web.BundleSlip {
	return web.BundleSlip{
		Part: int(s.Part), Parts: int(s.Parts), Items: s.Count, Envelopes: s.Envelopes, Notes: s.Notes, Pieces: s.Pieces, Bytes: size,
		Digest: s.Digest.String(),
	}
}

func (d bundleDesk) part(id string, part int) string {
	return filepath.Join(d.folder(id), strconv.Itoa(part)+cx.BundleEnding)
}

func (d bundleDesk) keep(id string, kept *web.BundleKept) error {
	b, err := json.Marshal(kept)
	if err != nil {
		return fmt.Errorf("keep bundle: %w", err)
	}
	return os.WriteFile(filepath.Join(d.folder(id), bundleFile), b, 0o600)
}

// Import implements web.BundleDesk. What was whole before the file broke off is taken in.
func (d bundleDesk) Import(ctx context.Context, c *access.Caller, cmd ident.Command, r io.Reader) (string, identity.NodeID, error) {
	if err := d.may(ctx, c, cmd, ""); err != nil {
		return "", "", err
	}
	taken, err := d.n.ImportBundle(ctx, r)
	if taken == nil {
		return "", "", err
	}
	broken := fault.CodeOf(err) == "peer-bundle"
	if err != nil && !broken {
		return "", "", err
	}
	kept := &web.BundleKept{
		Peer: taken.Peer, In: true, Slips: []web.BundleSlip{slipRow(taken.Slip, 0)}, Received: taken.Received, Damaged: taken.Damaged,
		Refused: taken.Refused, Broken: broken,
	}
	return cmd.String(), taken.Peer, d.keep(cmd.String(), kept)
}

// Bundle implements web.BundleDesk.
func (d bundleDesk) Bundle(ctx context.Context, c *access.Caller, id string) (*web.BundleKept, error) {
	if err := d.n.Gate.Permit(ctx, c, "peer.carry", exchange.Purpose); err != nil {
		return nil, err
	}
	b, err := os.ReadFile(filepath.Join(d.folder(known(id)), bundleFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "bundle-gone")
	}
	if err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	kept := new(web.BundleKept)
	if err := json.Unmarshal(b, kept); err != nil {
		return nil, fmt.Errorf("read bundle: %w", err)
	}
	return kept, nil
}

// Part implements web.BundleDesk.
func (d bundleDesk) Part(ctx context.Context, c *access.Caller, id string, part int) (io.ReadCloser, error) {
	if err := d.n.Gate.Permit(ctx, c, "peer.carry", exchange.Purpose); err != nil {
		return nil, err
	}
	f, err := os.Open(d.part(known(id), part))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, "bundle-gone")
	}
	return f, err
}

// known returns an id that names a folder of ours, of a forged one a new one.
func known(id string) string {
	if cmd, err := ident.Parse[ident.Command](id); err == nil {
		return cmd.String()
	}
	return ident.New[ident.Command]().String()
}

// expireBundles removes what was made more than a day ago.
func (n *Node) expireBundles(context.Context) error {
	at := filepath.Join(n.Dir, spoolFolder, bundlesFolder)
	all, err := os.ReadDir(at)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, e := range all {
		info, ierr := e.Info()
		if ierr == nil && n.Clock.Now().Sub(info.ModTime()) > bundleKeep {
			err = errors.Join(err, os.RemoveAll(filepath.Join(at, e.Name())))
		}
	}
	return err
}
