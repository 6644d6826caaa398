package peer

import "time"

// Hurries lets a client try another connection after a shorter time.
func (c *Client) Hurries(after time.Duration) { c.still = after }
