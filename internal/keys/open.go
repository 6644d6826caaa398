package keys

import (
	"bytes"
	"cmp"
	"slices"

	"causeway/internal/fault"
)

// found is one place of the keyring as it was read.
type found struct {
	path     string
	raw      []byte
	envelope *envelope // nil unless the file is whole
	err      error
}

// OpenRing opens a node's keyring: the newest whole copy among paths. Copies that
// are missing, damaged or older are written again from it, and [Ring.Notices]
// says so. It refuses with these codes:
//
//   - "keyring-missing": there is no file in any place
//   - "keyring-damaged": no copy is whole
//   - "keyring-newer": written by a later version of the program
//   - "keyring-permissions": others may read a copy; run chmod 600
//   - "keyring-provider": it is protected in another way than by p
//   - "keyring-split": two copies of one generation differ; move one away
//   - "wrong-passphrase", "wrong-key-file", "wrong-credential": of kind Denied
func OpenRing(paths []string, p Provider) (*Ring, error) {
	r, err := newRing(paths, p)
	if err != nil {
		return nil, err
	}
	if err := r.load(); err != nil {
		return nil, err
	}
	return r, nil
}

// Reload reads the file again after another process has changed it. It asks the
// provider only if the protection changed too.
func (r *Ring) Reload() error { return r.load() }

func (r *Ring) load() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	copies, err := readCopies(r.paths)
	if err != nil {
		return err
	}
	s, chosen, err := r.openNewest(copies)
	if err != nil {
		return err
	}
	before := r.state.Load()
	if before != nil && (before.content.Node != s.content.Node || before.content.Generation > s.content.Generation) {
		return fault.New(fault.Conflict, "keyring-changed")
	}
	r.state.Store(s)
	r.written = max(r.written, s.content.Generation)
	r.repair(copies, chosen)
	return nil
}

// readCopies reads every place. Others' permission to read stops everything.
func readCopies(paths []string) ([]*found, error) {
	var copies []*found
	whole, missing := 0, 0
	var worst error
	for _, path := range paths {
		f := &found{path: path}
		f.raw, f.err = readCopy(path)
		if f.err == nil {
			f.envelope, f.err = parseEnvelope(f.raw)
		}
		switch {
		case f.err == nil:
			whole++
		case fault.Is(f.err, fault.NotFound):
			missing++
		case fault.Is(f.err, fault.Denied), fault.CodeOf(f.err) == "keyring-newer":
			return nil, f.err
		default:
			worst = f.err
		}
		copies = append(copies, f)
	}
	switch {
	case whole > 0:
		return copies, nil
	case missing == len(paths):
		return nil, fault.New(fault.NotFound, "keyring-missing")
	}
	return nil, worst
}

// openNewest opens the copy of the highest generation. A copy that only looked
// whole is marked as damaged and the next one tried. One that refuses the
// passphrase may have an altered header: its twin of the same generation is
// tried, but never an older one, whose passphrase may be an earlier one.
func (r *Ring) openNewest(copies []*found) (*ringState, *found, error) {
	order := slices.DeleteFunc(slices.Clone(copies), func(f *found) bool { return f.envelope == nil })
	slices.SortStableFunc(order, func(a, b *found) int { return cmp.Compare(b.envelope.Generation, a.envelope.Generation) })
	var state *ringState
	var chosen *found
	var refused error
	highest := uint64(0) // generation that was opened or refused us
	for _, f := range order {
		if f.envelope.Generation < highest || chosen != nil && bytes.Equal(f.raw, chosen.raw) {
			continue
		}
		s, err := r.openCopy(f.envelope)
		switch {
		case err == nil && chosen != nil:
			return nil, nil, fault.New(fault.Conflict, "keyring-split")
		case err == nil:
			state, chosen, highest = s, f, f.envelope.Generation
		case fault.CodeOf(err) == "keyring-damaged":
			f.err = err
		default:
			f.err, highest = err, f.envelope.Generation
			refused = cmp.Or(refused, err)
		}
	}
	switch {
	case chosen != nil:
		return state, chosen, nil
	case refused != nil:
		return nil, nil, refused
	}
	return nil, nil, damaged()
}

// openCopy opens one copy, with the file key we hold if it still fits.
func (r *Ring) openCopy(e *envelope) (*ringState, error) {
	if now := r.state.Load(); now != nil && now.stanza == e.stanza && now.envelope.Provider == e.Provider {
		return openState(e, slices.Clone(now.fileKey))
	}
	if e.Provider != r.provider.Name() {
		return nil, fault.New(fault.Invalid, "keyring-provider")
	}
	fileKey, err := r.provider.Unwrap(e.stanza, fileKeyContext(e.Node))
	if err != nil {
		return nil, err
	}
	if len(fileKey) != keySize {
		clear(fileKey)
		return nil, damaged()
	}
	return openState(e, fileKey)
}

// repair writes the chosen copy over those that differ. It reads them again
// under the lock: another process may have been in the middle of a change. What
// cannot be repaired is only noted; the node can work with one copy, but it
// cannot change the ring.
func (r *Ring) repair(copies []*found, chosen *found) {
	r.notices = nil
	if !slices.ContainsFunc(copies, func(f *found) bool { return !bytes.Equal(f.raw, chosen.raw) }) {
		return
	}
	unlock, err := lockFile(r.paths[0])
	if err == nil {
		defer unlock()
	}
	for _, f := range copies {
		raw, readErr := readCopy(f.path)
		if readErr == nil && bytes.Equal(raw, chosen.raw) {
			continue
		}
		n := Notice{Path: f.path, Found: fault.CodeOf(f.err)}
		if f.err == nil {
			n.Found = "keyring-older"
		}
		if info, err := ParseFile(raw); err == nil && f.err == nil && info.Generation > chosen.envelope.Generation {
			continue // somebody finished a change meanwhile; Reload finds it
		}
		n.Repaired = err == nil && replaceFile(f.path, chosen.raw) == nil
		r.notices = append(r.notices, n)
	}
}
