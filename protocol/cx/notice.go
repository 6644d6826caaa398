package cx

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
)

// Schemas of the payloads that the post offices themselves write. Those of the rooms are
// described with them.
const (
	SchemaVoid         = "void/1"
	SchemaLabelUpdate  = "label.update/1"
	SchemaRetentionDue = "retention.due/1"
	SchemaSignedNote   = "note.signed/1" // of a schedule, a revocation or a pair
	SchemaTrial        = "trial/1"
)

// VoidBody is the payload of a [Void]: it fills a number that was given out before a
// restore and that nobody holds.
type VoidBody struct {
	Stands string `json:"stands"` // the content digest that it stands for; "" when none is known
}

// LabelUpdateBody makes the labels of an earlier message stricter. Only its sender may.
type LabelUpdateBody struct {
	ID       string   `json:"id"`
	Handling Handling `json:"handling,omitempty"` // a higher one
	Onward   Onward   `json:"onward,omitempty"`   // "none", or "ask" after a list
	Court    Court    `json:"court,omitempty"`    // "ask" after "yes", or "no"
	Flags    []Flag   `json:"flags,omitempty"`    // to be added
	Until    string   `json:"retain_until,omitempty"`
}

// RetentionDueBody says what became of a message whose time had come.
type RetentionDueBody struct {
	ID     string `json:"id"`
	Done   string `json:"done"`             // erased, anonymised, reviewed, extended
	Reason string `json:"reason,omitempty"` // of an extension: a code
	Until  string `json:"until,omitempty"`  // of an extension
}

// SignedNoteBody carries a note of package identity as it was signed.
type SignedNoteBody struct {
	Note string `json:"note"`
}

// body is one of the payloads above.
type body interface{ check() bool }

func (v *VoidBody) check() bool {
	_, err := ParseDigest(v.Stands)
	return v.Stands == "" || err == nil
}

func (u *LabelUpdateBody) check() bool {
	_, err := ParseID(u.ID)
	return err == nil && oneOf(u.Handling, "", H1, H2, H3) && oneOf(u.Onward, "", OnwardNone, OnwardAsk) &&
		oneOf(u.Court, "", CourtAsk, CourtNo) && inOrder(u.Flags, func(f string) bool { return oneOf(Flag(f), Flags()...) }) &&
		isDay(u.Until)
}

func (d *RetentionDueBody) check() bool {
	_, err := ParseID(d.ID)
	return err == nil && oneOf(d.Done, "erased", "anonymised", "reviewed", "extended") && isDay(d.Until) &&
		(d.Done == "extended") == (isToken(d.Reason) && d.Until != "")
}

func (n *SignedNoteBody) check() bool { return n.Note != "" && len(n.Note) <= PayloadLimit/2 }

// isDay reports whether text is a time as all of CX/1 writes it, or none.
func isDay(text string) bool {
	t, err := readTime(text)
	return text == "" || err == nil && showTime(t) == text
}

// EncodeBody writes a payload of the post office.
func EncodeBody[B any, P interface {
	*B
	body
}](b P) ([]byte, error) {
	if !b.check() {
		return nil, fmt.Errorf("payload: %w", BadFormat)
	}
	return json.Marshal(b)
}

// DecodeBody reads a payload of the post office. Members that it does not know are
// passed over: the message keeps them.
func DecodeBody[B any, P interface {
	*B
	body
}](payload []byte) (P, error) {
	var b B
	d := json.NewDecoder(bytes.NewReader(payload))
	if err := d.Decode(&b); err != nil {
		return nil, fmt.Errorf("payload: %w", BadFormat) // what json says may quote it
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) || !P(&b).check() {
		return nil, fmt.Errorf("payload: %w", BadFormat)
	}
	return &b, nil
}

// Tighten returns labels made stricter by an update. An update that would loosen any of
// them is [LabelRefused] as a whole.
func (u *LabelUpdateBody) Tighten(l Labels) (Labels, error) {
	refuse := fmt.Errorf("label.update: %w", LabelRefused)
	if u.Handling != "" {
		if u.Handling < l.Handling {
			return l, refuse
		}
		l.Handling = u.Handling
	}
	if u.Onward != "" {
		if u.Onward == OnwardAsk && l.Onward == OnwardNone {
			return l, refuse
		}
		l.Onward, l.Nodes = u.Onward, nil
	}
	if u.Court != "" {
		if u.Court == CourtAsk && l.Court == CourtNo {
			return l, refuse
		}
		l.Court = u.Court
	}
	var flags []Flag
	for _, f := range Flags() {
		if l.Has(f) || oneOf(f, u.Flags...) {
			flags = append(flags, f)
		}
	}
	l.Flags = flags
	if u.Until != "" {
		until, err := readTime(u.Until)
		if err != nil || l.RetainUntil.IsZero() || until.After(l.RetainUntil) {
			return l, refuse // of a rule nobody here knows which day it gives
		}
		l.RetainUntil = until
	}
	return l, nil
}
