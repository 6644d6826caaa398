package web_test

import "causeway/internal/web"

func doorPreviews(s scene) []preview {
	out := web.Frame{Path: "/signin"}
	empty := form("/signin", nil)
	qr, err := web.NewQR("otpauth://totp/Causeway:hana.t?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Causeway")
	if err != nil {
		panic(err)
	}
	return []preview{
		{"signin-sso", web.SignIn{Frame: out, Form: form("/signin", nil), SSO: "the ministry", SSOHref: "/signin/sso", Passkeys: true}},
		{"signin-sso-refused", web.SignIn{Frame: out, Form: web.Form{Action: "/signin", Fault: "sso-other-post"}, SSO: "the ministry", SSOHref: "/signin/sso"}},
		{"confirm-sso", web.Confirm{Frame: s.frame(""), Form: form("/confirm", nil), Next: "/journal", Reason: "export", SSO: "the ministry", SSOHref: "/signin/sso?again=1"}},
		{"signin", web.SignIn{Frame: out, Form: empty, Passkeys: true, Demo: true}},
		{"signin-wrong", web.SignIn{Frame: out, Passkeys: true, Form: web.Form{
			Action: "/signin", Values: map[string][]string{"account": {"hana.t"}}, Fault: "sign-in-refused",
		}}},
		{"lock", web.SignIn{Frame: out, Form: form("/signin", map[string][]string{"account": {"hana.t"}}), Locked: true, Name: "Hana", NeedsCode: true}},
		{"signin-wait", web.SignIn{Frame: out, Wait: s.l.T("wait.seconds", "n", 40), Form: web.Form{
			Action: "/signin", Values: map[string][]string{"account": {"hana.t"}},
		}}},
		{"second", web.SecondStep{Frame: out, Form: form("/signin/second", nil)}},
		{"invite", web.Invite{Frame: out, Form: form("/invite/x", nil), Name: "Hana", Role: "case_worker", Unit: "Harbour Town team", Ends: previewNow}},
		{"welcome", web.Welcome{Frame: out, Form: form("/welcome", nil, web.FieldError{Name: "new_password", Code: "password-short"}), Name: "Hana", Account: "hana.t", Passkeys: true}},
		{"welcome-strict", web.Welcome{Frame: out, Form: form("/welcome", nil), Name: "Hana", Account: "hana.t", Passkeys: true, Strict: true}},
		{"welcome-app", web.AuthenticatorSetup{Frame: out, Form: form("/welcome/authenticator", nil), Secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", QR: qr, First: true, Back: "/welcome"}},
		{"authenticator", web.AuthenticatorSetup{Frame: s.frame("account"), Form: form("/account/authenticator", nil), Secret: "JBSW Y3DP EHPK 3PXP JBSW Y3DP EHPK 3PXP", QR: qr, Back: "/account"}},
		{"confirm", web.Confirm{Frame: s.frame("people"), Form: form("/confirm", nil), Next: "/people", Reason: "people", HasPassword: true, NeedsCode: true, Passkeys: true}},
		{"account", web.Account{
			Frame: s.frame("account"), Account: "hana.t", Form: form("/account", nil), CanPasskey: true, HasPassword: true, Authenticator: true, AppID: "3",
			Next: "/children", Notices: []web.NoticeLine{{ID: "1", Kind: "password", Who: "عمر السيد", At: previewNow, Code: "k3t92mxa"}, {ID: "2", Kind: "wrong-codes", At: previewNow, Code: "k3t92mxb"}},
			Passkeys: []web.PasskeyRow{{ID: "1", Name: "Hana’s phone", Made: previewNow.AddDate(0, -3, 0), Used: previewNow}, {ID: "2", Name: "Office computer", Made: previewNow.AddDate(0, -1, 0)}},
			Sessions: []web.SessionRow{
				{ID: "1", Browser: "Chrome, Android", Current: true, Since: previewNow.AddDate(0, 0, -1), Seen: previewNow},
				{ID: "2", Browser: "Firefox, Linux", Since: previewNow.AddDate(0, 0, -6), Seen: previewNow.AddDate(0, 0, -2)},
			},
		}},
		{"account-mail", web.Account{Frame: s.frame("account"), Account: "hana.t", Form: form("/account", nil), HasPassword: true, Mail: &web.OwnMail{Address: "hana@example.org", Asked: "hana.t@example.org"}}},
		{"account-nomail", web.Account{Frame: s.frame("account"), Account: "hana.t", Form: form("/account", nil), HasPassword: true, Mail: &web.OwnMail{}}},
		{"mailform", web.MailForm{Frame: s.frame("account"), Form: form("/account/mail", nil, web.FieldError{Name: "mail_address", Code: "email"})}},
		{"mailform-code", web.MailForm{Frame: s.frame("account"), Form: form("/account/mail/code", nil, web.FieldError{Name: "mail_code", Code: "mail-code"}), Asked: "hana@example.org"}},
		{"password", web.Password{Frame: s.frame("account"), Form: form("/account/password", nil)}},
		{"menu", web.Menu{Frame: s.office("menu", "supervisor")}},
		{"problem-missing", web.Problem{Frame: s.frame(""), Status: 404, Kind: "missing"}},
		{"problem-missing-why", web.Problem{Frame: s.frame("menu"), Status: 404, Kind: "missing", Back: "/", Why: "/why?act=case.open"}},
		{"problem-internal", web.Problem{Frame: s.frame(""), Status: 500, Kind: "internal", Reference: "k3t9-2mxa", Back: "/today"}},
		{"problem-conflict", web.Problem{
			Frame: s.frame("children"), Status: 409, Kind: "conflict", Code: "changed-meanwhile", Back: "/children/x",
			Kept: []web.Kept{{Name: "words", Value: "I want to go to school here first,\nthen see my aunt."}, {Name: "seen", Value: "He slept well and ate with the others."}},
		}},
		{"problem-expired", web.Problem{
			Frame: web.Frame{Path: "/"}, Status: 401, Kind: "expired",
			Kept:  []web.Kept{{Name: "words", Value: "أريد أن أذهب إلى المدرسة."}, {Name: "kind", Value: "conversation", Hide: true}},
			Again: &web.Form{Action: "/children/x/note", Hidden: []web.Hidden{{Name: "command", Value: "0000000000000000000000000c"}}},
		}},
	}
}
