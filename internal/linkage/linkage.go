// Package linkage finds the records that may be of one child, or of one family,
// and says field by field why. It is pure code: it opens no store, knows no
// case, prints nothing, and its errors hold no value of a record. A result is a
// lead for people, never an identification.
//
// Start with [Record], what is known of one child; [Index] holds the records of
// a node in memory; [Index.Search] answers a question, [Index.Pass] compares all
// with all, [Index.Link] two sets with each other. [Weights] say what an
// agreement is worth: [Default] ships with the program, [Index.Learn] learns
// from the records themselves.
//
// # How it works
//
// Every record has a signature of 1024 bits (bigrams and codes of its names,
// parts of its dates, places). The signatures of 4096 records lie bit by bit
// beside each other, so that counting for a question touches only the columns
// of its own bits, 64 records at a time; rare bits count more. The best of
// these are scored after Fellegi and Sunter, with a third possibility beside
// "the same" and "strangers": brothers and sisters, who share family, mother,
// place, and sometimes the day of birth.
package linkage

// Version names the rules by which records become features and are compared.
// Learned weights and labels of another version are of no use.
const Version = "linkage/1"
