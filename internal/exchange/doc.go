// Package exchange is the post office between nodes: which nodes we are paired with, what
// may pass between us, and what does.
//
// It carries bytes and labels and knows no child. It must never take a key of another node
// on the word of anybody but that node's recovery pair, and never let one person alone
// pair with a node. Start at [Room]; then [Peer], what is known of another node, and
// [Self], what others are told of ours.
package exchange
