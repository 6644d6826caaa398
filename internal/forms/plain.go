package forms

import (
	"bytes"
	"encoding/json"
	"fmt"
)

// Plain is a form as its JSON has it, with conditions as text: what is being
// written or brought in, before [Parse] has judged it. Keys stand in the order in
// which people read them.
type Plain struct {
	Form       string         `json:"form"`
	Version    int            `json:"version"`
	For        string         `json:"for,omitempty"`
	Step       string         `json:"step,omitempty"`
	Title      Words          `json:"title"`
	Help       Words          `json:"help,omitempty"`
	Source     string         `json:"source"`
	Confidence string         `json:"confidence"`
	Sections   []PlainSection `json:"sections"`
}

// PlainSection is a [Section] before it was judged.
type PlainSection struct {
	ID     string       `json:"id"`
	Part   string       `json:"part,omitempty"`
	Title  Words        `json:"title"`
	Help   Words        `json:"help,omitempty"`
	Read   []string     `json:"read,omitempty"`
	Write  []string     `json:"write,omitempty"`
	Show   string       `json:"show,omitempty"`
	Fields []PlainField `json:"fields"`
}

// PlainField is a [Field] before it was judged.
type PlainField struct {
	ID      string            `json:"id"`
	Part    string            `json:"part,omitempty"`
	Kind    string            `json:"kind"`
	Label   Words             `json:"label"`
	Help    Words             `json:"help,omitempty"`
	Need    string            `json:"need,omitempty"`
	Show    string            `json:"show,omitempty"`
	Value   string            `json:"value,omitempty"`
	List    string            `json:"list,omitempty"`
	Options []PlainOption     `json:"options,omitempty"`
	Min     *float64          `json:"min,omitempty"`
	Max     *float64          `json:"max,omitempty"`
	Most    int               `json:"most,omitempty"`
	Fields  []PlainField      `json:"fields,omitempty"`
	Map     map[string]string `json:"map,omitempty"`
	Urgent  map[string]string `json:"urgent,omitempty"`
}

// PlainOption is an [Option] before it was judged.
type PlainOption struct {
	Code  string `json:"code"`
	Label Words  `json:"label"`
}

// Plain returns the form as its JSON has it.
func (f *Form) Plain() Plain {
	out := Plain{
		Form: f.ID, Version: f.Version, For: f.For, Step: f.Step, Title: f.Title, Help: f.Help, Source: f.Source,
		Confidence: string(f.Confidence),
	}
	for i := range f.Sections {
		s := &f.Sections[i]
		out.Sections = append(out.Sections, PlainSection{
			ID: s.ID, Part: s.Part, Title: s.Title, Help: s.Help, Read: s.Read, Write: s.Write, Show: s.Show.String(), Fields: plainFields(s.Fields),
		})
	}
	return out
}

func plainFields(list []Field) []PlainField {
	var out []PlainField
	for i := range list {
		q := &list[i]
		one := PlainField{
			ID: q.ID, Part: q.Part, Kind: q.Kind, Label: q.Label, Help: q.Help, Need: q.Need, Show: q.Show.String(), Value: q.Value.String(),
			List: q.List, Min: q.Min, Max: q.Max, Most: q.Most, Fields: plainFields(q.Fields), Map: q.Map, Urgent: q.Urgent,
		}
		for _, o := range q.Options {
			one.Options = append(one.Options, PlainOption(o))
		}
		out = append(out, one)
	}
	return out
}

// JSON writes the form as [Parse] reads it, in one way of many: two forms that mean
// the same are written alike.
func (p Plain) JSON() ([]byte, error) {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	e.SetIndent("", " ")
	if err := e.Encode(p); err != nil {
		return nil, fmt.Errorf("write form: %w", err)
	}
	return b.Bytes(), nil
}
