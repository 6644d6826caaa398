package e2e_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/chromedp/chromedp"
)

// widths are a phone and a desk.
var widths = []int64{360, 1280}

// probe measures a page from inside: what is too wide, what is too small to
// tap, which answer of a list is cut, which field could be kept by the browser,
// which name could turn the writing round, and what the page says of its language.
const probe = `((names) => {
  const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  const says = (e) => e.tagName.toLowerCase() + "." + String(e.className && e.className.baseVal === undefined ? e.className : "") + " " + (e.textContent || "").trim().slice(0, 40);
  const all = [...document.querySelectorAll("body *")];
  const guilty = wide > 0 ? all.filter(e => { const r = e.getBoundingClientRect(); return r.width && (r.right > innerWidth + 1 || r.left < -1) && !e.closest(".views,.quiet,.skip,thead,.way"); }).slice(0, 4).map(says) : [];
  const small = [...document.querySelectorAll("a, button, summary, input:not([type=hidden]), select")].filter(e => {
    if (e.closest(".skip,.quiet,.hint,[hidden]") || !e.checkVisibility()) return false;
    const box = e.matches("input[type=radio],input[type=checkbox]") ? e.closest("label") || e : e;
    const r = box.getBoundingClientRect(); return r.height < 24 || r.width < 24; }).slice(0, 5).map(says);
  const kept = [...document.querySelectorAll("input, textarea, select, form[method=post]")].filter(e => e.getAttribute("autocomplete") !== "off").slice(0, 5).map(e => says(e) + " " + (e.name || ""));
  const pen = document.createElement("canvas").getContext("2d");
  const cut = [...document.querySelectorAll("select")].filter(e => e.checkVisibility()).flatMap(e => {
    const s = getComputedStyle(e), room = e.clientWidth - parseFloat(s.paddingInlineStart) - parseFloat(s.paddingInlineEnd);
    pen.font = s.font;
    return [...e.options].filter(o => innerWidth > 1000 || o.selected).filter(o => pen.measureText(o.label).width > room).map(o => e.name + ": " + o.label);
  }).slice(0, 5);
  const loose = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode.data, e = walk.currentNode.parentElement;
    if (e.closest("bdi, option, script, textarea, [dir=auto], [dir=ltr], title, svg")) continue;
    for (const name of names) {
      const i = text.indexOf(name);
      if (i >= 0 && text[i - 1] !== "\u2068") loose.push(name + " in " + says(e));
    }
    if (/\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]\b/.test(text) && !/\u2068[0-9A-Z]{4}-/.test(text)) loose.push("number in " + says(e));
  }
  const inline = all.filter(e => e.hasAttribute("style") || [...e.attributes].some(a => a.name.startsWith("on"))).slice(0, 3).map(says);
  const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
  const twice = ids.filter((id, i) => ids.indexOf(id) !== i);
  const blank = [...document.querySelectorAll("main a, main button, main label, main legend, main h1, main h2, main th")].filter(e => !e.hidden && !e.textContent.trim() && !e.getAttribute("aria-label")).map(says);
  const missing = (document.body.innerText.match(/\b[a-z]+(?:\.[a-z_-]+){1,3}\b/g) || []).filter(w => /^(nav|form|field|error|problem|title|word|child|today|looked|journal|people|account|event|stage|risk|filter|table|hint|notice|health|import|register|person|note|close|reopen|assign)\./.test(w)).slice(0, 5);
  return JSON.stringify({ wide, guilty, small, cut, kept, loose: loose.slice(0, 5), inline, twice, blank, missing, dir: document.documentElement.dir, lang: document.documentElement.lang });
})`

type measures struct {
	Wide                                                           int
	Guilty, Small, Cut, Kept, Loose, Inline, Twice, Blank, Missing []string
	Dir, Lang                                                      string
}

var (
	shotMu sync.Mutex // guards shot
	shot   = map[string]bool{}
)

// look judges the page at both widths: it fits, every target can be tapped,
// axe-core finds nothing, names are isolated, and it reads in its direction.
// With CAUSEWAY_SHOTS it takes a picture, once for each name and language.
func (b *tab) look(name string) {
	b.t.Helper()
	names, err := json.Marshal(staffNames())
	b.must("names", err)
	for _, width := range widths {
		b.try("resize", chromedp.EmulateViewport(width, 900))
		var m measures
		if err := json.Unmarshal([]byte(b.ask(probe+"("+string(names)+")")), &m); err != nil {
			b.t.Fatalf("measure: %v", err)
		}
		b.judge(name, width, &m)
		if b.script {
			b.axe(name, width)
		}
		b.shoot(name, width)
	}
	b.try("resize", chromedp.EmulateViewport(b.width, 900))
}

func (b *tab) judge(name string, width int64, m *measures) {
	b.t.Helper()
	if m.Wide > 0 {
		b.t.Errorf("%s (%s, %d px): %d px too wide: %v", name, m.Lang, width, m.Wide, m.Guilty)
	}
	for what, list := range map[string][]string{
		"targets under 24 px": m.Small, "answers that do not fit into their list": m.Cut, "fields the browser may keep": m.Kept, "names that are not isolated": m.Loose,
		"inline styles or handlers": m.Inline, "identifiers given twice": m.Twice, "elements without words": m.Blank,
		"messages without words": m.Missing,
	} {
		if len(list) > 0 {
			b.t.Errorf("%s (%s, %d px): %s: %q", name, m.Lang, width, what, list)
		}
	}
	want := "ltr"
	if m.Lang == "ar" {
		want = "rtl"
	}
	if m.Dir != want || m.Lang != b.language {
		b.t.Errorf("%s: page is %q in direction %q, want %q in %q", name, m.Lang, m.Dir, b.language, want)
	}
}

func staffNames() []string {
	var out []string
	for _, s := range site.world.Staff(18) {
		out = append(out, s.Name)
	}
	return out
}

// axeRun runs axe-core, where the page has it already.
const axeRun = `typeof axe === "undefined" ? "absent" : axe.run(document, {runOnly: ["wcag2a","wcag2aa","wcag21a","wcag21aa","wcag22aa","best-practice"], resultTypes: ["violations"]})
	.then(r => JSON.stringify(r.violations.map(v => v.id + ": " + v.help + " " + v.nodes.slice(0, 3).map(n => n.html.slice(0, 160)).join(" | "))))`

// axe runs axe-core in the page.
func (b *tab) axe(name string, width int64) {
	b.t.Helper()
	source := axeSource(b.t)
	if source == "" {
		return
	}
	found := b.ask(axeRun, chromedp.EvalAwaitPromise)
	if found == "absent" {
		b.ask(source + `; ""`)
		found = b.ask(axeRun, chromedp.EvalAwaitPromise)
	}
	var violations []string
	if err := json.Unmarshal([]byte(found), &violations); err != nil {
		b.t.Fatalf("axe: %v", err)
	}
	for _, v := range violations {
		b.t.Errorf("%s (%s, %d px): %s", name, b.language, width, v)
	}
}

// shoot takes a picture of the whole page into CAUSEWAY_SHOTS. The window is
// made as high as the page, because a full screenshot of a right-to-left page
// comes out cut.
func (b *tab) shoot(name string, width int64) {
	b.t.Helper()
	dir := os.Getenv("CAUSEWAY_SHOTS")
	if dir == "" {
		return
	}
	if b.language != "en" {
		name += "-" + b.language
	}
	name += map[int64]string{360: "-phone", 1280: "-desk"}[width] + ".png"
	shotMu.Lock()
	defer shotMu.Unlock()
	if shot[name] {
		return
	}
	shot[name] = true
	high, err := strconv.Atoi(b.ask("String(document.documentElement.scrollHeight)"))
	b.must("measure", err)
	b.try("resize", chromedp.EmulateViewport(width, int64(min(max(high, 640), 5000))))
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.must("picture", err)
	b.must("picture", os.MkdirAll(dir, 0o755))
	b.must("picture", os.WriteFile(filepath.Join(dir, strings.ReplaceAll(name, "/", "_")), png, 0o600))
}
