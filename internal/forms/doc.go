// Package forms keeps forms as data and what was answered on them.
//
// A form is a JSON file of a pack, or a version that was made on this node:
// sections, fields, conditions, calculated values, in every language of the
// pack. [Parse] reads one and refuses what is wrong in it, place by place. What
// somebody answers is judged by [Form.Check] and looked at with [Form.Look]:
// what is shown, what is calculated, what is missing. Records are insert-only
// sealed revisions, written and read through an access.Pass.
//
// It never decides who may open a case, never prints an answer, and never runs
// anything of a form but the few operators of [Expr]. Start at [Parse] and
// [Form].
package forms
