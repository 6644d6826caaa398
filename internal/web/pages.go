package web

import (
	"fmt"
	"reflect"
)

// Page joins a view struct and its template.
type Page struct {
	Name string // template name
	View any    // zero value of the view struct
}

// Pages lists every page of the door.
func Pages() []Page { return pages }

var pages = []Page{
	{"signin", SignIn{}},
	{"second", SecondStep{}},
	{"invite", Invite{}},
	{"welcome", Welcome{}},
	{"authenticator", AuthenticatorSetup{}},
	{"confirm", Confirm{}},
	{"account", Account{}},
	{"password", Password{}},
	{"menu", Menu{}},
	{"today", Today{}},
	{"team", Team{}},
	{"flows", Flows{}},
	{"teamcases", TeamCases{}},
	{"teammoved", TeamMoved{}},
	{"children", Children{}},
	{"views", ViewsPage{}},
	{"view", ViewPage{}},
	{"search", Search{}},
	{"find", Find{}},
	{"register", Register{}},
	{"person", Person{}},
	{"child", ChildPage{}},
	{"documents", Documents{}},
	{"documentpage", DocumentPage{}},
	{"adddocument", AddDocument{}},
	{"documentact", DocumentAct{}},
	{"checkstart", CheckStart{}},
	{"check", CheckForm{}},
	{"checkresult", CheckResult{}},
	{"checkreceipt", CheckReceipt{}},
	{"seento", SeenTo{}},
	{"duty", Duty{}},
	{"report", Report{}},
	{"source", SourcePage{}},
	{"formlist", FormList{}},
	{"formoutline", FormOutline{}},
	{"formhead", FormHead{}},
	{"formsection", FormSection{}},
	{"formquestion", FormQuestion{}},
	{"formwrong", FormWrong{}},
	{"formpreview", FormPreview{}},
	{"formstate", FormState{}},
	{"formimport", FormImport{}},
	{"note", Note{}},
	{"contact", Contact{}},
	{"riskform", Risk{}},
	{"stageform", Stage{}},
	{"assign", Assign{}},
	{"close", Close{}},
	{"statuses", Statuses{}},
	{"statusform", StatusForm{}},
	{"acts", Acts{}},
	{"actplan", ActPlan{}},
	{"actrecord", ActRecord{}},
	{"actreview", ActReview{}},
	{"actdrop", ActDrop{}},
	{"missing", Missing{}},
	{"missingform", MissingForm{}},
	{"reopen", Reopen{}},
	{"confirmation", Confirmation{}},
	{"tasks", Tasks{}},
	{"taskform", TaskForm{}},
	{"flagform", FlagForm{}},
	{"enditem", EndItem{}},
	{"needs", Needs{}},
	{"consents", Consents{}},
	{"consentform", ConsentForm{}},
	{"withheld", Withheld{}},
	{"withholdform", WithholdForm{}},
	{"approvals", Approvals{}},
	{"plan", Plan{}},
	{"bestinterests", BestInterests{}},
	{"reintegration", Reintegration{}},
	{"planagree", PlanAgree{}},
	{"planitem", PlanItem{}},
	{"plancopy", PlanCopy{}},
	{"approvalform", ApprovalForm{}},
	{"neednew", NeedNew{}},
	{"needform", NeedForm{}},
	{"services", Services{}},
	{"service", ServicePage{}},
	{"serviceform", ServiceForm{}},
	{"placesform", PlacesForm{}},
	{"tonight", TonightPage{}},
	{"servicefiles", ServiceFiles{}},
	{"exportform", ExportForm{}},
	{"exportready", ExportReady{}},
	{"exportpaper", ExportPaper{}},
	{"timelinepage", Timeline{}},
	{"history", History{}},
	{"correct", Correct{}},
	{"many", Many{}},
	{"manydone", ManyDone{}},
	{"conferences", Conferences{}},
	{"conferencepage", ConferencePage{}},
	{"conferenceform", ConferenceForm{}},
	{"looked", Looked{}},
	{"others", Others{}},
	{"otherform", OtherForm{}},
	{"groupform", GroupForm{}},
	{"care", CareHistory{}},
	{"careform", CareForm{}},
	{"tracing", Tracing{}},
	{"tracingstart", TracingStart{}},
	{"tracingstep", TracingStepForm{}},
	{"childforms", ChildForms{}},
	{"formfill", FormFill{}},
	{"formread", FormRead{}},
	{"formhistory", FormHistory{}},
	{"capture", Capture{}},
	{"intake", IntakeStart{}},
	{"arrivals", Arrivals{}},
	{"capturewaiting", CaptureWaiting{}},
	{"captureopen", CaptureOpen{}},
	{"journal", Journal{}},
	{"people", People{}},
	{"inviteform", InviteForm{}},
	{"invited", Invited{}},
	{"staffpage", StaffPage{}},
	{"units", Units{}},
	{"agencies", Agencies{}},
	{"places", Places{}},
	{"conductpage", ConductPage{}},
	{"profileform", ProfileForm{}},
	{"agencypage", AgencyPage{}},
	{"health", Health{}},
	{"importstart", ImportStart{}},
	{"importmap", ImportMap{}},
	{"importreport", ImportReport{}},
	{"why", WhyPage{}},
	{"rules", RulesPage{}},
	{"rulespropose", RulesPropose{}},
	{"rulesproposal", RulesProposal{}},
	{"problem", Problem{}},
}

var pageNames = func() map[reflect.Type]string {
	m := map[reflect.Type]string{}
	for _, p := range pages {
		m[reflect.TypeOf(p.View)] = p.Name
	}
	return m
}()

func pageName(view any) (string, error) {
	if name, ok := pageNames[reflect.TypeOf(view)]; ok {
		return name, nil
	}
	return "", fmt.Errorf("no page shows %T", view)
}
