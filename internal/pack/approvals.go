package pack

import (
	"slices"
	"strconv"
)

// What a pack may have approved.
const (
	ApproveRecord = "record" // a finished form
	ApproveAct    = "act"    // an act that is planned
)

// When an approval is asked for.
const (
	approveAlways = "always"
	approveHigh   = "high" // while the risk is high
)

// approvers are the roles that may be asked; the policies let them.
var approvers = []string{"supervisor"}

// Approval says that somebody else looks at what was done before it counts.
type Approval struct {
	Who        string // role
	Share      int    // of a hundred; the others pass without
	Source     string
	Confidence Confidence
}

type approvalKey struct{ what, code, when string }

type approvalRow struct {
	Approval
	at cell
}

// readApprovals reads approvals.csv and lays its rows over those already there.
func (l *loader) readApprovals(file string) {
	rows, ok := l.rows(file, []string{"what", "code", "when", "who", "share", "source", "confidence"}, nil)
	if !ok {
		return
	}
	if l.pack.approvals == nil {
		l.pack.approvals = map[approvalKey]approvalRow{}
	}
	here := map[approvalKey]bool{}
	for _, r := range rows {
		key := approvalKey{r.at("what").text, r.at("code").text, r.at("when").text}
		if here[key] {
			l.faultAt(r.at("code"), "this approval stands there twice")
			continue
		}
		here[key] = true
		share, err := strconv.Atoi(r.at("share").text)
		if err != nil || share < 0 || share > 100 {
			l.faultAt(r.at("share"), "must be a number from 0 (nothing) to 100 (everything)")
		}
		if !slices.Contains(approvers, r.at("who").text) {
			l.faultAt(r.at("who"), "nobody of this role approves")
		}
		if r.at("source").text == "" {
			l.faultAt(r.at("source"), "must say where this comes from")
		}
		l.pack.approvals[key] = approvalRow{at: r.at("code"), Approval: Approval{
			Who: r.at("who").text, Share: share, Source: r.at("source").text,
			Confidence: l.confidence(r.at("confidence"), Law, Guidance, Standard, HouseChoice),
		}}
	}
}

// checkApprovals checks the approvals against the lists. Forms that are not in the
// pack are let be: a node may have them as drafts.
func (l *loader) checkApprovals() {
	for key, row := range l.pack.approvals {
		switch {
		case key.when != approveAlways && key.when != approveHigh:
			l.faultAt(row.at, "is asked for always or at high risk")
		case key.what == ApproveAct && !l.pack.Valid(ActKinds, key.code):
			l.faultAt(row.at, "is not in the list "+ActKinds)
		case key.what != ApproveAct && key.what != ApproveRecord:
			l.faultAt(row.at, "a record or an act is approved")
		case key.code == "":
			l.faultAt(row.at, "must name a form or an act")
		}
	}
}

// Approval returns what is asked for something of a kind at a risk; ok is false
// where nobody is asked. Of several rows the one with the larger share counts.
func (p *Pack) Approval(what, code, risk string) (a Approval, ok bool) {
	for _, when := range []string{approveAlways, approveHigh} {
		row, there := p.approvals[approvalKey{what, code, when}]
		if !there || when == approveHigh && risk != "high" || row.Share < a.Share {
			continue
		}
		a, ok = row.Approval, true
	}
	return a, ok && a.Share > 0
}
