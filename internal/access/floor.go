package access

import (
	"slices"
	"strings"
	"time"

	"causeway/internal/ident"
	"causeway/internal/journal"
)

// The roles of this node. What they may do is the pack's business, within the
// floor below.
const (
	RoleCaseWorker     = "case_worker"
	RoleFirstResponder = "first_responder" // patrol, border, labour inspection, nurse, teacher, hotline
	RoleSupervisor     = "supervisor"
	RoleGuardian       = "guardian"
	RoleLawyer         = "lawyer"   // of the child
	RoleProvider       = "provider" // shelter, health, school, legal aid: accepts, delivers, reports
	RoleInterpreter    = "interpreter"
	RoleInvestigator   = "investigator"
	RoleProsecutor     = "prosecutor"
	RoleJudge          = "judge"       // or another competent authority
	RoleFocalPoint     = "focal_point" // of the national referral mechanism
	RoleCoordinator    = "coordinator" // sees flows and delays, never a child
	RoleRapporteur     = "rapporteur"
	RoleOmbudsperson   = "ombudsperson"
	RoleAuditor        = "auditor"
	RoleNodeOperator   = "node_operator"
)

// kind says what the journal calls an action, and what the floor asks for it.
type kind struct {
	journal string // the journal's action
	fresh   bool   // needs a fresh check of who the caller is; nowhere else is this said
	strong  bool   // needs one by more than a password: a passkey, or an authenticator app
	other   bool   // concerns another person's account, or what another person asked for: never one's own
	grants  bool   // lets people reach a case: only by somebody who reaches it
	takes   bool   // lets the caller reach a case they do not reach yet
	part    string // of the record (code list disclosure_part) that it shows or changes

	emergency bool // policies may permit more of it in an emergency
}

// actions is every action there is. What is not in this table is denied.
var actions = map[string]kind{
	"case.register":  {journal: journal.Create},
	"case.list":      {journal: journal.List},
	"case.search":    {journal: journal.List},
	"case.alike":     {journal: journal.List},   // pairs that may be one child; who is like a child about to be registered
	"case.same":      {journal: journal.Decide}, // that two cases are of two children, or of one family
	"case.lookedfor": {journal: journal.Update}, // somebody looked for a child who may be this one
	"case.open":      {journal: journal.Read},
	"case.note":      {journal: journal.Update},
	"case.update":    {journal: journal.Update},
	"case.contact":   {journal: journal.Update},
	"case.risk":      {journal: journal.Decide},
	"case.stage":     {journal: journal.Decide},
	"case.assign":    {journal: journal.Grant, grants: true},
	"case.withhold":  {journal: journal.Revoke},
	"case.lift":      {journal: journal.Grant, grants: true},              // a withholding, or ask a second person to
	"case.liftagree": {journal: journal.Grant, grants: true, other: true}, // what somebody else asked for
	"case.close":     {journal: journal.Decide},
	"case.reopen":    {journal: journal.Decide, emergency: true},
	"case.confirm":   {journal: journal.Review},
	"case.print":     {journal: journal.Print},
	"case.wholooked": {journal: journal.Read},

	"case.breakglass": {journal: journal.BreakGlass, strong: true},
	"glass.find":      {journal: journal.BreakGlass, strong: true}, // whether there is such a case
	"glass.list":      {journal: journal.List},
	"glass.review":    {journal: journal.Review, other: true}, // never by who opened it
	"glass.figures":   {journal: journal.Read},

	"volume.alarm":  {journal: journal.Review}, // nobody does it: the gate raises it
	"volume.list":   {journal: journal.Read},
	"volume.settle": {journal: journal.Decide, other: true}, // never one about oneself

	"case.flag":        {journal: journal.Update},
	"case.task":        {journal: journal.Update},
	"case.confer":      {journal: journal.Update},
	"case.export":      {journal: journal.Export, fresh: true},
	"case.exportplain": {journal: journal.Export, fresh: true}, // not encrypted: a right of its own
	"case.need":        {journal: journal.Update},
	"case.people":      {journal: journal.Update, part: "family"},
	"case.group":       {journal: journal.Update},
	"case.care":        {journal: journal.Update, part: "whereabouts"},
	"case.tracing":     {journal: journal.Update, part: "family"},
	"case.plan":        {journal: journal.Update},
	"case.approve":     {journal: journal.Review, other: true}, // never by who asked for it

	"case.status":    {journal: journal.Update},
	"case.authorise": {journal: journal.Decide},
	"case.happened":  {journal: journal.Update, emergency: true},
	"case.review":    {journal: journal.Review, other: true},
	"case.missing":   {journal: journal.Update},

	"consent.view":     {journal: journal.Read},
	"consent.withheld": {journal: journal.Read}, // from whom, and why
	"consent.record":   {journal: journal.Update},
	"consent.keep":     {journal: journal.Update}, // what the team keeps of it: overrides proposed, what was passed on, who was told
	"consent.withdraw": {journal: journal.Revoke},
	"consent.basis":    {journal: journal.Decide},
	"consent.note":     {journal: journal.Update}, // of the child's lawyer, and of nobody else
	"consent.notes":    {journal: journal.Read},
	"consent.disclose": {journal: journal.Decide},              // past a withholding: by an order, a duty, or in danger
	"consent.approve":  {journal: journal.Review, other: true}, // never by who proposed it

	"document.begin": {journal: journal.Create},
	"document.add":   {journal: journal.Create},
	"document.open":  {journal: journal.Export}, // each time: a copy leaves the node
	"document.read":  {journal: journal.Read},   // the rest of what document.open began to hand out
	"document.lock":  {journal: journal.Revoke},
	// An entry ERASE says that a whole case was erased: these are not.
	"document.remove":  {journal: journal.Revoke},
	"document.destroy": {journal: journal.Decide},              // the first of two people
	"document.confirm": {journal: journal.Revoke, other: true}, // the second

	"record.save":   {journal: journal.Update},
	"record.finish": {journal: journal.Decide},

	"check.make":     {journal: journal.Create},
	"check.result":   {journal: journal.Read},
	"check.handover": {journal: journal.Grant},
	"check.receipt":  {journal: journal.List},
	"check.duty":     {journal: journal.List},
	"check.accept":   {journal: journal.Grant, takes: true}, // handed over, and nobody has taken it
	"check.register": {journal: journal.Update},
	"check.seeto":    {journal: journal.Update},
	"check.due":      {journal: journal.List},
	"check.expire":   {journal: journal.Erase},
	"check.report":   {journal: journal.Create}, // what was done in an emergency, told by the number of a case

	"flow.view": {journal: journal.List}, // figures of the whole; about no child
	// Services are about no child.
	"directory.view":     {journal: journal.Read},
	"directory.edit":     {journal: journal.Configure},
	"directory.capacity": {journal: journal.Update}, // how many places are free
	"directory.import":   {journal: journal.Import},
	"directory.export":   {journal: journal.Export},

	"contact.view":   {journal: journal.Read}, // offices of other countries
	"contact.edit":   {journal: journal.Configure},
	"contact.export": {journal: journal.Export},

	// Nodes of other countries: see partners.cedar. They are about no child.
	"peer.view":       {journal: journal.Read},
	"peer.prepare":    {journal: journal.Configure, fresh: true},
	"peer.confirm":    {journal: journal.Grant, fresh: true, other: true}, // what somebody else prepared
	"peer.quarantine": {journal: journal.Revoke},
	"peer.resume":     {journal: journal.Grant, fresh: true, other: true}, // never what one stopped oneself
	"peer.remove":     {journal: journal.Revoke, fresh: true},
	"peer.learn":      {journal: journal.Configure}, // what its recovery pair signed
	"peer.help":       {journal: journal.Update},    // a message that is stuck: tried again, or seen to
	"peer.carry":      {journal: journal.Update},    // what goes on a stick: sealed to the partner
	"peer.prove":      {journal: journal.Export, fresh: true},
	"post.step":       {journal: journal.Update},    // a message is placed, stored or opened
	"peer.keys":       {journal: journal.Configure}, // what ours signed: with its page, at the server's shell

	// Looking for the same child with another node: see match.cedar. But for match.enter it
	// is about no child.
	"match.view":    {journal: journal.Read},
	"match.propose": {journal: journal.Configure},                       // the first of two officers
	"match.agree":   {journal: journal.Grant, fresh: true, other: true}, // the second
	"match.end":     {journal: journal.Revoke},
	"match.receive": {journal: journal.Update}, // what another node sent, or is sent by the job
	"match.look":    {journal: journal.List},   // who may be in a table
	"match.enter":   {journal: journal.Grant},  // a child, in the table that another node is answered from

	// Questions about a child, and what was found here for another node.
	"match.ask":    {journal: journal.Grant},              // the first of two officers
	"match.second": {journal: journal.Grant, other: true}, // the second
	"match.asked":  {journal: journal.Read},               // what was asked, and what came of it
	"match.accept": {journal: journal.Grant},              // to go on with an answer
	"match.leave":  {journal: journal.Grant},              // the question leaves: they learn that we look for this child
	"match.found":  {journal: journal.Update},             // a child of ours agrees with a question, or an answer came
	"match.tasks":  {journal: journal.List},               // which children of ours wait for an officer
	"match.task":   {journal: journal.Read},               // what agrees, and who asks
	"match.decide": {journal: journal.Decide},             // to answer, or to say nothing

	// What is offered to others and handed over: see referral.cedar.
	"referral.preview":  {journal: journal.Read},   // exactly what would be seen
	"referral.offer":    {journal: journal.Grant},  // somebody outside the team will learn of the child
	"referral.answer":   {journal: journal.Update}, // the sender's turn
	"referral.withdraw": {journal: journal.Revoke},
	"referral.release":  {journal: journal.Grant},
	"referral.sent":     {journal: journal.Read}, // what a case was referred for
	"referral.list":     {journal: journal.List},
	"referral.card":     {journal: journal.Read}, // before acceptance: codes, no name
	"referral.open":     {journal: journal.Read}, // what the offer carried
	"referral.accept":   {journal: journal.Decide},
	"referral.work":     {journal: journal.Update}, // the receiver's turn
	"referral.assume":   {journal: journal.Grant},  // the case itself
	"referral.claim":    {journal: journal.Create}, // asks for a case by its number; learns nothing of it
	"referral.refuse":   {journal: journal.Decide}, // what was asked for
	"referral.due":      {journal: journal.List},
	// Between nodes: see abroad.cedar.
	"referral.send":     {journal: journal.Grant},               // another country will learn of the child
	"referral.approve":  {journal: journal.Review, other: true}, // never by who sends
	"referral.protect":  {journal: journal.Decide},              // the protection check
	"referral.recall":   {journal: journal.Revoke},
	"referral.recalled": {journal: journal.Decide}, // what becomes of what the other country called back
	"referral.note":     {journal: journal.Update}, // of a journey, or months after it
	"referral.receive":  {journal: journal.Create}, // a message that arrived
	"referral.mirror":   {journal: journal.Update}, // what the other node says of a thread
	"referral.missing":  {journal: journal.Review}, // of which a restore left nothing but where it stands
	"referral.late":     {journal: journal.Update},
	"referral.forget":   {journal: journal.Erase},  // what nobody took on
	"referral.unsay":    {journal: journal.Update}, // what another node sent, and its time is over
	"referral.expire":   {journal: journal.Update},

	// What people are told who do not work on the case: see circle.cedar.
	"circle.preview":  {journal: journal.Read},                             // what would be seen
	"circle.disclose": {journal: journal.Grant, fresh: true, grants: true}, // signed: by somebody who has just proved who they are
	"circle.recall":   {journal: journal.Revoke},
	"circle.told":     {journal: journal.Update},              // the child was told of it
	"circle.sent":     {journal: journal.Read},                // what was given to whom
	"circle.keep":     {journal: journal.Grant, grants: true}, // who is in the circle
	"circle.decide":   {journal: journal.Decide},              // what police or prosecution asked for
	"circle.ask":      {journal: journal.Create},
	"circle.mine":     {journal: journal.List}, // the children whom somebody helps
	"circle.open":     {journal: journal.Read}, // their part of a case
	"circle.read":     {journal: journal.Read}, // one disclosure, on a basis in law
	"circle.print":    {journal: journal.Print},
	"circle.report":   {journal: journal.Update},
	// Erasing a case takes two people other than whoever asked. Only the entry of the
	// second one says ERASE: it is the tombstone.
	"erasure.ask":     {journal: journal.Update},
	"erasure.list":    {journal: journal.List},
	"erasure.agree":   {journal: journal.Review, fresh: true, other: true},
	"erasure.refuse":  {journal: journal.Decide, other: true},
	"erasure.confirm": {journal: journal.Erase, fresh: true, other: true},
	"retention.set":   {journal: journal.Decide},
	"retention.hold":  {journal: journal.Decide},

	// What people ask for by right about a child's data.
	"rights.receive": {journal: journal.Update},
	"rights.list":    {journal: journal.List},
	"rights.decide":  {journal: journal.Decide},
	"rights.copy":    {journal: journal.Print},

	// Complaints and inquiries: see oversight.cedar.
	"complaint.file":    {journal: journal.Create},
	"complaint.mine":    {journal: journal.Read}, // what somebody filed themselves
	"complaint.reopen":  {journal: journal.Update},
	"complaint.list":    {journal: journal.List},
	"complaint.open":    {journal: journal.Read},
	"complaint.handle":  {journal: journal.Update},
	"complaint.answer":  {journal: journal.Decide},
	"complaint.due":     {journal: journal.List},
	"complaint.expire":  {journal: journal.Revoke}, // its words; the codes stay
	"inquiry.list":      {journal: journal.List},
	"inquiry.begin":     {journal: journal.Create},
	"inquiry.read":      {journal: journal.Read},
	"inquiry.work":      {journal: journal.Update},
	"inquiry.recommend": {journal: journal.Decide},
	"inquiry.close":     {journal: journal.Decide},
	"inquiry.asked":     {journal: journal.List}, // what was recommended to a unit
	"inquiry.reply":     {journal: journal.Update},

	"team.view":       {journal: journal.List},
	"deadline.due":    {journal: journal.List},
	"deadline.step":   {journal: journal.Update},
	"capture.begin":   {journal: journal.Grant},
	"capture.receive": {journal: journal.Import},
	"capture.carry":   {journal: journal.Read},
	"capture.list":    {journal: journal.List},
	"capture.open":    {journal: journal.Read},
	"capture.settle":  {journal: journal.Update},
	"capture.discard": {journal: journal.Decide},

	"form.edit":    {journal: journal.Configure},
	"form.publish": {journal: journal.Configure, fresh: true}, // what everybody will be asked from now on

	"why.colleague":   {journal: journal.Read}, // whether somebody else may do something
	"policy.view":     {journal: journal.Read},
	"policy.propose":  {journal: journal.Configure},
	"policy.drop":     {journal: journal.Configure},
	"policy.activate": {journal: journal.Configure, fresh: true, other: true}, // the second of two people

	"view.save":       {journal: journal.Configure},
	"view.share":      {journal: journal.Configure}, // and what is changed about a shared view
	"view.unshare":    {journal: journal.Configure},
	"view.list":       {journal: journal.Read}, // those of others
	"import.run":      {journal: journal.Import},
	"staff.list":      {journal: journal.List},
	"staff.invite":    {journal: journal.Grant, fresh: true},
	"staff.reinvite":  {journal: journal.Grant, fresh: true, other: true},
	"staff.update":    {journal: journal.Grant, fresh: true, other: true},
	"staff.present":   {journal: journal.Update, other: true},
	"staff.disable":   {journal: journal.Revoke, fresh: true, other: true},
	"staff.withdraw":  {journal: journal.Revoke, fresh: true, other: true},
	"unit.update":     {journal: journal.Configure, fresh: true},
	"place.try":       {journal: journal.Read}, // what a file of places would change
	"place.bring":     {journal: journal.Import},
	"agency.update":   {journal: journal.Configure, fresh: true},
	"group.update":    {journal: journal.Configure}, // a group of staff grants nothing
	"deputy.set":      {journal: journal.Grant, fresh: true},
	"deputy.end":      {journal: journal.Revoke, fresh: true},
	"journal.view":    {journal: journal.Read},
	"journal.verify":  {journal: journal.Review},
	"journal.export":  {journal: journal.Export, fresh: true},
	"health.view":     {journal: journal.Read},
	"backup.run":      {journal: journal.Backup, fresh: true},
	"job.rewrap":      {journal: journal.KeyRotate},
	"job.searchindex": {journal: journal.Read},
	"job.looks":       {journal: journal.Read},
	"job.pairs":       {journal: journal.Read},
	"job.seed":        {journal: journal.Create},
	"job.reconcile":   {journal: journal.Review},
}

// jobs names what each job may do. No job may do what is not here.
var jobs = map[string]map[string]bool{
	"rewrap":        {"job.rewrap": true},
	"search-index":  {"job.searchindex": true},
	"looks":         {"job.looks": true, "case.lookedfor": true},
	"pairs":         {"job.pairs": true},
	"reconcile":     {"job.reconcile": true},
	"expire-checks": {"check.due": true, "check.expire": true},
	"deadlines":     {"deadline.due": true, "deadline.step": true},
	"carry-forms":   {"capture.carry": true},
	"referrals":     {"referral.due": true, "referral.expire": true, "referral.late": true, "referral.forget": true, "referral.unsay": true},
	"post":          {"referral.receive": true, "referral.mirror": true, "referral.forget": true},
	"match":         {"match.receive": true, "match.look": true, "match.enter": true, "match.leave": true, "match.found": true},
	"complaints":    {"complaint.due": true, "complaint.expire": true},
	"peer-keys":     {"peer.learn": true},
	"carry-post":    {"post.step": true},
	"peer-shell":    {"peer.keys": true},
	"seed":          {"case.register": true, "case.note": true, "case.risk": true, "case.stage": true, "case.contact": true, "case.close": true, "case.reopen": true, "case.assign": true, "case.update": true},
	"bench":         {"case.register": true, "case.note": true},
}

// floor forbids what no pack may permit. It returns the code of the rule that
// refuses, "" when none does.
func floor(c *Caller, a Act, r reachOf, now time.Time) string {
	k, known := actions[a.Action]
	switch {
	case !c.made:
		return "floor-no-caller"
	case !known:
		return "floor-unknown-action"
	case c.job != "":
		if !jobs[c.job][a.Action] {
			return "floor-job"
		}
		return ""
	case strings.HasPrefix(a.Action, "job."):
		return "floor-job"
	}
	if code := barred(c, &a); code != "" {
		return code
	}
	switch {
	case a.Action == "case.breakglass" && c.sector == "":
		return "floor-glass-role"
	case r.withheld, a.Part != "" && Within(a.Part, r.parts), k.part != "" && Within(RecordPart(k.part), r.parts):
		return "floor-withheld"
	case a.CareNotes && Walled(c.role, c.sector):
		return "floor-care-wall"
	case a.Barred != "":
		return a.Barred
	case k.other && (a.Staff == c.staff || a.Also == c.staff):
		return "floor-not-oneself"
	case k.grants && rank[r.relation] <= rank[RelationReceiver]:
		return selfGrant
	case apart(c, a.Apart):
		return "floor-own-chain"
	case k.fresh && !fresh(c, now):
		return "floor-fresh-check"
	case k.strong && !now.Before(c.strongUntil):
		return "floor-strong-check"
	}
	return ""
}

// oversees reports whether a role looks after how others work, and never opens a case.
func oversees(role string) bool { return role == RoleAuditor || role == RoleOmbudsperson }

// overseen is what about a child such a role may be permitted: none of it shows what is
// written in a case.
var overseen = map[string]bool{
	"case.wholooked": true,
	"erasure.list":   true, "erasure.refuse": true, "erasure.confirm": true, // codes and dates only
}

// apart reports whether the caller, or somebody they stand in for, is among those
// who must not do an act.
func apart(c *Caller, not []ident.Staff) bool {
	for _, s := range not {
		if s == c.staff || slices.Contains(c.deputyFor, s) {
			return true
		}
	}
	return false
}

// aboutChild reports whether an action is about a child's record.
func aboutChild(action string) bool {
	if strings.HasPrefix(action, "capture.") {
		return action != "capture.receive" // sealed: whoever holds the phone sends it, and reads nothing
	}
	return strings.HasPrefix(action, "case.") || strings.HasPrefix(action, "check.") || strings.HasPrefix(action, "document.") || strings.HasPrefix(action, "consent.") ||
		strings.HasPrefix(action, "referral.") || strings.HasPrefix(action, "disclosure.") || strings.HasPrefix(action, "circle.") ||
		strings.HasPrefix(action, "team.") || strings.HasPrefix(action, "record.") ||
		strings.HasPrefix(action, "erasure.") || strings.HasPrefix(action, "retention.") || strings.HasPrefix(action, "rights.") ||
		strings.HasPrefix(action, "match.") && refersLive[action]
}

// fresh reports whether the caller's last check of who they are still counts. How
// long one does is the session's to say: package staff reads it from the pack.
func fresh(c *Caller, now time.Time) bool { return now.Before(c.freshUntil) }

// missingCheck reports whether a refusal says only that the caller must prove again
// who they are: what is offered on a page is offered all the same.
func missingCheck(reason string) bool {
	return reason == "floor-fresh-check" || reason == "floor-strong-check" || reason == reasonVolume
}

// NeedsFresh reports whether an action asks for a fresh check, so that a door
// can ask for it before the form is filled in.
func NeedsFresh(action string) bool { return actions[action].fresh }

// Walled reports whether somebody of a role and a sector stands behind the wall around
// care notes: what a child says to be helped must not become evidence, or a ground to
// send the child away. No policy lifts it. Of whom neither is known stands behind it too.
func Walled(role, sector string) bool {
	switch role {
	case RoleCoordinator, RoleRapporteur:
		return true
	case "", RoleFirstResponder:
		return sector == "" || slices.Contains(wallSectors, sector)
	}
	return slices.Contains(wallRoles, role) || slices.Contains(wallSectors, sector)
}
