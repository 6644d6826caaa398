package casework_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"path/filepath"
	"strings"
	"testing"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/deadline"
	"causeway/internal/document"
	"causeway/internal/fault"
	"causeway/internal/sealed"
	"causeway/internal/store"
)

// clamd answers like a ClamAV daemon: what holds the marker is harmful. It returns
// its socket, and how many bytes of the last document it was shown.
func clamd(t *testing.T, marker string) (socket string, seen func() int) {
	t.Helper()
	socket = filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	got := make(chan int, 16)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			got <- scanOne(c, marker)
		}
	}()
	return socket, func() int { return <-got }
}

// scanOne speaks the protocol with one client (clamd(8), INSTREAM).
func scanOne(c net.Conn, marker string) int {
	defer c.Close()
	r := bufio.NewReader(c)
	if word, err := r.ReadString(0); err != nil || word != "zINSTREAM\x00" {
		return -1
	}
	var all bytes.Buffer
	for {
		var head [4]byte
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return -1
		}
		n := binary.BigEndian.Uint32(head[:])
		if n == 0 {
			break
		}
		if _, err := io.CopyN(&all, r, int64(n)); err != nil {
			return -1
		}
	}
	answer := "stream: OK\x00"
	if strings.Contains(all.String(), marker) {
		answer = "stream: Invented.Test FOUND\x00"
	}
	_, _ = io.WriteString(c, answer)
	return all.Len()
}

// TestWhatTheScannerFindsIsQuarantined: it is in the list, and nobody fetches it.
func TestWhatTheScannerFindsIsQuarantined(t *testing.T) {
	socket, seen := clamd(t, "harmful program")
	a := withDocuments(t, open(t, accesstest.New(t)), document.NewScanner(socket))
	good := a.add(t, "a.wav", sound(300<<10))
	if n := seen(); n != 300<<10 || good.Scan != document.Clean || !good.Readable() {
		t.Errorf("a clean one: %d bytes scanned, %s, %s", n, good.Scan, good.State)
	}
	bad := a.add(t, "b.wav", append(sound(5000), "a harmful program"...))
	if seen(); bad.State != document.Quarantined || bad.Finding != "Invented.Test" {
		t.Errorf("a harmful one: %s %q, want it quarantined", bad.State, bad.Finding)
	}
	for _, c := range []*access.Caller{a.worker, a.boss} {
		if b, err := a.read(c, bad.ID); fault.CodeOf(err) != "document-closed" || len(b) > 0 {
			t.Errorf("fetched from quarantine: %d bytes, %v", len(b), err)
		}
	}
	child, err := a.room.Open(ctx, a.worker, a.id)
	if err != nil || child.Events[0].Kind != casework.KindDocumentQuarantined {
		t.Errorf("timeline: %+v, %v", child.Events[0], err)
	}
	if err := a.room.RemoveDocument(ctx, a.worker, command(), a.id, bad.ID, sealed.NewText("Harmful.")); err != nil {
		t.Error(err)
	}
}

// TestAScannerThatFailsLetsNothingIn: the setting does not become permissive.
func TestAScannerThatFailsLetsNothingIn(t *testing.T) {
	a := withDocuments(t, open(t, accesstest.New(t)), document.NewScanner(filepath.Join(t.TempDir(), "nobody")))
	err := a.room.AddDocument(ctx, a.worker, command(), a.id, brief("a.wav"), bytes.NewReader(sound(5000)))
	if fault.CodeOf(err) != "document-scanner" || len(a.list(t)) != 0 || a.stored(t, "document_chunk") != 0 {
		t.Errorf("%v, %d documents; want it refused and no document made", err, len(a.list(t)))
	}
}

// TestALockedDocumentIsNobodysToSee locks one, tells the unit, and destroys it with
// two people.
func TestALockedDocumentIsNobodysToSee(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		doc := a.add(t, "a.jpg", phonePhoto(t))
		if err := a.room.LockDocument(ctx, a.worker, command(), a.id, doc.ID, sealed.Text{}); err != nil {
			t.Fatal(err)
		}
		told := func() (state string, about [16]byte) {
			a.deadlines(t, a.id, func(d *deadline.Deadline) {
				if d.Kind == "tell_unit" {
					state, about = d.State, d.About
				}
			})
			return state, about
		}
		if state, about := told(); state != deadline.Open || about != doc.ID {
			t.Errorf("the deadline to tell the unit: %q about %v", state, about)
		}
		for name, c := range map[string]*access.Caller{"who locked it": a.worker, "the supervisor": a.boss} {
			if b, err := a.read(c, doc.ID); fault.CodeOf(err) != "document-closed" || len(b) > 0 {
				t.Errorf("%s fetches it: %d bytes, %v", name, len(b), err)
			}
			if err := a.room.LockDocument(ctx, c, command(), a.id, doc.ID, sealed.Text{}); fault.CodeOf(err) != "document-state" {
				t.Errorf("%s locks it again: %v", name, err)
			}
			if err := a.room.RemoveDocument(ctx, c, command(), a.id, doc.ID, sealed.NewText("Away.")); fault.CodeOf(err) != "document-state" {
				t.Errorf("%s removes it alone: %v", name, err)
			}
		}
		if err := a.room.DestroyDocument(ctx, a.boss, command(), a.id, doc.ID); err == nil {
			t.Error("destroyed although nobody asked")
		}
		if err := a.room.AskToDestroy(ctx, a.boss, command(), a.id, doc.ID, sealed.NewText("CAC-1")); err != nil {
			t.Fatal(err)
		}
		if state, _ := told(); state != deadline.Done {
			t.Errorf("with a reference the deadline is %q, want done", state)
		}
		if err := a.room.DestroyDocument(ctx, a.boss, command(), a.id, doc.ID); !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
			t.Errorf("who asked destroys it: %v, want refused", err)
		}
		if err := a.room.DestroyDocument(ctx, a.worker, command(), a.id, doc.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("a case worker confirms: %v, want not found", err)
		}
		if a.stored(t, "document_chunk") == 0 {
			t.Fatal("its bytes are gone before the second person spoke")
		}
		second := a.Person(access.RoleSupervisor, a.North)
		if err := a.room.DestroyDocument(ctx, second, command(), a.id, doc.ID); err != nil {
			t.Fatal(err)
		}
		left := a.list(t)[0]
		if left.State != document.Destroyed || left.Reference.Reveal() != "CAC-1" || !bytes.Equal(left.Before, doc.Before) || a.stored(t, "document_chunk") != 0 {
			t.Errorf("left of it: %s, %q, %d chunks", left.State, left.Reference.Reveal(), a.stored(t, "document_chunk"))
		}
		if r := a.reconcile(t); r.Wrong != 0 {
			t.Errorf("reconciliation: %v, want nothing", r.Findings)
		}
	})
}

// TestWhoMayNotTouchADocument tries every act on one with everybody it is not for.
func TestWhoMayNotTouchADocument(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		doc := a.add(t, "a.jpg", phonePhoto(t))
		other := a.register(t, a.worker)
		for name, c := range map[string]*access.Caller{
			"a worker of the unit who has nothing to do with it": a.Person(access.RoleCaseWorker, a.North),
			"a supervisor of another unit":                       a.Person(access.RoleSupervisor, a.South),
			"a first responder":                                  a.responder(),
			"the node operator":                                  a.Person(access.RoleNodeOperator, a.North),
			"an auditor":                                         a.Person(access.RoleAuditor, a.North),
		} {
			_, listErr := a.room.ListDocuments(ctx, c, a.id)
			_, openErr := a.room.OpenDocument(ctx, c, a.id, doc.ID)
			_, readErr := a.read(c, doc.ID)
			_, beginErr := a.room.BeginDocument(ctx, c, command(), a.id, brief("a.wav"), 10)
			for what, err := range map[string]error{
				"lists": listErr, "opens": openErr, "fetches": readErr, "begins one": beginErr,
				"locks":   a.room.LockDocument(ctx, c, command(), a.id, doc.ID, sealed.Text{}),
				"removes": a.room.RemoveDocument(ctx, c, command(), a.id, doc.ID, sealed.NewText("x")),
				"asks":    a.room.AskToDestroy(ctx, c, command(), a.id, doc.ID, sealed.NewText("x")),
			} {
				if !fault.Is(err, fault.NotFound) && !fault.Is(err, fault.Denied) {
					t.Errorf("%s %s: %v, want refused", name, what, err)
				}
			}
		}
		if _, err := a.room.OpenDocument(ctx, a.worker, other, doc.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("opened through another case: %v, want not found", err)
		}
		if err := a.room.ReadDocument(ctx, a.worker, other, doc.ID, func(*document.Document) (io.Writer, error) { return io.Discard, nil }); !fault.Is(err, fault.NotFound) {
			t.Errorf("fetched through another case: %v, want not found", err)
		}
		if err := a.room.LockDocument(ctx, a.worker, command(), other, doc.ID, sealed.Text{}); !fault.Is(err, fault.NotFound) {
			t.Errorf("locked through another case: %v, want not found", err)
		}
	})
}

// TestNothingOfADocumentLiesInTheOpen searches what is stored for its bytes, its name
// and its words, while it is on its way and when it is kept.
func TestNothingOfADocumentLiesInTheOpen(t *testing.T) {
	eachArchive(t, func(t *testing.T, a *archive) {
		body := append(sound(3000), "the marker of a voice"...)
		b := brief("voice of Ilara.wav")
		up, err := a.room.BeginDocument(ctx, a.worker, command(), a.id, b, int64(len(body)))
		if err != nil {
			t.Fatal(err)
		}
		if err := a.room.PutDocument(ctx, a.worker, a.id, up, 0, body); err != nil {
			t.Fatal(err)
		}
		look := func(when string, tables ...string) {
			t.Helper()
			for _, table := range tables {
				blobs := a.blobs(t, table)
				if len(blobs) == 0 {
					t.Errorf("%s: %s has no row", when, table)
				}
				for _, blob := range blobs {
					for _, marker := range []string{"marker of a voice", "Ilara", "The door of the house", "WAVEfmt"} {
						if bytes.Contains(blob, []byte(marker)) {
							t.Errorf("%s: %s holds %q in the open", when, table, marker)
						}
					}
				}
			}
		}
		look("on its way", "document_upload", "document_piece")
		if err := a.room.FinishDocument(ctx, a.worker, command(), a.id, up, nil); err != nil {
			t.Fatal(err)
		}
		look("kept", "document_document", "document_chunk")
	})
}

// blobs returns the sealed column of a table.
func (a *archive) blobs(t testing.TB, table string) (out [][]byte) {
	t.Helper()
	err := a.DB.Read(ctx, func(tx *store.Tx) error {
		out = nil
		rows, err := tx.Query(ctx, `SELECT sealed FROM `+table)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var b []byte
			if err := rows.Scan(&b); err != nil {
				return err
			}
			out = append(out, b)
		}
		return rows.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// TestAChangedChunkIsFound changes, moves and takes away what is stored: nobody is
// handed anything that is not what was kept, and the reconciliation names it.
func TestAChangedChunkIsFound(t *testing.T) {
	for name, statement := range map[string]string{
		"two chunks swapped": `UPDATE document_chunk SET sealed = (SELECT o.sealed FROM document_chunk o WHERE o.document_id = document_chunk.document_id AND o.n = 1 - document_chunk.n) WHERE n < 2`,
		"one taken away":     `DELETE FROM document_chunk WHERE n = 1`,
		"a lock undone":      `UPDATE document_document SET state = 'kept'`,
	} {
		t.Run(name, func(t *testing.T) {
			eachArchive(t, func(t *testing.T, a *archive) {
				doc := a.add(t, "a.wav", sound(2*document.PieceSize))
				if name == "a lock undone" {
					if err := a.room.LockDocument(ctx, a.worker, command(), a.id, doc.ID, sealed.Text{}); err != nil {
						t.Fatal(err)
					}
				}
				a.exec(t, statement)
				b, err := a.read(a.worker, doc.ID)
				if err == nil || len(b) >= 2*document.PieceSize {
					t.Errorf("handed out %d bytes, %v; want a fault", len(b), err)
				}
				if r := a.reconcile(t); r.Wrong == 0 {
					t.Error("the reconciliation finds nothing")
				}
			})
		})
	}
}
