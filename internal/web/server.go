package web

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/casework"
	"causeway/internal/clock"
	"causeway/internal/directory"
	"causeway/internal/exchange"
	"causeway/internal/forms"
	"causeway/internal/match"
	"causeway/internal/oversight"
	"causeway/internal/pack"
	"causeway/internal/referral"
	"causeway/internal/staff"
)

// Deps is what the door stands on; package node gives it.
type Deps struct {
	Office    *staff.Office
	People    *access.People
	Gate      *access.Gate
	Cases     *casework.Room
	Services  *directory.Room
	Pack      *pack.Pack
	Clock     clock.Clock
	Log       *slog.Logger
	Zone      *time.Location // of the people who work here: "today" is a day there
	Secure    bool           // reached over TLS, by itself or through a proxy
	Proxy     []netip.Prefix // whose X-Forwarded-For is believed
	Demo      bool
	Search    [32]byte // seals what is searched for into addresses
	Health    HealthDesk
	Backup    BackupDesk
	Audit     AuditDesk
	Import    ImportDesk
	Whole     WholeDesk
	Rules     *access.Rulebook // nil: rules are not shown here
	FormEdit  *forms.Editor    // nil: forms are not changed here
	Workbooks WorkbookDesk
	Capture   CaptureDesk
	Referrals *referral.Room // nil: nobody is referred here
	Circle    *referral.Circle
	Oversight *oversight.Room
	Exchange  *exchange.Room // nil: the page of partner countries is not there
	Match     *match.Room    // nil: nothing is agreed on about looking for children with them
	Bundles   BundleDesk     // nil: nothing is carried by hand from the pages
	SSO       SSODesk        // nil: people sign in here only
}

// HealthDesk answers how the node is.
type HealthDesk interface {
	// Checks returns the lines of the health page.
	Checks(ctx context.Context) HealthReport
}

// HealthReport is the operator's picture of the node.
type HealthReport struct {
	State   string // "good", "watch" or "act"
	Checks  []Check
	Version string
	Started time.Time
	Jobs    []Job
}

// Server is the door for staff.
type Server struct {
	Deps
	render *Renderer
	assets *Assets
	seals  tokenSeal
	mux    *http.ServeMux
	kept   keptForms
}

// maxForm bounds what a form may carry; imports have a bound of their own.
const maxForm = 1 << 20

// New builds the door and returns its handler.
func New(d Deps) (http.Handler, error) {
	if d.Office == nil || d.People == nil || d.Gate == nil || d.Cases == nil || d.Circle == nil || d.Oversight == nil || d.Services == nil || d.Pack == nil || d.Clock == nil || d.Zone == nil {
		return nil, errors.New("web: the door lacks a part")
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	assets, err := NewAssets()
	if err != nil {
		return nil, err
	}
	render, err := NewRenderer(assets, d.Pack)
	if err != nil {
		return nil, err
	}
	seals, err := newTokenSeal(d.Search)
	if err != nil {
		return nil, err
	}
	s := &Server{Deps: d, render: render, assets: assets, seals: seals, mux: http.NewServeMux()}
	d.Office.OnEnd(s.kept.drop)
	s.routes()
	// Forms of other sites are refused before anything is read (Fetch Metadata
	// and Origin; no token to forget in a form).
	cross := http.NewCrossOriginProtection()
	cross.SetDenyHandler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.problemFor(s.visitor(w, r), http.StatusForbidden, "expired", "")
	}))
	return SecurityHeaders(d.Secure, s.bounded(cross.Handler(s.mux))), nil
}

// bounded limits every body before a handler sees it.
func (s *Server) bounded(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasPrefix(r.URL.Path, "/import") && r.URL.Path != "/services/files" && !uploading(r) && !bringsBundle(r) {
			r.Body = http.MaxBytesReader(w, r.Body, maxForm)
		}
		next.ServeHTTP(w, r)
	})
}

// routes lists every address in one place.
func (s *Server) routes() {
	s.mux.Handle("GET /static/", s.assets)
	s.doorRoutes()
	s.childRoutes()
	s.viewRoutes()
	s.recordRoutes()
	s.formEditRoutes()
	s.taskRoutes()
	s.teamRoutes()
	s.page("GET /flows", s.flows)
	s.needRoutes()
	s.directoryRoutes()
	s.contactRoutes()
	if s.Exchange != nil {
		s.partnerRoutes()
	}
	s.consentRoutes()
	s.withholdRoutes()
	s.sameRoutes()
	s.compelledRoutes()
	s.privilegedRoutes()
	s.approvalRoutes()
	s.keepingRoutes()
	s.rightsRoutes()
	s.planRoutes()
	s.followupRoutes()
	s.interestRoutes()
	s.checkRoutes()
	s.glassRoutes()
	s.alarmRoutes()
	s.complaintRoutes()
	s.inquiryRoutes()
	s.documentRoutes()
	s.familyRoutes()
	s.exportRoutes()
	s.conferenceRoutes()
	s.circleRoutes()
	s.manyRoutes()
	s.lifeRoutes()
	s.timelineRoutes()
	s.officeRoutes()
	s.captureRoutes()
	s.whyRoutes()
	s.ruleRoutes()
	s.referralRoutes()
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.problemFor(s.visitor(w, r), http.StatusNotFound, "missing", "")
	})
}

// doorRoutes are the pages that need no session, and the person's own.
func (s *Server) doorRoutes() {
	s.open("GET /signin", s.showSignIn)
	s.open("POST /signin", s.signIn)
	s.open("GET /signin/code", s.showSecond)
	s.open("POST /signin/code", s.second)
	s.open("POST /signout", s.signOut)
	s.open("POST /lock", s.lock)
	s.open("POST /language", s.language)
	s.open("GET /invite/{token}", s.showInvite)
	s.open("POST /invite/{token}", s.invite)
	s.open("GET /welcome", s.showWelcome)
	s.open("POST /welcome", s.welcome)
	s.open("GET /welcome/authenticator", s.showWelcomeAuthenticator)
	s.open("POST /welcome/authenticator", s.welcomeAuthenticator)
	s.passkeyRoutes()
	s.ssoRoutes()
	s.accountRoutes()
}

// childRoutes are the pages about children.
func (s *Server) childRoutes() {
	s.page("GET /{$}", s.today)
	s.page("GET /menu", s.menu)
	s.page("GET "+deskPath, s.desk)
	s.page("GET /children", s.children)
	s.page("GET /search", s.search)
	s.page("POST /search", s.ask)
	s.form("/children/new", s.findForm())
	s.form("/children/new/form", s.registerForm())
	s.page("GET /child/{case}", s.child)
	s.page("GET /child/{case}/print", s.print)
	s.form("/child/{case}/note", s.noteForm())
	s.form("/child/{case}/contact", s.contactForm())
	s.form("/child/{case}/risk", s.riskForm())
	s.form("/child/{case}/stage", s.stageForm())
	s.form("/child/{case}/assign", s.assignForm())
	s.form("/child/{case}/close", s.closeForm())
	s.form("/child/{case}/reopen", s.reopenForm())
	s.form("/child/{case}/emergency", s.emergencyForm())
	s.form("/child/{case}/confirm", s.confirmationForm())
	s.form("/child/{case}/person", s.personForm())
	s.page("GET /child/{case}/looked", s.looked)
	s.page("GET /child/{case}/source", s.source)
}
