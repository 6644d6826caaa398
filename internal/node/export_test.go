package node

// LogOf finds the keys of a partner's log.
var LogOf = logOf
