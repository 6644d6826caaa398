package intake_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/access/accesstest"
	"causeway/internal/casework"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/intake"
	"causeway/internal/person"
	"causeway/internal/store"
)

var ctx = context.Background()

// office is an office where cases can be brought in.
type office struct {
	*accesstest.Office
	room    *casework.Room
	dir     string
	boss    *access.Caller
	cases   intake.Cases
	imports *intake.Imports
}

func each(t *testing.T, body func(t *testing.T, o *office)) {
	accesstest.Each(t, func(t *testing.T, a *accesstest.Office) { body(t, open(t, a)) })
}

func open(t testing.TB, a *accesstest.Office) *office {
	t.Helper()
	index := person.NewIndex(a.Ring.Derive("person/identifier"))
	room, err := casework.New(a.Gate, person.New(a.Pack, index), index, a.Pack, a.Clock, a.Ring.Derive("casework/cursor"))
	if err != nil {
		t.Fatal(err)
	}
	o := &office{Office: a, room: room, dir: filepath.Join(t.TempDir(), "spool"), boss: a.Person(access.RoleSupervisor, a.North)}
	worker := a.Person(access.RoleCaseWorker, a.North)
	o.cases = intake.Cases{Gate: a.Gate, Room: room, Staff: func(_ context.Context, signIn string) (ident.Staff, bool) {
		return worker.Staff(), signIn == "worker.one"
	}}
	o.imports = o.restart(&o.cases)
	t.Cleanup(o.imports.Close)
	return o
}

// restart returns imports as a new process would have them.
func (o *office) restart(r intake.Register) *intake.Imports {
	return intake.New(intake.Config{
		DB: o.DB, Gate: o.Gate, Register: r, Codes: o.Pack, Clock: o.Clock, Log: slog.New(slog.DiscardHandler),
		Dir: o.dir, Keep: 7 * 24 * time.Hour,
	})
}

// checked takes a file as far as its dry run.
func (o *office) checked(t testing.TB, text string) *intake.Import {
	t.Helper()
	id, err := o.imports.Receive(ctx, o.boss, ident.Command{}, "children.csv", strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.imports.Look(ctx, o.boss, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer(t, &p.Mapping)
	if err := o.imports.Map(ctx, o.boss, id, p.Mapping); err != nil {
		t.Fatal(err)
	}
	im, err := o.imports.Check(ctx, o.boss, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	return im
}

// count returns how many cases there are.
func (o *office) count(t testing.TB) int {
	t.Helper()
	n := 0
	err := o.DB.Read(ctx, func(tx *store.Tx) error {
		return tx.QueryRow(ctx, `SELECT COUNT(*) FROM casework_case`).Scan(&n)
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// children is a file of n invented children, with notes for every third.
func children(n int) string {
	var b strings.Builder
	b.WriteString("reference,name,date of birth,sex,nationality,notes\n")
	for i := range n {
		note := ""
		if i%3 == 0 {
			note = "likes to draw"
		}
		fmt.Fprintf(&b, "R%d,Mina Karo%c,2012-%02d-%02d,f,KEN,%s\n", i, 'a'+i%26, i%12+1, i%28+1, note)
	}
	return b.String()
}

func TestImport(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		im := o.checked(t, "name,date of birth,sex,worker,colour,child's words\n"+
			"Mina Karo,2012-05-17,f,worker.one,green,I want to go home.\n"+
			"Ilo Tarn,19371399,m,nobody,,\n"+
			",2012-05-17,m,,,\n")
		if im.State != intake.Checked || im.Total != 3 || im.Ready != 2 || o.count(t) != 0 {
			t.Errorf("after the dry run: %s, %d rows, %d ready, %d cases; want checked, 3, 2, none", im.State, im.Total, im.Ready, o.count(t))
		}
		im, err := o.imports.Run(ctx, o.boss, im.ID, nil)
		if err != nil {
			t.Fatal(err)
		}
		if im.State != intake.Done || im.Registered != 2 || im.Refused != 0 {
			t.Errorf("got %s, %d registered, %d refused", im.State, im.Registered, im.Refused)
		}
		child := o.find(t, "Mina Karo")
		if b := child.Person.Details.Birth; b.Earliest.Reveal() != "2012-05-17" || child.Case.Sex != "female" || child.Case.Risk != "medium" {
			t.Error("the case is not what the row says")
		}
		if e := child.Events[0]; e.Words.Reveal() != "I want to go home." || e.Seen.Reveal() != "colour: green" {
			t.Error("the note is not what the row says")
		}
		other := o.find(t, "Ilo Tarn")
		if !other.Person.Details.Birth.Earliest.IsZero() || !strings.Contains(other.Events[0].Seen.Reveal(), "date of birth: 19371399") {
			t.Error("an impossible date is unknown, and its text is kept")
		}
		if left, _ := filepath.Glob(filepath.Join(o.dir, "*")); len(left) != 0 {
			t.Errorf("%d files left in the spool", len(left))
		}
	})
}

// find opens the case of somebody by their name.
func (o *office) find(t testing.TB, name string) *casework.Child {
	t.Helper()
	page, err := o.room.List(ctx, o.boss, casework.Query{})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range page.Rows {
		child, err := o.room.Open(ctx, o.boss, r.Case.ID)
		if err != nil {
			t.Fatal(err)
		}
		if d := child.Person.Details; d.Called().Reveal() == name {
			return child
		}
	}
	t.Fatalf("no case of that name among %d", len(page.Rows))
	return nil
}

func TestReport(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		im := o.checked(t, "name,date of birth,sex\nMina Karo,19371399,zz\n,2012-05-17,f\n")
		list, all, err := o.imports.Problems(ctx, o.boss, im.ID, 0, 10)
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, p := range list {
			got = append(got, fmt.Sprintf("%d/%d %s %v %s", p.Row, p.Column, p.Code, p.Stop, p.Value.Reveal()))
		}
		want := "2/2 no-such-date false 19371399|2/3 not-in-list false zz|3/0 no-name true "
		if strings.Join(got, "|") != want || all != 3 {
			t.Errorf("got %q of %d, want %q", strings.Join(got, "|"), all, want)
		}
		if im.Report == nil || im.Report.Codes["no-such-date"] != 1 {
			t.Errorf("the counts are missing: %+v", im.Report)
		}
	})
}

func TestCorrectedFileAgain(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		im := o.checked(t, "reference,name,sex\nR1,Mina Karo,f\nR2,,m\n")
		if _, err := o.imports.Run(ctx, o.boss, im.ID, nil); err != nil {
			t.Fatal(err)
		}
		again := o.checked(t, "reference,name,sex\nR1,Mina Karo,f\nR2,Ilo Tarn,m\n")
		if again.Ready != 1 || again.Again != 1 {
			t.Errorf("%d ready, %d again; want 1, 1", again.Ready, again.Again)
		}
		if _, err := o.imports.Run(ctx, o.boss, again.ID, nil); err != nil {
			t.Fatal(err)
		}
		if n := o.count(t); n != 2 {
			t.Errorf("%d cases, want 2", n)
		}
	})
}

func TestWhoMayImport(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		worker := o.Person(access.RoleCaseWorker, o.North)
		if _, err := o.imports.Receive(ctx, worker, ident.Command{}, "x.csv", strings.NewReader("name\nMina\n")); !fault.Is(err, fault.NotFound) {
			t.Errorf("a case worker: got %v, want nothing there", err)
		}
		if left, _ := filepath.Glob(filepath.Join(o.dir, "*")); len(left) != 0 {
			t.Error("the file of somebody who may not was kept")
		}
		im := o.checked(t, children(3))
		other := o.Person(access.RoleSupervisor, o.North)
		for name, try := range map[string]func() error{
			"get":      func() error { _, err := o.imports.Get(ctx, other, im.ID); return err },
			"look":     func() error { _, err := o.imports.Look(ctx, other, im.ID, nil); return err },
			"map":      func() error { return o.imports.Map(ctx, other, im.ID, *im.Mapping) },
			"check":    func() error { _, err := o.imports.Check(ctx, other, im.ID, nil); return err },
			"run":      func() error { _, err := o.imports.Run(ctx, other, im.ID, nil); return err },
			"problems": func() error { _, _, err := o.imports.Problems(ctx, other, im.ID, 0, 1); return err },
			"discard":  func() error { return o.imports.Discard(ctx, other, ident.Command{}, im.ID) },
		} {
			if err := try(); !fault.Is(err, fault.NotFound) {
				t.Errorf("%s by another supervisor: got %v, want nothing there", name, err)
			}
		}
		if list, err := o.imports.List(ctx, other); err != nil || len(list) != 0 {
			t.Errorf("another supervisor sees %d imports, %v", len(list), err)
		}
	})
}

func TestAnotherLook(t *testing.T) {
	o := open(t, accesstest.New(t))
	id, err := o.imports.Receive(ctx, o.boss, ident.Command{}, "x.csv", strings.NewReader("a title;\nname;born\nMina;2012\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.imports.Look(ctx, o.boss, id, nil)
	if err != nil || p.Mapping.HeaderRow != 2 || len(p.Mapping.Columns) != 2 {
		t.Fatalf("got %+v, %v", p, err)
	}
	as := &intake.As{Sheet: p.Mapping.Sheet, HeaderRow: 1}
	if p, err = o.imports.Look(ctx, o.boss, id, as); err != nil || p.Mapping.HeaderRow != 1 || p.Mapping.Columns[0].Header != "a title" {
		t.Errorf("another header: got %+v, %v", p, err)
	}
	as.HeaderRow = 9
	if _, err = o.imports.Look(ctx, o.boss, id, as); !fault.Is(err, fault.Invalid) {
		t.Errorf("a header that is not there: got %v", err)
	}
}

func TestSteps(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		id, err := o.imports.Receive(ctx, o.boss, ident.Command{}, "a\u202eb.csv", strings.NewReader(children(2)))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := o.imports.Check(ctx, o.boss, id, nil); fault.CodeOf(err) != "import-not-mapped" {
			t.Errorf("check before map: %v", err)
		}
		if _, err := o.imports.Run(ctx, o.boss, id, nil); fault.CodeOf(err) != "import-not-checked" {
			t.Errorf("run before check: %v", err)
		}
		im := o.checked(t, children(2))
		if _, err := o.imports.Run(ctx, o.boss, im.ID, nil); err != nil {
			t.Fatal(err)
		}
		if _, err := o.imports.Run(ctx, o.boss, im.ID, nil); fault.CodeOf(err) != "import-done" {
			t.Errorf("run twice: %v", err)
		}
		if err := o.imports.Map(ctx, o.boss, im.ID, *im.Mapping); fault.CodeOf(err) != "import-started" {
			t.Errorf("map after run: %v", err)
		}
		got, err := o.imports.Get(ctx, o.boss, id)
		if err != nil || got.Name.Reveal() != "ab.csv" {
			t.Errorf("the name still hides something: %v", err)
		}
	})
}

func TestExpire(t *testing.T) {
	each(t, func(t *testing.T, o *office) {
		im := o.checked(t, children(5))
		if err := o.imports.Expire(ctx); err != nil {
			t.Fatal(err)
		}
		if _, err := o.imports.Get(ctx, o.boss, im.ID); err != nil {
			t.Fatalf("expired too early: %v", err)
		}
		stray := filepath.Join(o.dir, ident.New[ident.Import]().String()+".age")
		if err := os.WriteFile(stray, nil, 0o600); err != nil {
			t.Fatal(err)
		}
		o.Clock.Advance(8 * 24 * time.Hour)
		if _, err := o.imports.Get(ctx, o.boss, im.ID); !fault.Is(err, fault.NotFound) {
			t.Errorf("got %v, want nothing there after its time", err)
		}
		if err := o.imports.Expire(ctx); err != nil {
			t.Fatal(err)
		}
		if left, _ := filepath.Glob(filepath.Join(o.dir, "*")); len(left) != 0 {
			t.Errorf("%d files left in the spool", len(left))
		}
		for _, table := range []string{"intake_import", "intake_batch", "intake_problem"} {
			n := 0
			err := o.DB.Read(ctx, func(tx *store.Tx) error {
				return tx.QueryRow(ctx, `SELECT COUNT(*) FROM `+table).Scan(&n)
			})
			if err != nil || n != 0 {
				t.Errorf("%s holds %d rows, %v", table, n, err)
			}
		}
	})
}

// Nothing of a file's content is on disk in the clear, and no error repeats it.
func TestNothingLeaks(t *testing.T) {
	const marker = "Zzyxmarker"
	o := open(t, accesstest.New(t))
	id, err := o.imports.Receive(ctx, o.boss, ident.Command{}, marker+".csv", strings.NewReader("name,"+marker+"\n"+marker+",1937"+marker+"\n"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := o.imports.Look(ctx, o.boss, id, nil)
	if err != nil {
		t.Fatal(err)
	}
	answer(t, &p.Mapping)
	p.Mapping.Columns[1].Field = intake.BirthDate
	if err := o.imports.Map(ctx, o.boss, id, p.Mapping); err != nil {
		t.Fatal(err)
	}
	if _, err := o.imports.Check(ctx, o.boss, id, nil); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(filepath.Join(o.dir, "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("%d files in the spool, want 1", len(files))
	}
	err = o.DB.Dump(ctx, func(table string, _ []string, row []any) error {
		if strings.Contains(fmt.Sprint(row), marker) || bytes.Contains(flat(row), []byte(marker)) {
			t.Errorf("%s holds the marker in the clear", table)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range files {
		b, err := os.ReadFile(name)
		if err != nil || bytes.Contains(b, []byte(marker)) {
			t.Errorf("the spool holds the marker in the clear, %v", err)
		}
		b[len(b)/2] ^= 1
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := o.imports.Check(ctx, o.boss, id, nil); err == nil || strings.Contains(err.Error(), marker) {
		t.Errorf("a spool file that was changed: got %v", err)
	}
}

func flat(row []any) []byte {
	var b []byte
	for _, v := range row {
		if c, ok := v.([]byte); ok {
			b = append(b, c...)
		}
	}
	return b
}

func TestUploadThatFails(t *testing.T) {
	o := open(t, accesstest.New(t))
	for name, c := range map[string]struct {
		r    io.Reader
		code string
	}{
		"broken off": {io.MultiReader(strings.NewReader("name\n"), &broken{}), "upload-broken"},
		"too big":    {io.LimitReader(&endless{}, 300<<20), "file-too-big"},
	} {
		if _, err := o.imports.Receive(ctx, o.boss, ident.Command{}, "x.csv", c.r); fault.CodeOf(err) != c.code {
			t.Errorf("%s: got %v, want %s", name, err, c.code)
		}
		if left, _ := filepath.Glob(filepath.Join(o.dir, "*")); len(left) != 0 {
			t.Errorf("%s: %d files left in the spool", name, len(left))
		}
	}
}

type broken struct{}

func (*broken) Read([]byte) (int, error) { return 0, errors.New("connection lost") }

type endless struct{}

func (*endless) Read(b []byte) (int, error) { return len(b), nil }
