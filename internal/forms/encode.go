package forms

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Encode writes a form as the JSON that [Parse] reads, in one way of many: two
// forms that mean the same are written alike.
func Encode(f *Form) ([]byte, error) {
	out := formJSON{
		Form: f.ID, Version: f.Version, For: f.For, Step: f.Step, Title: f.Title, Help: f.Help,
		Source: f.Source, Confidence: string(f.Confidence),
	}
	for i := range f.Sections {
		s := &f.Sections[i]
		out.Sections = append(out.Sections, sectionJSON{
			ID: s.ID, Title: s.Title, Help: s.Help, Read: s.Read, Write: s.Write, Show: s.Show.String(), Fields: fieldsJSON(s.Fields),
		})
	}
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(out); err != nil {
		return nil, fmt.Errorf("write form: %w", err)
	}
	return b.Bytes(), nil
}

func fieldsJSON(list []Field) []fieldJSON {
	var out []fieldJSON
	for i := range list {
		q := &list[i]
		one := fieldJSON{
			ID: q.ID, Kind: q.Kind, Label: q.Label, Help: q.Help, Need: q.Need, Show: q.Show.String(), Value: q.Value.String(),
			List: q.List, Min: q.Min, Max: q.Max, Most: q.Most, Fields: fieldsJSON(q.Fields), Map: q.Map, Urgent: q.Urgent,
		}
		for _, o := range q.Options {
			one.Options = append(one.Options, optionJSON(o))
		}
		out = append(out, one)
	}
	return out
}

// The JSON of a form, its keys in the order in which people read them.
type (
	formJSON struct {
		Form       string        `json:"form"`
		Version    int           `json:"version"`
		For        string        `json:"for,omitempty"`
		Step       string        `json:"step,omitempty"`
		Title      Words         `json:"title"`
		Help       Words         `json:"help,omitempty"`
		Source     string        `json:"source"`
		Confidence string        `json:"confidence"`
		Sections   []sectionJSON `json:"sections"`
	}
	sectionJSON struct {
		ID     string      `json:"id"`
		Title  Words       `json:"title"`
		Help   Words       `json:"help,omitempty"`
		Read   []string    `json:"read,omitempty"`
		Write  []string    `json:"write,omitempty"`
		Show   string      `json:"show,omitempty"`
		Fields []fieldJSON `json:"fields"`
	}
	fieldJSON struct {
		ID      string            `json:"id"`
		Kind    string            `json:"kind"`
		Label   Words             `json:"label"`
		Help    Words             `json:"help,omitempty"`
		Need    string            `json:"need,omitempty"`
		Show    string            `json:"show,omitempty"`
		Value   string            `json:"value,omitempty"`
		List    string            `json:"list,omitempty"`
		Options []optionJSON      `json:"options,omitempty"`
		Min     *float64          `json:"min,omitempty"`
		Max     *float64          `json:"max,omitempty"`
		Most    int               `json:"most,omitempty"`
		Fields  []fieldJSON       `json:"fields,omitempty"`
		Map     map[string]string `json:"map,omitempty"`
		Urgent  map[string]string `json:"urgent,omitempty"`
	}
	optionJSON struct {
		Code  string `json:"code"`
		Label Words  `json:"label"`
	}
)
