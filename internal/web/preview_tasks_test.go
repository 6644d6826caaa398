package web_test

import (
	"time"

	"causeway/internal/web"
)

func taskPreviews(s scene) []preview {
	f := s.frame("children")
	f.Stamp = &web.Stamp{Who: "Hana Tesfaye", When: previewNow, Code: "k3t92mxa"}
	c, at := s.child(0), "/children/x"
	flag := s.flags()[0]
	tasks := []web.Item{
		{For: "Hana T.", State: "open", Text: "Ask the school for a place.", By: "Omar S.", At: previewNow.AddDate(0, 0, -3), Due: web.DueOn(day(-1), previewToday), End: at + "/tasks/1"},
		{For: s.l.Word("taskfor", "supervisor"), State: "open", Text: "اتصلي بالوصية", By: "Hana T.", At: previewNow.AddDate(0, 0, -2), Due: web.DueOn(day(4), previewToday), End: at + "/tasks/2"},
	}
	ended := []web.Item{
		{For: "Lidya G.", State: "impossible", Text: "Bring her bag from the old place.", By: "Hana T.", At: previewNow.AddDate(0, 0, -9), Ended: previewNow.AddDate(0, 0, -1)},
		{Reason: s.p.Label("flag_reason", "court", s.l.Code()), State: "resolved", Text: "Interview with the judge.", By: "Hana T.", At: previewNow.AddDate(0, 0, -9), Ended: previewNow.Add(-time.Hour)},
	}
	plain := flag
	plain.End = ""
	return []preview{
		{"tasks", web.Tasks{Frame: f, Child: c, Flags: s.flags(), Tasks: tasks, Ended: ended, CanFlag: true, CanTask: true}},
		{"tasks-empty", web.Tasks{Frame: f, Child: c}},
		{"taskform", web.TaskForm{Frame: f, Child: c, Form: form(at+"/tasks/new", map[string][]string{"task_for": {"lead"}}, web.FieldError{Name: "task_text", Code: "required"}), For: append(web.TaskFor(s.l), web.Option{Value: "x", Label: "Lidya G."})}},
		{"flagform", web.FlagForm{Frame: f, Child: c, Form: form(at+"/flags/new", map[string][]string{"flag_reason": {"danger"}}), Reasons: s.options("flag_reason")}},
		{"endtask", web.EndItem{Frame: f, Child: c, Form: form(at+"/tasks/1", nil).Ask("reason", s.l.T("item.end.why")), What: tasks[1], Ways: web.Options(s.l, "taskend", "done", "impossible")}},
		{"endflag", web.EndItem{Frame: f, Child: c, Form: web.Form{Action: at + "/flags/1", Fault: "item-ended"}, What: plain}},
	}
}

func (s scene) flags() []web.Item {
	return []web.Item{{
		Reason: s.p.Label("flag_reason", "danger", s.l.Code()), State: "open", Text: "A man asked for her at the gate.\nLet nobody in whom you do not know.", By: "Hana T.",
		At: previewNow.AddDate(0, 0, -1), Due: web.DueOn(day(2), previewToday), End: "/children/x/flags/1",
	}}
}
