package bench

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/web"
)

// desk is what the pages of a node take bundles out and in with.
func desk(t *testing.T, e *nodeEnd) web.BundleDesk {
	t.Helper()
	d, err := e.Door()
	if err != nil {
		t.Fatal(err)
	}
	return d.Bundles
}

// TestBundlesFromThePages: what waits at a node goes to the other and its receipts come back
// in files that the pages made: once for a command, and for nobody who may not.
func TestBundlesFromThePages(t *testing.T) {
	a, b, err := exchangePair(t.Context(), &Options{Short: true, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := errors.Join(a.end(), b.end()); err != nil {
			t.Error(err)
		}
	}()
	if err := errors.Join(a.Exchange.Start(t.Context()), b.Exchange.Start(t.Context())); err != nil {
		t.Fatal(err)
	}
	if _, err := a.queue(t.Context(), b.id, 3, newThreads(2), messageSize); err != nil {
		t.Fatal(err)
	}
	for _, way := range [][2]*nodeEnd{{a, b}, {b, a}, {a, b}, {b, a}} {
		from, to := way[0], way[1]
		file := made(t, from, to)
		if bytes.Contains(file, []byte("AGE-SECRET-KEY")) {
			t.Error("a bundle has a key")
		}
		id, by, err := desk(t, to).Import(t.Context(), to.officer(access.RoleFocalPoint), ident.New[ident.Command](), bytes.NewReader(file))
		if err != nil || by != from.id {
			t.Fatalf("taken in: from %s, %v", by, err)
		}
		kept, err := desk(t, to).Bundle(t.Context(), to.officer(access.RoleNodeOperator), id)
		if err != nil || !kept.In || kept.Damaged != 0 || len(kept.Refused) != 0 {
			t.Fatalf("what is told of it: %+v, %v", kept, err)
		}
	}
	if len(b.arrived()) != 3 {
		t.Errorf("%d messages came, want 3", len(b.arrived()))
	}
	refusals(t, a, b)
}

// made lets the operator take out what waits, twice with one command.
func made(t *testing.T, from, to *nodeEnd) []byte {
	t.Helper()
	d, who, cmd := desk(t, from), from.officer(access.RoleNodeOperator), ident.New[ident.Command]()
	id, err := d.Export(t.Context(), who, cmd, to.id)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := d.Export(t.Context(), who, cmd, to.id); err != nil || again != id {
		t.Errorf("a second time: %s, %v", again, err)
	}
	kept, err := d.Bundle(t.Context(), who, id)
	if err != nil || len(kept.Slips) != 1 || kept.Slips[0].Items == 0 || kept.Slips[0].Bytes == 0 {
		t.Fatalf("the slip: %+v, %v", kept, err)
	}
	part, err := d.Part(t.Context(), who, id, 1)
	if err != nil {
		t.Fatal(err)
	}
	defer part.Close()
	file, err := io.ReadAll(part)
	if err != nil || int64(len(file)) != kept.Slips[0].Bytes {
		t.Fatalf("the part has %d bytes, %v", len(file), err)
	}
	return file
}

// refusals tries what is not to be done.
func refusals(t *testing.T, a, b *nodeEnd) {
	t.Helper()
	d, cmd := desk(t, a), ident.New[ident.Command]
	for _, role := range []string{access.RoleSupervisor, access.RoleAuditor, access.RoleCaseWorker} {
		_, err := d.Export(t.Context(), a.officer(role), cmd(), b.id)
		_, _, ierr := d.Import(t.Context(), a.officer(role), cmd(), strings.NewReader("x"))
		if !fault.Is(err, fault.NotFound) || !fault.Is(ierr, fault.NotFound) {
			t.Errorf("%s: %v, %v", role, err, ierr)
		}
	}
	who := a.officer(access.RoleFocalPoint)
	if _, _, err := d.Import(t.Context(), who, cmd(), strings.NewReader("a holiday picture")); fault.CodeOf(err) != "peer-bundle" {
		t.Errorf("another file: %v", err)
	}
	ours := made(t, a, b) // it is for the other
	if _, _, err := d.Import(t.Context(), who, cmd(), bytes.NewReader(ours)); fault.CodeOf(err) != "peer-bundle" {
		t.Errorf("a bundle for another node: %v", err)
	}
	theirs := made(t, b, a)
	id, _, err := d.Import(t.Context(), who, cmd(), bytes.NewReader(theirs[:len(theirs)-10]))
	if err != nil {
		t.Fatalf("a file that broke off: %v", err)
	}
	if kept, err := d.Bundle(t.Context(), who, id); err != nil || !kept.Broken && kept.Damaged == 0 {
		t.Errorf("a file that broke off is told as %+v, %v", kept, err)
	}
	for _, id := range []string{"../../keyring", "", cmd().String()} {
		if _, err := d.Bundle(t.Context(), who, id); fault.CodeOf(err) != "bundle-gone" {
			t.Errorf("bundle %q: %v", id, err)
		}
		if _, err := d.Part(t.Context(), who, id, 1); fault.CodeOf(err) != "bundle-gone" {
			t.Errorf("part of %q: %v", id, err)
		}
	}
}
