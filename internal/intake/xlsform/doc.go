// Package xlsform turns forms of this program into XLSForm workbooks and back.
// XLSForm is the way in which ODK, KoboToolbox, CommCare and Primero write forms
// in a spreadsheet: a sheet "survey" with a row for each question, a sheet
// "choices" with the answers, a sheet "settings".
//
// What XLSForm has no column for stands in columns whose names begin with "cw_":
// this program reads them back, others pass them over. What neither carries is
// named, in [Export] and in [Import], place by place: nothing is left out in
// silence. It reads and writes tables of text and knows no file.
//
// Start at [Export] and [Import].
package xlsform
