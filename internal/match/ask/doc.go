// Package ask makes the keys by which two nodes can ask each other for a child without
// telling, and weighs what agrees. It knows no key of cryptography and no record: codes
// of names go in, keys for package mask come out; points that agree go in, weights come
// out.
//
// It must never make a key of one name alone. Start at [TableKeys], [QuestionKeys] and
// [Table].
package ask
