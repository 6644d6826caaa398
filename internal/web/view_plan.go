package web

import "causeway/internal/locale"

// Plan is the newest plan of a child, and what became of it.
type Plan struct {
	Frame
	Child    Child
	Some     bool   // there is a plan
	Finished bool   // its form is finished
	Form     string // where the form is filled in
	Aim      string
	Wish     *Words
	Approval *ApprovalRow // what a second person says, nil where nobody is asked
	Agreed   *PlanAnswer  // the child's answer, nil for none yet
	Goals    []PlanGoal
	Steps    []PlanStep
	Done     int // of Steps
	Review   *Due
	AgreeAt  string   // where the child's answer is recorded, "" for whoever may not
	Copies   []Option // languages in which it can be printed: Value is the address
}

// PlanAnswer is what the child said of the plan.
type PlanAnswer struct {
	Answer string // words "planagreed.<Answer>"
	Words  *Words
	By     string // who asked, and answers for it
	On     locale.Day
	Alone  string // words "alone.<Alone>"
	Copy   bool   // the child has a copy
	Stale  bool   // the plan was changed since
	Note   string
}

// PlanGoal is one goal.
type PlanGoal struct {
	What  string
	Area  string // in words
	By    *Due
	View  string // words "goalview.<View>", "" where the child was not asked
	Words *Words
	At    string // where the child's view is recorded, "" for whoever may not
}

// PlanStep is one step.
type PlanStep struct {
	What    string
	Who     string
	Service string // in words
	By      *Due
	State   string // words "stepstate.<State>"
	On      locale.Day
	Note    string
	Words   *Words
	At      string // where progress is recorded, "" for whoever may not
}

// PlanAgree records the child's answer to the plan.
type PlanAgree struct {
	Frame
	Child     Child
	Form      Form // plan_agreed, plan_words, language, seen_alone, plan_copy, plan_note
	Aim       string
	Answers   []Option
	Languages []Option
	Alone     []Option
	Copies    []Option
}

// PlanItem records what became of a step, or what the child thinks of a goal.
type PlanItem struct {
	Frame
	Child  Child
	Form   Form // step_state or goal_view, plan_words, plan_note or seen_alone
	What   string
	States []Option // of a step
	Views  []Option // of a goal
	Alone  []Option
}

// PlanCopy is the plan for the child, in the child's language: what the child agreed
// to and nothing that could put the child in danger when somebody else reads it.
type PlanCopy struct {
	Frame
	Child  Child
	Aim    string
	Goals  []PlanGoal
	Steps  []PlanStep
	Review locale.Day
	Worker string
	Unsafe bool // the form does not say that the child can keep it safely
}
