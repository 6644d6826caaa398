package web_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/web"
)

// TestBackupNow makes a backup from the health page: once for one form, with its
// result on the page, also when it fails.
func TestBackupNow(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "node_operator")
	page := p.get("/health")
	form := page.form(t, "/health/backup")
	if a := p.post("/health/backup", nil); a.status != http.StatusUnprocessableEntity {
		t.Errorf("without a command: got %d, want 422", a.status)
	}
	if a := r.as(t, "supervisor").post("/health/backup", form); a.status != http.StatusNotFound {
		t.Errorf("a backup by a supervisor: got %d, want 404", a.status)
	}
	form.Set("command", ident.New[ident.Command]().String())
	for range 2 { // sent twice, it is one backup
		p.post("/health/backup", form).wants(t, http.StatusSeeOther, "/health")
	}
	if a := untilBacked(t, p); !strings.Contains(a.body, "Done on") || !strings.Contains(a.body, "found right") {
		t.Error("the result of the backup is not shown")
	}
	if files, err := filepath.Glob(filepath.Join(backupFolder(), "*")); err != nil || len(files) != 1 {
		t.Errorf("the folder holds %v (%v), want one backup", files, err)
	}

	// A folder that is none.
	if err := os.RemoveAll(backupFolder()); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(backupFolder(), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	p.post("/health/backup", p.get("/health").form(t, "/health/backup")).wants(t, http.StatusSeeOther, "/health")
	if a := untilBacked(t, p); !strings.Contains(a.body, "Not made on") || !strings.Contains(a.body, "The disk does not answer.") {
		t.Errorf("the page does not say that the backup failed: %s", after(a.body, "h-backup"))
	}
	if err := os.Remove(backupFolder()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.node.Journal.Sequence(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(r.as(t, "auditor").get("/journal?action=BACKUP&outcome=ok").body, "made a backup"); n != 3 {
		t.Errorf("the journal shows %d entries, want one for each that was asked for and one for the one that was made", n)
	}
}

// untilBacked waits until no backup is being made.
func untilBacked(t *testing.T, p *person) answer {
	t.Helper()
	for range 200 {
		if a := p.get("/health"); !strings.Contains(a.body, "Being made since") {
			return a
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.Fatal("the backup does not end")
	return answer{}
}

// otherDesk makes no backups: it is as it is told.
type otherDesk struct {
	place bool
	run   *web.BackupRun
	err   error
}

func (d *otherDesk) Place() bool          { return d.place }
func (d *otherDesk) Last() *web.BackupRun { return d.run }
func (d *otherDesk) Start(context.Context, *access.Caller, ident.Command) error {
	return d.err
}

// TestBackupOnItsWay shows a backup that is being made, a node that has no place
// for one, and what happens when the person must prove themselves first.
func TestBackupOnItsWay(t *testing.T) {
	r := newRig(t)
	p := r.as(t, "node_operator")
	desk := &otherDesk{place: true, run: &web.BackupRun{Running: true, Began: r.node.Clock.Now(), Rows: 4321}}
	deps := r.deps
	deps.Backup = desk
	h, err := web.New(deps)
	if err != nil {
		t.Fatal(err)
	}
	send := func(req *http.Request) answer {
		t.Helper()
		base, err := url.Parse(r.srv.URL)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.client.Jar.Cookies(base) {
			req.AddCookie(c)
		}
		w := httptest.NewRecorder()
		h.ServeHTTP(w, req)
		return answer{w.Code, w.Header(), w.Body.String()}
	}
	see := func() answer { return send(httptest.NewRequest(http.MethodGet, "/health", nil)) }
	a := see()
	if !strings.Contains(plainWords.Replace(a.body), "Rows saved so far: 4,321.") || strings.Contains(a.body, `action="/health/backup"`) {
		t.Errorf("while a backup is made the page does not say so, or offers another: %s", after(a.body, "h-backup"))
	}
	if strings.Contains(a.body, `http-equiv="refresh"`) {
		t.Error("the health page loads itself again: it is read slowly (WCAG 2.2.1)")
	}
	desk.place, desk.run = false, nil
	if a := see(); strings.Contains(a.body, `action="/health/backup"`) || !strings.Contains(a.body, "No folder for backups is set.") {
		t.Error("without a folder the page offers a backup, or does not say why not")
	}
	desk.place, desk.err = true, fault.New(fault.Expired, "fresh-check")
	form := see().form(t, "/health/backup")
	req := httptest.NewRequest(http.MethodPost, "/health/backup", strings.NewReader(form.Encode()))
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Referer", "http://"+req.Host+"/health")
	send(req).wants(t, http.StatusSeeOther, "/confirm?next=%2Fhealth")
	if a := p.get("/confirm?next=/health"); !strings.Contains(a.body, "A backup holds everything.") {
		t.Error("the question who they are does not say why it is asked")
	}
}
