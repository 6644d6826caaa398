package forms

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"fmt"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
)

// PurposeForms is the purpose of changing forms.
const PurposeForms = "administration"

const versionTable = "forms_version"

// Editor changes the forms of this node. Unlike [Room] it opens transactions of
// its own: a form belongs to no case.
type Editor struct {
	gate *access.Gate
	lib  *Library
}

// NewEditor returns the editor of a library.
func NewEditor(gate *access.Gate, lib *Library) *Editor { return &Editor{gate: gate, lib: lib} }

// Draft keeps a draft of a form: a new version of this node's own, or the draft
// that is there already, changed. seen is the edition of the draft on the page, 0
// for a new one; a change by somebody else since then is a Conflict. The version
// that body names does not count: the room numbers versions.
func (e *Editor) Draft(ctx context.Context, c *access.Caller, cmd ident.Command, body []byte, seen int64) (Version, error) {
	f, err := Parse(body, e.lib.codes)
	if err != nil {
		return Version{}, err
	}
	return e.edit(ctx, c, cmd, "form.edit", f.ID, func(p *access.Pass) (key, error) {
		k := key{f.ID, FirstOwn}
		for _, v := range e.lib.Versions(f.ID) {
			if v.State == Draft {
				return e.redraft(ctx, p, key{f.ID, v.Form.Version}, body, seen)
			}
			k.version = max(k.version, v.Form.Version+1)
		}
		if seen != 0 {
			return k, fault.New(fault.Conflict, "changed-meanwhile")
		}
		err := p.Tx().Put(ctx, sqlInsertVersion, k.form, int64(k.version), p.Now().UnixMicro(), p.Caller().Staff(), body)
		if err != nil {
			return k, fmt.Errorf("write draft: %w", err)
		}
		e.wrote(p, k, 1, Draft, body)
		return k, nil
	})
}

func (e *Editor) redraft(ctx context.Context, p *access.Pass, k key, body []byte, seen int64) (key, error) {
	v, _, err := e.lib.read(ctx, p.Tx(), k)
	if err != nil {
		return k, err
	}
	if v.State != Draft || v.Edition != seen {
		return k, fault.New(fault.Conflict, "changed-meanwhile")
	}
	return k, e.update(ctx, p, k, v.Edition, Draft, body)
}

// Publish puts a draft in force. Records that were begun under an older version
// stay under it.
func (e *Editor) Publish(ctx context.Context, c *access.Caller, cmd ident.Command, form string, version int, seen int64) (Version, error) {
	return e.move(ctx, c, cmd, key{form, version}, seen, Draft, Published)
}

// Retire ends a version: no record is begun under it any more. What was answered
// stays readable, and a record that was begun can be finished.
func (e *Editor) Retire(ctx context.Context, c *access.Caller, cmd ident.Command, form string, version int, seen int64) (Version, error) {
	return e.move(ctx, c, cmd, key{form, version}, seen, Published, Retired)
}

func (e *Editor) move(ctx context.Context, c *access.Caller, cmd ident.Command, k key, seen int64, from, to string) (Version, error) {
	return e.edit(ctx, c, cmd, "form.publish", k.form, func(p *access.Pass) (key, error) {
		v, body, err := e.lib.read(ctx, p.Tx(), k)
		if err != nil {
			return k, err
		}
		if v.State != from || v.Edition != seen {
			return k, fault.New(fault.Conflict, "changed-meanwhile")
		}
		return k, e.update(ctx, p, k, v.Edition, to, body)
	})
}

func (e *Editor) update(ctx context.Context, p *access.Pass, k key, edition int64, state string, body []byte) error {
	n, err := p.Tx().Exec(ctx, sqlUpdateVersion, k.form, int64(k.version), state, edition+1, p.Now().UnixMicro(),
		p.Caller().Staff(), body, edition)
	if err != nil {
		return fmt.Errorf("write form: %w", err)
	}
	if n != 1 {
		return fault.New(fault.Conflict, "changed-meanwhile")
	}
	e.wrote(p, k, edition+1, state, body)
	return nil
}

// wrote names the version in the journal entry. Forms belong to no subject and
// have no key: their digest is a plain one, which anybody can check.
func (e *Editor) wrote(p *access.Pass, k key, edition int64, state string, body []byte) {
	h := sha256.New()
	for _, part := range [][]byte{[]byte(k.form), []byte(state), body} {
		_ = binary.Write(h, binary.BigEndian, uint64(len(part))) // a hash never fails
		h.Write(part)
	}
	p.Wrote(versionTable, fmt.Appendf(nil, "%s-%d", k.form, k.version), edition, h.Sum(nil))
}

// edit is the frame of what changes forms. A form is used by everybody, so only
// who stands at the head ([access.Pass.AtHead]) may change one.
func (e *Editor) edit(ctx context.Context, c *access.Caller, cmd ident.Command, action, form string, do func(*access.Pass) (key, error)) (Version, error) {
	act := access.Act{Action: action, Purpose: PurposeForms, Command: cmd}
	done, err := e.gate.Do(ctx, c, act, func(p *access.Pass) (string, error) {
		if err := p.AtHead(ctx); err != nil {
			return "", err
		}
		k, err := do(p)
		return fmt.Sprint(k.version), err
	})
	if err != nil {
		return Version{}, err
	}
	k := key{form: form}
	if _, err := fmt.Sscan(done, &k.version); err != nil {
		return Version{}, fmt.Errorf("read version: %w", err)
	}
	var v Version
	err = e.gate.Own(ctx, c, func(p *access.Pass) (err error) {
		v, err = e.lib.load(ctx, p.Tx(), k)
		return err
	})
	return v, err
}
