package pack

// The code lists the program works with. A pack must have all of them.
const (
	Stages              = "stage"
	Risks               = "risk"
	RiskReasons         = "risk_reason"
	SexRecorded         = "sex_recorded"
	GenderTold          = "gender_told"
	AgeBands            = "age_band"
	NameKinds           = "name_kind"
	Scripts             = "script"
	BirthSources        = "birth_source"
	Certainties         = "certainty"
	IdentifierKinds     = "identifier_kind"
	ContactRestrictions = "contact_restriction"
	CloseReasons        = "close_reason"
	ReopenReasons       = "reopen_reason"
	NoteKinds           = "note_kind"
	DocumentWhats       = "document_what"
	DocumentUnits       = "document_unit"
	Languages           = "language"
	Nationalities       = "nationality"
	Regions             = "region"
	LegalBases          = "legal_basis"
	DeadlineKinds       = "deadline_kind"
	ActKinds            = "act_kind"
	StatusKinds         = "status_kind"
	StatusStates        = "status_state"
	AgeMethods          = "age_method"
	FlagReasons         = "flag_reason"
	Sectors             = "sector"
	PanelSectors        = "panel_sector" // those that count on a best-interests panel
	UrgentOutcomes      = "urgent_outcome"
	Purposes            = "purpose" // what is done for another purpose is denied
	ConsentPurposes     = "consent_purpose"
	GlassReasons        = "glass_reason"  // why a case was opened by break-glass
	GlassOutcomes       = "glass_outcome" // and what its review came to
	AlarmOutcomes       = "alarm_outcome" // what was found about an alarm of volume
)

// Lists about the people around a child.
const (
	Relations  = "relation"
	GroupKinds = "group_kind"

	TracingActions = "tracing_action"
	TracingResults = "tracing_result"
	TracingStops   = "tracing_stop"
)

// Further lists the forms of the pack choose from.
const (
	Present           = "present"
	Interpreters      = "interpreter"
	ReportSources     = "report_source"
	CareArrangements  = "care_arrangement"
	ChildRisks        = "child_risk"
	Exploitations     = "exploitation"
	Controls          = "control"
	ProtectiveFactors = "protective_factor"
	Services          = "service"
	ServiceGroups     = "service_group"  // what services belong to
	ServiceStatuses   = "service_status" // of the children whom a service takes
	ServiceAccess     = "service_access" // for children with a disability
	ServiceCosts      = "service_cost"
	NeedOutcomes      = "need_outcome"
	UnmetReasons      = "unmet_reason"
)

// Lists about what is told to people who do not work on a case.
const (
	DisclosureParts = "disclosure_part"
	CircleRoles     = "circle_role" // of the people who help a child
)

// PartCareNotes is the part that no police, prosecution, court, border, labour
// inspection or migration is ever given.
const PartCareNotes = "care_notes"

// Lists about referrals and transfers.
const (
	ReferralUrgencies = "referral_urgency" // each has a clock referral_answer_<code>
	ReferralDeclines  = "referral_decline" // why somebody does not take it
	ReferralEnds      = "referral_end"     // why it failed or came back
)

// DeclineEndanger is the reason of a refusal that gives none: it could endanger the
// child or the family (Hague 1996, article 37). Only an office abroad is answered so.
const DeclineEndanger = "endanger"

// Lists about what is sent to other countries.
const (
	AbroadRecalls   = "abroad_recall"    // why something is called back
	AbroadRecalled  = "abroad_recalled"  // what became of it
	AbroadAgreed    = "abroad_agreed"    // the answer to a consultation
	AbroadRisks     = "abroad_risk"      // what a return would mean
	AbroadWellbeing = "abroad_wellbeing" // how the child is after the return
	AbroadAsylum    = "abroad_asylum"    // of the protection check
	AbroadOffice    = "abroad_office"
	AbroadView      = "abroad_view"
)

// Lists about how long a file is kept and who asks for what.
const (
	ErasureGrounds   = "erasure_ground"
	ErasureRefusals  = "erasure_refusal"
	RequestBy        = "request_by"
	RetentionClasses = "retention_class"
	HoldReasons      = "hold_reason"
	RequestKinds     = "request_kind"
	ReceivedHow      = "received_how"
	IdentityChecked  = "identity_checked"
	RequestRefusals  = "request_refusal"
)

// Lists about complaints.
const (
	ComplaintMatters  = "complaint_matter"
	ComplaintBy       = "complaint_by"
	ComplaintSafe     = "complaint_safe" // whether who complains is safe meanwhile
	ComplaintOutcomes = "complaint_outcome"
)

// listNeed is what the program asks of one list.
type listNeed struct {
	codes  []string // must be there
	closed bool     // and nothing else may: the program knows each by name
	parent string   // every row but the last ones names a code of this list
	byName bool     // shown in the order of the reader's alphabet
}

var listNeeds = map[string]listNeed{
	Stages: {closed: true, codes: []string{
		"screened", "identified", "registered", "assessed", "best_interests", "planned",
		"in_services", "solution", "followup", "closed", "missing",
	}},
	Risks:       {closed: true, codes: []string{"high", "medium", "low"}},
	RiskReasons: {codes: []string{"other"}},
	SexRecorded: {closed: true, codes: []string{"female", "male", "other", "unknown"}},
	GenderTold:  {codes: []string{"refused", "not_asked", "unknown"}},
	DeadlineKinds: {codes: []string{
		"first_contact", "next_contact", "emergency_confirm", "emergency_assessment", "assessment", "plan", "review",
		"missing_report", "guardian", "breach_review", "approval", "task", "flag",
		"tell_unit", "tell_child", "handover", "urgent_danger", "urgent_medical", "urgent_pep72", "urgent_ec120", "urgent_selfharm",
		"followup", "service", "plan_review", "decision_review", "warning", "referral_answer", "referral_turn", "erasure", "rights_request",
		"glass_review", "match_decide", "close_handed", "report_owed", "report_awaited", "other",
		"handover", "urgent_danger", "urgent_medical", "urgent_pep72", "urgent_ec120", "urgent_selfharm",
	}},
	AgeBands:            {closed: true, codes: []string{"0-4", "5-11", "12-14", "15-17", "18+", "unknown"}},
	NameKinds:           {codes: []string{"birth", "document", "known_as", "alias", "temporary"}},
	Scripts:             {byName: true, codes: []string{"Latn", "Arab", "Zzzz"}},
	BirthSources:        {codes: []string{"unknown"}},
	Certainties:         {codes: []string{"certain"}},
	IdentifierKinds:     {codes: []string{"other"}},
	ContactRestrictions: {codes: []string{"other"}},
	CloseReasons:        {codes: []string{"unreachable", "other"}},
	ReopenReasons:       {codes: []string{"other"}},
	NoteKinds:           {codes: []string{"conversation", "home_visit", "phone_call", "other"}}, // the first three are contacts
	DocumentWhats:       {codes: []string{"other"}},
	DocumentUnits:       {closed: true, codes: []string{"abuse_images"}}, // whom to tell of it, and how
	ConsentPurposes:     {codes: []string{"services", "tracing", "justice", "abroad", "consulate"}},
	LegalBases:          {codes: []string{"consent", "vital_interest", "public_task"}},
	ActKinds:            {codes: []string{"placement", "removal", "separation", "reunification", "return", "transfer_abroad"}},
	StatusKinds: {closed: true, codes: []string{
		"minority", "age", "guardian", "reflection", "residence", "identification", "transition", "decision", "filed",
	}},
	StatusStates: {parent: StatusKinds, codes: []string{
		"minority_presumed", "minority_ended", "age_adult", "age_appealed", "guardian_asked", "guardian_named", "reflection_granted",
		"residence_appealed", "identification_presumed", "identification_recognised", "identification_refused",
		"identification_appealed", "transition_planned", "transition_consent", "transition_done",
	}},
	AgeMethods:     {codes: []string{"other"}},
	Sectors:        {codes: []string{"child_protection", "other"}}, // what the node's own agency begins with
	PanelSectors:   {},
	FlagReasons:    {codes: []string{"other"}},
	UrgentOutcomes: {codes: []string{"done"}},
	Purposes: {codes: []string{
		"case-work", "supervision", "child-request", "emergency", "administration", "audit", "maintenance", "menu", "referral", "oversight",
	}},
	DisclosureParts: {closed: true, codes: []string{ // the program knows how each is made
		"identity", "age", "contact", "language", "needs", "risk", "plan", "family", "health", "school", "legal_status",
		"whereabouts", "exploitation_account", "evidence_documents", PartCareNotes,
	}},
	ReferralUrgencies: {closed: true, codes: []string{"at_once", "soon", "planned"}}, // the program knows their clocks
	ReferralDeclines:  {codes: []string{"other", DeclineEndanger}},
	ReferralEnds:      {codes: []string{"child_not_there", "other"}},
	CircleRoles:       {codes: []string{"guardian", "interpreter", "other"}}, // the first two are asked whether anything stands against it
	AlarmOutcomes:     {codes: []string{"explained"}},
	GlassReasons:      {codes: []string{"other"}},
	GlassOutcomes:     {closed: true, codes: []string{"justified", "not_justified", "further"}},
	Languages:         {byName: true, codes: []string{"en", "fr", "ar", "und"}},
	Nationalities:     {byName: true, codes: []string{"stateless", "unknown"}},
	Regions:           {byName: true, parent: Nationalities, codes: []string{"unknown"}},
	Relations:         {codes: []string{"brother_sister", "other"}},
	GroupKinds:        {codes: []string{"siblings"}}, // the mark of an intake's table
	TracingActions:    {codes: []string{"other"}},
	TracingResults:    {codes: []string{"found"}}, // what may be followed by a reunification
	TracingStops:      {codes: []string{"withdrawn", "other"}},
	Present:           {codes: []string{"other"}},
	Interpreters:      {codes: []string{"not_needed", "missing"}},
	ReportSources:     {codes: []string{"other"}},
	CareArrangements:  {codes: []string{"police_cell", "immigration_detention", "street", "nobody", "with_exploiter", "other"}}, // but the last are unsafe
	ChildRisks:        {codes: []string{"other"}},
	Exploitations:     {codes: []string{"other"}},
	Controls:          {codes: []string{"other"}},
	ProtectiveFactors: {codes: []string{"other"}},
	Services:          {parent: ServiceGroups, codes: []string{"other"}},
	ServiceGroups:     {codes: []string{"safety"}},
	ServiceStatuses:   {},
	ServiceAccess:     {},
	ServiceCosts:      {codes: []string{"free", "unknown"}},
	NeedOutcomes:      {codes: []string{"met", "other"}},
	UnmetReasons:      {codes: []string{"other"}},
	ErasureGrounds:    {codes: []string{"retention_over"}},
	ErasureRefusals:   {codes: []string{"other"}},
	RequestBy:         {codes: []string{"child", "other"}},
	RetentionClasses:  {},
	HoldReasons:       {codes: []string{"other"}},
	RequestKinds:      {closed: true, codes: []string{"access", "copy", "correction", "erasure", "restriction", "objection"}},
	ReceivedHow:       {codes: []string{"other"}},
	IdentityChecked:   {codes: []string{"not_yet", "failed"}}, // with these nothing is handed out
	RequestRefusals:   {codes: []string{"other"}},

	AbroadRecalls:   {codes: []string{"consent_withdrawn", "wrong_recipient", "wrong_child", "safety"}},
	AbroadRecalled:  {closed: true, codes: []string{"erased", "partly", "retained", "onward"}},
	AbroadAgreed:    {closed: true, codes: []string{"agreed", "agreed_if", "refused"}},
	AbroadRisks:     {codes: []string{"safe", "not_safe", "unknown"}},
	AbroadWellbeing: {codes: []string{"well", "at_risk", "not_found"}},
	AbroadAsylum:    {closed: true, codes: []string{"no_need", "need"}}, // only the first lets anything leave
	AbroadOffice:    {closed: true, codes: []string{"clear", "implicated", "unknown"}},
	AbroadView:      {closed: true, codes: []string{"agrees", "objects", "not_able"}},

	ComplaintMatters:  {codes: []string{"other"}},
	ComplaintBy:       {codes: []string{"child", "anonymous", "other"}},
	ComplaintSafe:     {closed: true, codes: []string{"safe", "unknown", "in_danger"}}, // who handles it is told at once of the last
	ComplaintOutcomes: {closed: true, codes: []string{"upheld", "partly", "not_upheld", "withdrawn", "passed_on"}},
}
