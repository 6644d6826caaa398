package web

import (
	"errors"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"time"

	"causeway/internal/access"
	"causeway/internal/fault"
	"causeway/internal/ident"
	"causeway/internal/locale"
	"causeway/internal/staff"
)

// visit is one request of one person.
type visit struct {
	s       *Server
	w       http.ResponseWriter
	r       *http.Request
	l       *locale.Locale
	token   staff.Secret
	session staff.Session
	caller  *access.Caller // nil when nobody is signed in
	people  staff.Directory
	offices map[ident.Unit]string // of other countries; nil: not read yet
	then    time.Time             // a page about the past: the time it shows; zero for now
}

// sessionCookie is the cookie's name. Over TLS it carries the __Host- prefix,
// so that no other host can set it; on plain loopback browsers refuse that.
func (s *Server) sessionCookie() string {
	if s.Secure {
		return "__Host-causeway"
	}
	return "causeway"
}

// setCookie gives the browser a cookie for this host only, gone when it closes.
func (v *visit) setCookie(name string, value staff.Secret) {
	http.SetCookie(v.w, &http.Cookie{
		Name: name, Value: string(value), Path: "/", HttpOnly: true, Secure: v.s.Secure, SameSite: http.SameSiteLaxMode,
	})
}

func (v *visit) dropCookie(name string) {
	http.SetCookie(v.w, &http.Cookie{Name: name, Path: "/", HttpOnly: true, Secure: v.s.Secure, SameSite: http.SameSiteLaxMode, MaxAge: -1})
}

func (v *visit) cookie(name string) staff.Secret {
	c, err := v.r.Cookie(name)
	if err != nil || len(c.Value) > 512 {
		return ""
	}
	return staff.Secret(c.Value)
}

// visitor begins a visit without asking who it is.
func (s *Server) visitor(w http.ResponseWriter, r *http.Request) *visit {
	v := &visit{s: s, w: w, r: r}
	v.l = locale.Negotiate("", string(v.cookie(locale.CookieName)), r.Header.Get("Accept-Language"))
	v.token = v.cookie(s.sessionCookie())
	return v
}

// source returns where the request comes from. Behind a named proxy it is the
// last address that the proxy added; nobody else's header is believed.
func (v *visit) source() staff.Source {
	addr, err := netip.ParseAddrPort(v.r.RemoteAddr)
	if err != nil {
		return v.s.Office.Source(netip.Addr{})
	}
	from := addr.Addr().Unmap()
	for _, p := range v.s.Proxy {
		if !p.Contains(from) {
			continue
		}
		last := v.r.Header.Get("X-Forwarded-For")
		if i := strings.LastIndexByte(last, ','); i >= 0 {
			last = last[i+1:]
		}
		if a, err := netip.ParseAddr(strings.TrimSpace(last)); err == nil {
			from = a
		}
		break
	}
	return v.s.Office.Source(from)
}

// enter looks up the session and makes the caller. It returns Expired when
// there is no live session.
func (v *visit) enter() error {
	ctx := v.r.Context()
	if v.token == "" {
		return fault.New(fault.Expired, "session-ended")
	}
	session, err := v.s.Office.Session(ctx, v.token)
	v.session = session
	if err != nil {
		return err
	}
	if v.people, err = v.s.Office.Directory(ctx); err != nil {
		return err
	}
	if v.caller, err = v.s.People.Caller(ctx, session, "web"); err != nil {
		return err
	}
	v.l = locale.Negotiate(session.Language, string(v.cookie(locale.CookieName)), v.r.Header.Get("Accept-Language"))
	return nil
}

// handler is one page's work.
type handler func(*visit) error

// open registers a page that needs no session.
func (s *Server) open(pattern string, h handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := s.visitor(w, r)
		if err := h(v); err != nil {
			s.fail(v, err)
		}
	})
}

// page registers a page for signed-in people.
func (s *Server) page(pattern string, h handler) {
	s.mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
		v := s.visitor(w, r)
		err := v.enter()
		if err == nil {
			err = h(v)
		}
		if err != nil {
			s.fail(v, err)
		}
	})
}

// formPage is a page with one form. show builds the page around a form, which
// is empty at first and holds what was typed when it comes back; do carries the
// form out and returns where to go.
type formPage struct {
	show func(*visit, Form) (any, error)
	do   func(*visit) (next, done string, err error)
}

// form registers a page with a form at a path: GET shows it, POST carries it
// out. A refused form comes back with everything that was typed.
func (s *Server) form(path string, p formPage) {
	s.page("GET "+path, func(v *visit) error {
		return v.showForm(p.show)
	})
	s.page("POST "+path, func(v *visit) error {
		if err := v.parse(); err != nil {
			return err
		}
		carried, err := v.carry()
		if err != nil {
			return err
		}
		next, done, err := p.do(v)
		if err == nil {
			v.settle(carried)
			return v.redirect(next, done)
		}
		return v.back(v.r.URL.Path, err, p.show)
	})
}

// again shows a form once more after err, with what was typed, if err is about
// the form; other errors go to their own page.
func (v *visit) again(err error, show func(*visit, Form) (any, error)) error {
	kind := fault.KindOf(err)
	code := fault.CodeOf(err)
	if kind != fault.Invalid && kind != fault.Conflict && code != "disk-full" && code != "fresh-check" {
		return err
	}
	view, serr := show(v, v.typed(err))
	if serr != nil {
		return serr
	}
	return v.write(statusOf(err), view)
}

// parse reads the posted form.
func (v *visit) parse() error {
	if err := v.r.ParseForm(); err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return fault.Wrap(fault.Invalid, "form-too-large", err)
		}
		return fault.Wrap(fault.Invalid, "form-unreadable", err)
	}
	return nil
}

// typed returns the posted form with the faults of err.
func (v *visit) typed(err error) Form { return formOf(v.r.URL.Path, v.r.PostForm, err) }

// value returns a posted field.
func (v *visit) value(name string) string { return v.r.PostForm.Get(name) }

// command returns the form's random identifier. A form without one, or with a
// forged one, is refused: it could be carried out twice.
func (v *visit) command() (ident.Command, error) { return commandOf(v.value("command")) }

func commandOf(text string) (ident.Command, error) {
	c, err := ident.Parse[ident.Command](text)
	if err != nil || c.IsZero() {
		return ident.Command{}, fault.New(fault.Invalid, "form-unreadable")
	}
	return c, nil
}

// redirect answers a POST with 303, so that the browser keeps no form body.
func (v *visit) redirect(to, done string) error {
	if done != "" {
		sep := "?"
		if strings.Contains(to, "?") {
			sep = "&"
		}
		to += sep + "done=" + url.QueryEscape(done)
	}
	v.w.Header().Set("Cache-Control", "no-store")
	http.Redirect(v.w, v.r, to, http.StatusSeeOther)
	return nil
}

// write sends a page.
func (v *visit) write(status int, view any) error {
	return v.s.render.Write(v.w, v.r, v.l, status, view)
}

// now returns the time where the people are.
func (v *visit) now() time.Time {
	if !v.then.IsZero() {
		return v.then
	}
	return v.s.Clock.Now().In(v.s.Zone)
}

// today returns the day where the people are.
func (v *visit) today() locale.Day { return locale.DayOf(v.now()) }

// frame returns what stands around a page.
func (v *visit) frame(tab string) Frame {
	f := Frame{Tab: tab, Path: v.r.URL.Path}
	if v.r.Method != http.MethodGet {
		f.Path = "/"
	}
	if v.caller == nil {
		return f
	}
	f.Expiry = v.s.expiry()
	if me, ok := v.people.Person(v.session.Staff); ok {
		f.Viewer = &Viewer{Name: me.Name.Reveal(), Role: string(me.Role), Unit: v.unitName(me.Unit)}
	}
	may := func(action string) bool { return v.s.Gate.May(v.caller, action) }
	f.Search = may("case.search")
	f.Told = v.told(tab)
	if tab == "today" {
		f.Undecided = v.undecided()
	}
	add := func(tab, href, action string) {
		if may(action) {
			f.Nav = append(f.Nav, NavItem{Tab: tab, Href: href})
		}
	}
	if v.givesServices() {
		add("tonight", "/services/tonight", "directory.capacity")
	}
	add("today", "/", "case.list")
	add("children", "/children", "case.list")
	add("team", "/team", "team.view")
	add("check", "/check", "check.make")
	add("duty", "/duty", "check.duty")
	if v.s.Referrals != nil {
		add("focal", "/focal", "contact.edit")
		add("refer", "/referrals", "referral.list")
	}
	add("helped", "/helped", "circle.mine")
	add("register", "/children/new", "case.register")
	add("services", "/services", "directory.view")
	add("contacts", "/contacts", "contact.view")
	add("glass", glassPath, "glass.find")
	add("journal", "/journal", "journal.view")
	add("reviews", reviewsPath, "glass.list")
	add("alarms", alarmsPath, "volume.list")
	add("inquiries", inquiriesPath, "inquiry.list")
	add("recommendations", recommendationsPath, "inquiry.asked")
	add("capture", "/capture", "capture.begin")
	add("flows", "/flows", "flow.view")
	add("rights", "/rights", "rights.list")
	add("erasures", "/erasures", "erasure.list")
	add("complaints", complaintsPath, "complaint.mine")
	add("people", "/people", "staff.list")
	add("import", "/import", "import.run")
	if v.atHead() {
		add("forms", "/forms", "form.edit")
	}
	if v.s.Exchange != nil {
		add("partners", partnersPath, "peer.view")
	}
	add("health", "/health", "health.view")
	if v.s.Rules != nil {
		add("rules", "/rules", "policy.view")
	}
	group(f.Nav)
	v.spoken(f.Nav)
	v.waitingReferrals(f.Nav)
	if done := v.r.URL.Query().Get("done"); done != "" && v.l.Has("notice."+done) {
		f.Notice = &Notice{Key: done, Kind: "done"}
	}
	return f
}

// navGroups are the places that are not for the daily work with children.
var navGroups = map[string]string{
	"journal": "watch", "reviews": "watch", "alarms": "watch", "flows": "watch", "rights": "watch", "erasures": "watch", "complaints": "watch",
	"inquiries": "watch", "people": "office", "import": "office", "forms": "office", "health": "office", "rules": "office", "partners": "office",
}

// navFew is how many places need no headings between them.
const navFew = 8

// group puts the places of a menu together by what they are for.
func group(nav []NavItem) {
	order := []string{"", "watch", "office"}
	slices.SortStableFunc(nav, func(a, b NavItem) int {
		return slices.Index(order, navGroups[a.Tab]) - slices.Index(order, navGroups[b.Tab])
	})
	if len(nav) <= navFew {
		return
	}
	for i := range nav {
		if g := navGroups[nav[i].Tab]; i == 0 || g != navGroups[nav[i-1].Tab] {
			nav[i].Group = g
		}
	}
}

// openChildren is the list as people want it most: without the closed cases. Without
// a filter it opens with what its reader chose.
const openChildren = "/children?state=open"

// expiry returns after how many idle seconds a page covers itself.
func (s *Server) expiry() int { return int(s.Pack.Clock("session_idle").Duration().Seconds()) }

// name returns a colleague's name.
func (v *visit) name(id ident.Staff) string {
	if id.IsZero() {
		return ""
	}
	if a, ok := v.people.Person(id); ok {
		return a.Name.Reveal()
	}
	return v.l.T("staff.unknown")
}

func (v *visit) unitName(id ident.Unit) string {
	if u, ok := v.people.Unit(id); ok {
		return u.Name
	}
	return v.officeName(id)
}
