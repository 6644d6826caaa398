package bench

import (
	"context"
	"errors"
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"

	"causeway/internal/forms"
)

// benchForm is the longest form of the pack.
const benchForm = "full_assessment"

// formsArea measures the longest form of the pack, over HTTP, on both engines:
// how soon its page is there, empty and filled, and how soon it is saved. Each
// saving is a commit of its own that is on the disk when it is answered.
func formsArea(ctx context.Context, o *Options, emit func(Measure)) error {
	t, err := newTown(ctx, o)
	if err != nil {
		return err
	}
	defer func() { _ = t.close() }() // closed already where nothing failed
	server, err := startServer(ctx, o.Dir)
	if err != nil && o.Postgres == "" {
		return fmt.Errorf("PostgreSQL cannot be measured: %w", err)
	}
	if server != nil {
		defer func() { _ = server.close() }() // a folder of ours
	}
	c := &caseBench{o: o, emit: emit, server: server, dsn: o.Postgres}
	if server != nil {
		c.dsn = server.dsn()
	}
	if err := t.fill(ctx, o, pick(o, 4000, 400)); err != nil {
		return err
	}
	measure := func(ctx context.Context, t *town) error {
		return t.serve(ctx, func(ctx context.Context, t *town, v *visitor) error { return c.forms(ctx, t, v) })
	}
	if err := measure(ctx, t); err != nil {
		return fmt.Errorf("%s: %w", t.engine, err)
	}
	return errors.Join(c.moved(ctx, t, measure), t.close())
}

// forms fills the form in for some children, saves it, opens it again and saves it
// once more.
func (c *caseBench) forms(ctx context.Context, t *town, v *visitor) error {
	form := t.Forms.Library().Form(benchForm, 0)
	if form == nil {
		return errors.New("the pack has no form to measure")
	}
	answers, questions := t.filledIn(form)
	on := fmt.Sprintf("%s, form of %d questions: ", t.engine, questions)
	changed := "a." + firstWords(form)
	var empty, filled, first, again times
	for i, child := range t.casePaths(pick(c.o, 400, 60)) {
		record, err := v.fill(ctx, child+"/form/"+benchForm, answers, &empty, &first)
		if err != nil {
			return err
		}
		answers.Set(changed, fmt.Sprint("Saved again, number ", i))
		if _, err := v.fill(ctx, record+"/edit", answers, &filled, &again); err != nil {
			return err
		}
	}
	c.emit(atMost(on+"page, p95", empty.at(.95), "ms", 20))
	c.emit(scale(on+"page, p50", empty.at(.5), "ms"))
	c.emit(atMost(on+"page with every answer, p95", filled.at(.95), "ms", 20))
	c.emit(atMost(on+"saved for the first time, durable, p95", first.at(.95), "ms", 60))
	c.emit(atMost(on+"saved again, durable, p95", again.at(.95), "ms", 60))
	c.emit(scale(on+"saved again, p50", again.at(.5), "ms"))
	return nil
}

// fill opens a form's page, fills it in and saves it, and returns where the record
// is. Both steps are timed.
func (v *visitor) fill(ctx context.Context, path string, answers url.Values, page, save *times) (record string, err error) {
	var body string
	err = page.add(func() (err error) {
		body, err = v.get(ctx, path)
		return err
	})
	if err != nil {
		return "", err
	}
	_, rest, found := strings.Cut(body, `action="`+path+`"`)
	if !found {
		return "", errors.New("the page has no form")
	}
	typed := url.Values{"then": {"save"}}
	for name, value := range answers {
		typed[name] = value
	}
	for _, m := range hiddenField.FindAllStringSubmatch(rest, -1) {
		typed.Set(html.UnescapeString(m[1]), html.UnescapeString(m[2]))
	}
	err = save.add(func() (err error) {
		record, err = v.post(ctx, path, typed)
		return err
	})
	record, _, _ = strings.Cut(record, "?")
	if err == nil && strings.HasSuffix(record, "/edit") {
		err = errors.New("the form was refused")
	}
	return record, err
}

// post sends a form and returns where it leads.
func (v *visitor) post(ctx context.Context, path string, form url.Values) (string, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		return "", err
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	res, err := v.http.Do(req)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	to := res.Header.Get("Location")
	if res.StatusCode != http.StatusSeeOther || strings.Contains(to, "again=") {
		return "", fmt.Errorf("post a form: status %d, or it was refused", res.StatusCode)
	}
	return to, nil
}

// filledIn returns an answer to every question of a form, as its page posts them,
// and how many questions it has, those inside groups too.
func (t *town) filledIn(f *forms.Form) (url.Values, int) {
	out, n := url.Values{}, 0
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			q := &f.Sections[i].Fields[j]
			n += 1 + len(q.Fields)
			t.answerTo(out, q, "a."+q.ID)
			for k := range q.Fields {
				t.answerTo(out, &q.Fields[k], "a."+q.ID+".0."+q.Fields[k].ID)
			}
		}
	}
	return out, n
}

// firstWords returns a question that is answered in words.
func firstWords(f *forms.Form) string {
	for i := range f.Sections {
		for j := range f.Sections[i].Fields {
			if q := &f.Sections[i].Fields[j]; q.Kind == forms.KindWords {
				return q.ID
			}
		}
	}
	return ""
}

func (t *town) answerTo(out url.Values, q *forms.Field, at string) {
	switch q.Kind {
	case forms.KindAnswer:
		out.Set(at, forms.Yes)
	case forms.KindChoice, forms.KindChoices:
		if q.List != "" {
			out.Set(at, t.Pack.Codes(q.List)[0])
		} else {
			out.Set(at, q.Options[0].Code)
		}
	case forms.KindNumber, forms.KindDecimal:
		n := 3.0
		if q.Min != nil {
			n = *q.Min
		}
		out.Set(at, fmt.Sprint(n))
	case forms.KindDate, forms.KindUncertainDate:
		out.Set(at+"_day", "3")
		out.Set(at+"_month", "11")
		out.Set(at+"_year", "2025")
	case forms.KindTime:
		out.Set(at, "10:30")
	case forms.KindPhone:
		out.Set(at, "+999 55 0100")
	case forms.KindWords:
		out.Set(at, strings.Repeat("A measured sentence about an invented child. ", 4))
	case forms.KindText, forms.KindPlace, forms.KindPerson:
		out.Set(at, "Measured Answer")
	}
}
