package web

import "time"

// Alarms lists the times that somebody went far beyond what is usual for them.
type Alarms struct {
	Frame
	Rows []AlarmRow
}

// AlarmPage says what was found about one.
type AlarmPage struct {
	Frame
	Form     Form // alarm_outcome
	Row      AlarmRow
	Outcomes []Option
}

// AlarmRow is one of them.
type AlarmRow struct {
	Who      string
	Unit     string
	Kind     string // words "alarmkind.<Kind>"
	Span     string // words "alarmspan.<Span>"
	At       time.Time
	Counted  int
	Bound    int
	Median   int
	Caseload int
	Outcome  string
	By       string
	Settle   string // where what was found is written down; "" when it was, or for oneself
}
