package matching

import "time"

// SchemaCount is the schema of a [Count].
const SchemaCount = "match.count/1"

// Count is how much passed under an agreement in a month, as one side counted it. Both
// sides count what they can both see: how many of the questions asked anything, the holder
// does not know.
type Count struct {
	V         int    `json:"v"`
	Agreement string `json:"agreement"` // as [Terms.ID]
	Month     string `json:"month"`     // YYYY-MM, UTC
	Questions int64  `json:"questions"` // letters of a day with questions
	Urgent    int64  `json:"urgent"`    // urgent questions
	Letters   int64  `json:"letters"`   // letters of a day with answers
	Answers   int64  `json:"answers"`   // answers in them
}

func (c *Count) check() error {
	at, err := time.Parse("2006-01", c.Month)
	if err != nil || at.Format("2006-01") != c.Month || c.V != Version || !isID(c.Agreement) || min(c.Questions, c.Urgent, c.Letters, c.Answers) < 0 {
		return ErrFormat
	}
	return nil
}

// Encode writes a count in its one form.
func (c *Count) Encode() ([]byte, error) {
	c.V = Version
	if err := c.check(); err != nil {
		return nil, err
	}
	return marshal(c)
}

// ReadCount reads what [Count.Encode] wrote, and nothing else.
func ReadCount(b []byte) (*Count, error) {
	var c Count
	if err := strict(b, &c); err != nil {
		return nil, err
	}
	return &c, c.check()
}
