package pack

import "time"

// ClockName names one number of a pack.
type ClockName string

// The numbers the program works with. A pack must give all of them.
const (
	ChildAge            ClockName = "child_age"            // a child is anyone younger
	FirstContactHigh    ClockName = "first_contact_high"   // after registration
	FirstContactMedium  ClockName = "first_contact_medium" //
	FirstContactLow     ClockName = "first_contact_low"    //
	NextContactHigh     ClockName = "next_contact_high"    // after a contact
	NextContactMedium   ClockName = "next_contact_medium"  //
	NextContactLow      ClockName = "next_contact_low"     //
	EmergencyConfirm    ClockName = "emergency_confirm"    // a supervisor confirms an emergency act
	EmergencyAssessment ClockName = "emergency_assessment" // assessment after one
	MissingReport       ClockName = "missing_report"       // report a missing child
	MissingReview       ClockName = "missing_review"       // look again for a missing child, in the first time
	MissingReviewLater  ClockName = "missing_review_later" // and later
	MissingFirstTime    ClockName = "missing_first_time"   // how long the first time is
	ReturnTalk          ClockName = "return_talk"          // talk with a child who was found
	BreachReview        ClockName = "breach_review"        // a supervisor looks at an act without a basis
	GuardianNamed       ClockName = "guardian_named"       // a guardian is named after one was asked for
	ReflectionPeriod    ClockName = "reflection_period"    // time to recover and reflect
	UnreachableClose    ClockName = "unreachable_close"    // before closing as not reachable
	SessionIdle         ClockName = "session_idle"         // sign out after no activity
	SessionAbsolute     ClockName = "session_absolute"     // sign in again at the latest
	FreshCheck          ClockName = "fresh_check"          // a fresh sign-in check stays valid
	SignInTries         ClockName = "sign_in_tries"        // wrong sign-ins before waiting begins
	SignInWait          ClockName = "sign_in_wait"         // longest wait after wrong sign-ins
	Invitation          ClockName = "invitation"           // an invitation stays valid
	OpenerLife          ClockName = "opener"               // an opened case stays readable without a new entry
	ImportReportKeep    ClockName = "import_report_keep"   // the error report of an import
	DocumentMost        ClockName = "document_most"        // mebibytes of one document
	CaseDocuments       ClockName = "case_documents"       // mebibytes of all documents of a case
	DocumentTold        ClockName = "document_told"        // the competent unit is told of what may show abuse
	TellChild           ClockName = "tell_child"           // the child is told of a disclosure
	DocumentUpload      ClockName = "document_upload"      // an unfinished upload is kept
	EpochUse            ClockName = "epoch_use"            // an epoch key is used
	BackupMaxAge        ClockName = "backup_max_age"       // no backup is kept longer
	HandoverHigh        ClockName = "handover_high"        // a check that was handed over is accepted
	HandoverMedium      ClockName = "handover_medium"      //
	HandoverLow         ClockName = "handover_low"         //
	UrgentDanger        ClockName = "urgent_danger"        // after a check: the child is safe
	UrgentMedical       ClockName = "urgent_medical"       // the child saw a doctor or nurse
	UrgentPEP           ClockName = "urgent_pep72"         // the child is at a clinic for HIV prevention
	UrgentContraception ClockName = "urgent_ec120"         // or for emergency contraception
	UrgentSelfHarm      ClockName = "urgent_selfharm"      // somebody trained spoke with the child
	CheckKeep           ClockName = "check_keep"           // a check that was not registered
	CaptureKeep         ClockName = "capture_keep"         // a form begun without a network
	PlacesConfirmed     ClockName = "places_confirmed"     // how long a number of free places counts
)

// The numbers of the deadlines between the stages, of the steps each deadline
// takes, and of how much one worker carries.
const (
	AssessmentHigh   ClockName = "assessment_high" // assessment after registration
	AssessmentMedium ClockName = "assessment_medium"
	AssessmentLow    ClockName = "assessment_low"
	PlanHigh         ClockName = "plan_high" // plan after the assessment
	PlanMedium       ClockName = "plan_medium"
	PlanLow          ClockName = "plan_low"
	ReviewHigh       ClockName = "review_high" // review of the case
	ReviewMedium     ClockName = "review_medium"
	ReviewLow        ClockName = "review_low"
	DeadlineRemind   ClockName = "deadline_remind"   // a deadline reminds before it is due
	DeadlineEscalate ClockName = "deadline_escalate" // a missed deadline goes one unit up
	LookedFor        ClockName = "looked_for"        // somebody looked for a child who may be this one
	CaseloadMost     ClockName = "caseload_most"     // points one worker carries
	CaseloadHigh     ClockName = "caseload_high"     // points of a case
	CaseloadMedium   ClockName = "caseload_medium"
	CaseloadLow      ClockName = "caseload_low"
)

// The numbers of approvals and of what follows a solution.
const (
	ApprovalDays      ClockName = "approval" // a supervisor approves or returns
	ApprovalHigh      ClockName = "approval_high"
	RequestAnswer     ClockName = "request_answer"      // who asks by right about a child's data is answered
	FollowupHighFirst ClockName = "followup_high_first" // in the first month, at high risk
	FollowupHighLater ClockName = "followup_high_later" // until the third of the visits below
	FollowupWarning   ClockName = "followup_warning"    // somebody looks after a warning sign
	PanelLeast        ClockName = "panel_least"         // members of a panel who may decide
	PanelLeastSectors ClockName = "panel_sectors"       // sectors they come from
	SmallCell         ClockName = "small_cell"          // fewer children than this are not counted out
)

// The clocks of referrals and transfers.
const (
	ReferralAtOnce  ClockName = "referral_answer_at_once" // the receiver accepts or declines
	ReferralSoon    ClockName = "referral_answer_soon"
	ReferralPlanned ClockName = "referral_answer_planned"
	ReferralStart   ClockName = "referral_start"  // what was accepted begins
	ReferralReport  ClockName = "referral_report" // the receiver reports while it goes on
	ReferralTurn    ClockName = "referral_turn"   // the sender answers, or looks elsewhere
	ContactStale    ClockName = "contact_stale"   // a contact abroad must be confirmed again
	ReferralLapse   ClockName = "referral_lapse"  // what is reported counts as confirmed
	ReferralClaim   ClockName = "referral_claim"  // whoever asks for a case is answered
)

// The numbers of break-glass.
const (
	GlassOpen   ClockName = "glass_open"   // the case stays open to whoever opened it
	GlassDaily  ClockName = "glass_daily"  // cases one person may open in 24 hours
	GlassReview ClockName = "glass_review" // somebody outside the chain of command reviews it
)

// The clocks of complaints.
const (
	ComplaintAcknowledge ClockName = "complaint_acknowledge" // somebody says that it has come
	ComplaintAnswer      ClockName = "complaint_answer"
	ComplaintKeep        ClockName = "complaint_keep" // its words, once it was answered
)

// The numbers of alarms about volume.
const (
	VolumeOpens    ClockName = "volume_opens" // never too much in a day
	VolumeSearches ClockName = "volume_searches"
	VolumeExports  ClockName = "volume_exports"
	VolumeDenials  ClockName = "volume_denials"
	VolumeTimes    ClockName = "volume_times" // how many times the usual is too much
	VolumeHour     ClockName = "volume_hour"  // an hour holds one in so many of a day
)

// Followups are the visits after a solution began, in their order.
var Followups = []ClockName{"followup_1", "followup_2", "followup_3", "followup_4", "followup_5", "followup_6"}

// clockNeed bounds one number. The bounds are what the program's own promises
// allow, not what is wise: a session of a month or an invitation of a year
// would undo protections that pages and guides describe.
type clockNeed struct {
	kind     unitKind
	min, max time.Duration // for fixed units
	low, top int           // for calendar units (in months) and counts
	working  bool          // may be counted in working days: danger does not wait for Monday
}

const (
	minute = time.Minute
	hour   = time.Hour
	day    = 24 * time.Hour
)

var clockNeeds = map[ClockName]clockNeed{
	ChildAge:            {kind: calendarUnit, low: 18 * 12, top: 18 * 12}, // the age bands end there: shown, not changed
	FirstContactHigh:    {kind: fixedUnit, min: hour, max: 3 * day},
	FirstContactMedium:  {kind: fixedUnit, min: hour, max: 14 * day, working: true},
	FirstContactLow:     {kind: fixedUnit, min: hour, max: 30 * day, working: true},
	NextContactHigh:     {kind: fixedUnit, min: hour, max: 14 * day, working: true},
	NextContactMedium:   {kind: fixedUnit, min: hour, max: 60 * day, working: true},
	NextContactLow:      {kind: fixedUnit, min: hour, max: 120 * day, working: true},
	EmergencyConfirm:    {kind: fixedUnit, min: hour, max: 3 * day},
	EmergencyAssessment: {kind: fixedUnit, min: hour, max: 14 * day},
	MissingReport:       {kind: fixedUnit, min: minute, max: day},
	MissingReview:       {kind: calendarUnit, low: 1, top: 2},
	MissingReviewLater:  {kind: calendarUnit, low: 1, top: 6},
	MissingFirstTime:    {kind: calendarUnit, low: 3, top: 36},
	ReturnTalk:          {kind: fixedUnit, min: hour, max: 7 * day},
	BreachReview:        {kind: fixedUnit, min: hour, max: 7 * day},
	GuardianNamed:       {kind: fixedUnit, min: hour, max: 30 * day, working: true},
	ReflectionPeriod:    {kind: fixedUnit, min: 30 * day, max: 365 * day}, // a country may give more, not less
	AssessmentHigh:      {kind: fixedUnit, min: hour, max: 14 * day, working: true},
	AssessmentMedium:    {kind: fixedUnit, min: hour, max: 60 * day, working: true},
	AssessmentLow:       {kind: fixedUnit, min: hour, max: 90 * day, working: true},
	PlanHigh:            {kind: fixedUnit, min: hour, max: 14 * day, working: true},
	PlanMedium:          {kind: fixedUnit, min: hour, max: 60 * day, working: true},
	PlanLow:             {kind: fixedUnit, min: hour, max: 90 * day, working: true},
	ReviewHigh:          {kind: fixedUnit, min: hour, max: 60 * day, working: true},
	ReviewMedium:        {kind: fixedUnit, min: hour, max: 120 * day, working: true},
	ReviewLow:           {kind: fixedUnit, min: hour, max: 366 * day, working: true},
	DeadlineRemind:      {kind: fixedUnit, min: hour, max: 7 * day},
	DeadlineEscalate:    {kind: fixedUnit, min: hour, max: 7 * day},
	LookedFor:           {kind: fixedUnit, min: hour, max: 14 * day, working: true},
	CaseloadMost:        {kind: countUnit, low: 1, top: 1000},
	CaseloadHigh:        {kind: countUnit, low: 1, top: 100},
	CaseloadMedium:      {kind: countUnit, low: 1, top: 100},
	CaseloadLow:         {kind: countUnit, low: 1, top: 100},
	UnreachableClose:    {kind: calendarUnit, low: 3, top: 24},
	SessionIdle:         {kind: fixedUnit, min: minute, max: 2 * hour},
	SessionAbsolute:     {kind: fixedUnit, min: 15 * minute, max: day},
	FreshCheck:          {kind: fixedUnit, min: minute, max: 15 * minute},
	SignInTries:         {kind: countUnit, low: 1, top: 20},
	SignInWait:          {kind: fixedUnit, min: minute, max: day},
	Invitation:          {kind: fixedUnit, min: hour, max: 7 * day},
	OpenerLife:          {kind: fixedUnit, min: minute, max: hour},
	ImportReportKeep:    {kind: fixedUnit, min: day, max: 30 * day},
	DocumentMost:        {kind: countUnit, low: 1, top: 256}, // one transaction writes it
	CaseDocuments:       {kind: countUnit, low: 256, top: 10_000},
	DocumentTold:        {kind: fixedUnit, min: hour, max: 3 * day},
	TellChild:           {kind: fixedUnit, min: hour, max: 366 * day},
	DocumentUpload:      {kind: fixedUnit, min: hour, max: 7 * day},
	EpochUse:            {kind: fixedUnit, min: day, max: 90 * day},
	BackupMaxAge:        {kind: fixedUnit, min: day, max: 90 * day},
	CaptureKeep:         {kind: fixedUnit, min: day, max: 14 * day},
	PlacesConfirmed:     {kind: fixedUnit, min: hour, max: 14 * day},
	HandoverHigh:        {kind: fixedUnit, min: 15 * minute, max: day},
	HandoverMedium:      {kind: fixedUnit, min: 15 * minute, max: 3 * day},
	HandoverLow:         {kind: fixedUnit, min: 15 * minute, max: 7 * day},
	UrgentDanger:        {kind: fixedUnit, min: 15 * minute, max: day},
	UrgentMedical:       {kind: fixedUnit, min: 15 * minute, max: day},
	UrgentPEP:           {kind: fixedUnit, min: 15 * minute, max: 3 * day},
	UrgentContraception: {kind: fixedUnit, min: 15 * minute, max: 5 * day},
	UrgentSelfHarm:      {kind: fixedUnit, min: 15 * minute, max: day},
	CheckKeep:           {kind: fixedUnit, min: 14 * day, max: 365 * day}, // longer than results of commands are kept
	ApprovalDays:        {kind: fixedUnit, min: hour, max: 14 * day},
	ApprovalHigh:        {kind: fixedUnit, min: hour, max: 3 * day},
	RequestAnswer:       {kind: calendarUnit, low: 1, top: 3},
	"followup_1":        {kind: calendarUnit, low: 1, top: 2},
	"followup_2":        {kind: calendarUnit, low: 2, top: 4},
	"followup_3":        {kind: calendarUnit, low: 4, top: 8},
	"followup_4":        {kind: calendarUnit, low: 9, top: 15},
	"followup_5":        {kind: calendarUnit, low: 15, top: 21},
	"followup_6":        {kind: calendarUnit, low: 21, top: 60},
	FollowupHighFirst:   {kind: fixedUnit, min: day, max: 14 * day},
	FollowupHighLater:   {kind: calendarUnit, low: 1, top: 2},
	PanelLeast:          {kind: countUnit, low: 3, top: 9},
	PanelLeastSectors:   {kind: countUnit, low: 1, top: 6},
	SmallCell:           {kind: countUnit, low: 3, top: 50},
	FollowupWarning:     {kind: fixedUnit, min: hour, max: 3 * day},
	ReferralAtOnce:      {kind: fixedUnit, min: 15 * minute, max: day},
	ReferralSoon:        {kind: fixedUnit, min: hour, max: 7 * day},
	ReferralPlanned:     {kind: fixedUnit, min: day, max: 30 * day, working: true},
	ReferralStart:       {kind: fixedUnit, min: hour, max: 30 * day, working: true},
	ReferralReport:      {kind: fixedUnit, min: day, max: 90 * day},
	ReferralTurn:        {kind: fixedUnit, min: hour, max: 14 * day, working: true},
	ContactStale:        {kind: fixedUnit, min: 30 * day, max: 730 * day},
	ReferralLapse:       {kind: fixedUnit, min: 7 * day, max: 90 * day},
	ReferralClaim:       {kind: fixedUnit, min: day, max: 30 * day, working: true},
	VolumeOpens:         {kind: countUnit, low: 20, top: 1000},
	VolumeSearches:      {kind: countUnit, low: 50, top: 5000},
	VolumeExports:       {kind: countUnit, low: 5, top: 500},
	VolumeDenials:       {kind: countUnit, low: 5, top: 500},
	VolumeTimes:         {kind: countUnit, low: 2, top: 20},
	VolumeHour:          {kind: countUnit, low: 1, top: 8},
	GlassOpen:           {kind: fixedUnit, min: 15 * minute, max: 12 * hour},
	GlassDaily:          {kind: countUnit, low: 1, top: 10},
	GlassReview:         {kind: fixedUnit, min: hour, max: 7 * day},

	ComplaintAcknowledge: {kind: fixedUnit, min: hour, max: 14 * day, working: true},
	ComplaintAnswer:      {kind: fixedUnit, min: day, max: 90 * day, working: true},
	ComplaintKeep:        {kind: calendarUnit, low: 12, top: 10 * 12},
}
