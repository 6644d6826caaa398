package forms

// Room keeps what is answered on forms about cases. Every method that touches a
// record takes the pass of the command or look it belongs to.
type Room struct{ lib *Library }

// New returns the room over a library of forms.
func New(lib *Library) *Room { return &Room{lib: lib} }

// Library returns the forms the room keeps.
func (r *Room) Library() *Library { return r.lib }
