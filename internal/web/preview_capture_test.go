package web_test

import "causeway/internal/web"

func capturePreviews(s scene) []preview {
	f := s.frame("capture")
	ways := []web.NavItem{{Tab: "check", Href: "/check"}, {Tab: "register", Href: "/children/new"}}
	return []preview{
		{"capture", web.Capture{Frame: f, Key: "AAAAAQ", Ticket: "ticket", Until: 1_800_000_000_000, Who: "abc", Idle: 900, Waiting: 3, Ways: ways}},
		{"capture-shell", web.Capture{Frame: web.Frame{Path: "/capture"}, Idle: 900}},
	}
}
