package linkage

// Words reports whether a folded name is in the memory of the index.
func (x *Index) Words(text string) bool {
	for i := range x.lex.words {
		if x.lex.words[i].text == text {
			return true
		}
	}
	_, ok := x.lex.by[poolName][text]
	return ok
}
