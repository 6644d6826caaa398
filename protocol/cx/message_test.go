package cx_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"causeway/protocol/cx"
	"causeway/protocol/identity"
)

var noon = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// draft returns a draft that may be sent.
func draft() *cx.Draft {
	l := cx.DefaultLabels(cx.Protection, cx.BasisConsent)
	l.Consent = &cx.Consent{By: "guardian", At: noon, Scope: "referral", Language: "ar", Ref: "c-1", Assent: "yes"}
	l.Jurisdiction = "XA"
	l.RetainRule = "case-closed-5y"
	l.Flags = []cx.Flag{cx.LocationSecret, cx.NoContactFamily}
	var sealed bytes.Buffer
	a, err := cx.SealBlob(&sealed, strings.NewReader("a paper"))
	if err != nil {
		panic(err) // no randomness
	}
	a.Media, a.Class = "application/pdf", "document"
	return &cx.Draft{
		To: "xb.moi", Thread: cx.Thread{1}, Stream: cx.Cmd, Type: cx.ReferralOffer, Labels: l,
		Schema: "referral.offer/1", Payload: []byte(`{"need":"shelter"}`), Officer: "o-7f3a",
		Attachments: []cx.Attachment{a},
	}
}

func TestDraftCheck(t *testing.T) {
	if err := draft().Check(); err != nil {
		t.Fatalf("a good draft: %v", err)
	}
	for name, tt := range map[string]struct {
		spoil func(*cx.Draft)
		want  cx.Code
	}{
		"to":               {func(d *cx.Draft) { d.To = "XB.moi" }, cx.BadFormat},
		"thread":           {func(d *cx.Draft) { d.Thread = cx.Thread{} }, cx.BadFormat},
		"type":             {func(d *cx.Draft) { d.Type = "referral" }, cx.BadFormat},
		"stream of type":   {func(d *cx.Draft) { d.Stream = cx.Status }, cx.BadFormat},
		"answers":          {func(d *cx.Draft) { d.Answers = cx.ID{1} }, cx.BadFormat},
		"schema":           {func(d *cx.Draft) { d.Schema = "a b" }, cx.BadFormat},
		"officer":          {func(d *cx.Draft) { d.Officer = "" }, cx.BadFormat},
		"payload":          {func(d *cx.Draft) { d.Payload = []byte(`[1]`) }, cx.BadFormat},
		"payload text":     {func(d *cx.Draft) { d.Payload = []byte("{\"a\":\"\xff\"}") }, cx.BadFormat},
		"payload size":     {func(d *cx.Draft) { d.Payload = []byte(`{"a":"` + strings.Repeat("a", cx.PayloadLimit) + `"}`) }, cx.TooLarge},
		"blob size":        {func(d *cx.Draft) { d.Attachments[0].CipherSize = cx.BlobLimit + 1 }, cx.TooLarge},
		"blob twice":       {func(d *cx.Draft) { d.Attachments = append(d.Attachments, d.Attachments[0]) }, cx.BadFormat},
		"media":            {func(d *cx.Draft) { d.Attachments[0].Media = "application/pdf; a=b" }, cx.BadFormat},
		"abuse imagery":    {func(d *cx.Draft) { d.Attachments[0].Class = cx.Prohibited }, cx.LabelRefused},
		"purpose":          {func(d *cx.Draft) { d.Labels.Purpose = "migration-control" }, cx.BadFormat},
		"basis":            {func(d *cx.Draft) { d.Labels.Basis = "" }, cx.BadFormat},
		"consent missing":  {func(d *cx.Draft) { d.Labels.Consent = nil }, cx.BadFormat},
		"assent":           {func(d *cx.Draft) { d.Labels.Consent.Assent = "maybe" }, cx.BadFormat},
		"handling":         {func(d *cx.Draft) { d.Labels.Handling = "H4" }, cx.BadFormat},
		"list of nobody":   {func(d *cx.Draft) { d.Labels.Onward = cx.OnwardList }, cx.BadFormat},
		"nodes, no list":   {func(d *cx.Draft) { d.Labels.Nodes = []identity.NodeID{"xc.ngo"} }, cx.BadFormat},
		"eval":             {func(d *cx.Draft) { d.Labels.Eval = "A5" }, cx.BadFormat},
		"unknown flag":     {func(d *cx.Draft) { d.Labels.Flags = []cx.Flag{"be_nice"} }, cx.BadFormat},
		"flags unsorted":   {func(d *cx.Draft) { d.Labels.Flags = []cx.Flag{cx.NoContactFamily, cx.LocationSecret} }, cx.BadFormat},
		"no retention":     {func(d *cx.Draft) { d.Labels.RetainRule = "" }, cx.BadFormat},
		"two retentions":   {func(d *cx.Draft) { d.Labels.RetainUntil = noon }, cx.BadFormat},
		"crit without it":  {func(d *cx.Draft) { d.Labels.Crit = []string{"embargo"} }, cx.BadFormat},
		"a line in a text": {func(d *cx.Draft) { d.Labels.BasisRef = "art. 3\nflags" }, cx.BadFormat},
	} {
		d := draft()
		tt.spoil(d)
		if err := d.Check(); !errors.Is(err, tt.want) {
			t.Errorf("%s: %v, want %v", name, err, tt.want)
		}
	}
}

func TestOfficeLabels(t *testing.T) {
	l := cx.OfficeLabels("XA")
	if err := l.Check(); err != nil {
		t.Error(err)
	}
}

func TestIDs(t *testing.T) {
	a, b := cx.NewID(noon), cx.NewID(noon)
	if a == b || !a.Valid() || !a.Time().Equal(noon) {
		t.Errorf("ids %v and %v of %v", a, b, a.Time())
	}
	if got, err := cx.ParseID(a.String()); err != nil || got != a {
		t.Errorf("ParseID = %v, %v", got, err)
	}
	for _, bad := range []string{
		"", strings.ToUpper(a.String()), a.String() + "0", strings.ReplaceAll(a.String(), "-", ""),
		"00000000-0000-0000-0000-000000000000", "01902f1e-1c00-4000-8000-000000000000", "01902f1e+1c00-7000-8000-000000000000",
	} {
		if _, err := cx.ParseID(bad); !errors.Is(err, cx.ErrID) {
			t.Errorf("ParseID(%q) = %v", bad, err)
		}
	}
	th := cx.NewThread()
	if got, err := cx.ParseThread(th.String()); err != nil || got != th {
		t.Errorf("ParseThread = %v, %v", got, err)
	}
	for _, bad := range []string{"", strings.Repeat("0", 32), strings.Repeat("A", 32), th.String()[1:]} {
		if _, err := cx.ParseThread(bad); !errors.Is(err, cx.ErrThread) {
			t.Errorf("ParseThread(%q) = %v", bad, err)
		}
	}
}

func TestCodes(t *testing.T) {
	for _, c := range cx.Codes() {
		if !c.Valid() || c.Status() < 400 || c.Status() > 599 || c.Sentence() == "" || c.Final() && c.Renew() {
			t.Errorf("%s: status %d, final %v, renew %v, %q", c, c.Status(), c.Final(), c.Renew(), c.Sentence())
		}
		if got := cx.CodeOf(fmt.Errorf("open: %w", c)); got != c {
			t.Errorf("CodeOf a wrapped %s = %s", c, got)
		}
	}
	if cx.CodeOf(nil) != "" || cx.CodeOf(errors.New("disk")) != cx.Internal || cx.Code("new_one").Final() {
		t.Error("no error, an error without a code or an unknown code is read wrongly")
	}
}

func TestTypes(t *testing.T) {
	for _, ty := range cx.Types() {
		if !ty.Class().Valid() || !ty.In(cx.Cmd) && !ty.In(cx.Status) {
			t.Errorf("%s: class %q, in no stream", ty, ty.Class())
		}
	}
	if cx.Type("joke").Valid() || cx.Type("joke").In(cx.Cmd) || cx.StatusReport.In(cx.Cmd) {
		t.Error("a type stands where it may not")
	}
}
