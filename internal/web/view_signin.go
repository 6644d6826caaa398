package web

import "time"

// SignIn asks for name and password, or a passkey. With Locked it is the lock
// screen of somebody already known to this browser.
type SignIn struct {
	Frame
	Form      Form // account, password; on the lock screen password and code
	Next      string
	Locked    bool
	Name      string // shown on the lock screen
	NeedsCode bool   // the lock screen asks for the authenticator app too
	Wait      string // how long to wait after too many tries, in words
	Passkeys  bool   // this node accepts passkeys on this address
	Demo      bool   // every child here is invented
	SSO       string // the name of the organisation's provider, "" for none
	SSOHref   string
}

// SecondStep asks for the six digits of the authenticator app.
type SecondStep struct {
	Frame
	Form Form // code
	Wait string
}

// Invite greets somebody with an invitation. Looking changes nothing.
type Invite struct {
	Frame
	Form Form // voice_code
	Name string
	Role string
	Unit string
	Ends time.Time // of the invitation, in the node's time zone
}

// Welcome lets an invited person make the first credential.
type Welcome struct {
	Frame
	Form     Form // new_password, new_password_again
	Name     string
	Account  string // the name to sign in with
	Passkeys bool
	Strict   bool // a password alone is not enough for this role
}

// AuthenticatorSetup shows the secret of an authenticator app once.
type AuthenticatorSetup struct {
	Frame
	Form   Form   // code; in the welcome also new_password, new_password_again
	Secret string // "" when it was shown before
	QR     QR
	First  bool // part of the welcome: a password is made with it
	Back   string
}

// QR is a square code drawn as one SVG path.
type QR struct {
	Size int
	Path string
}

// Account is a person's own page.
type Account struct {
	Frame
	Account       string
	Form          Form
	Next          string       // where the person was going when notices came between
	Notices       []NoticeLine // what they must be told about their account
	Sessions      []SessionRow
	Passkeys      []PasskeyRow
	CanPasskey    bool
	HasPassword   bool
	Authenticator bool
	AppID         string   // of the authenticator app
	Mail          *OwnMail // nil: no word is sent by e-mail here
}

// OwnMail is where a person is told by e-mail that something waits.
type OwnMail struct {
	Address string // confirmed, "" for none
	Asked   string // waits for its code, "" for none
}

// MailForm gives an address, or the code that was sent to it.
type MailForm struct {
	Frame
	Form  Form // mail_address, or mail_code
	Asked string
}

// NoticeLine is one thing to tell a person about their account; the words are
// "told.<Kind>".
type NoticeLine struct {
	ID   string
	Kind string
	Who  string // who did it, "" when it is not known
	At   time.Time
	Code string // short code of the journal entry
}

// SessionRow is one signed-in browser.
type SessionRow struct {
	ID      string
	Browser string // such as "Chrome on Android"
	Current bool
	Since   time.Time
	Seen    time.Time
}

// PasskeyRow is one passkey.
type PasskeyRow struct {
	ID   string
	Name string
	Made time.Time
	Used time.Time
}

// Password changes the password.
type Password struct {
	Frame
	Form Form // new_password, new_password_again
}

// Confirm asks the person to prove again that it is them.
type Confirm struct {
	Frame
	Form        Form // password, code
	Next        string
	Reason      string // code, words "confirmwhy.<Reason>"
	HasPassword bool
	NeedsCode   bool
	Passkeys    bool
	SSO         string // the provider asks anew instead, "" for none
	SSOHref     string
	None        bool // what is asked for takes a passkey or an app, and there is neither
	Wait        string
}

// Menu lists what does not fit the phone's tabs.
type Menu struct {
	Frame
	Form Form
}
