package person

import (
	"context"

	"causeway/internal/ident"
	"causeway/internal/linkage"
)

// Like is a case whose person is like what was asked for, and why.
type Like struct {
	Case ident.Case
	linkage.Hit
}

// mostLike bounds how many of all persons one question looks at closely.
const mostLike = 200

// Like returns the cases whose persons are like what was asked for, the likest first:
// among all, and among those named, of which the likest of all may be none.
func (x *Index) Like(ctx context.Context, asked linkage.Prepared, among []ident.Case) (all, of []Like, err error) {
	q := &linkage.Query{Like: asked, Limit: mostLike}
	found, err := x.like.Search(ctx, q)
	if err != nil {
		return nil, nil, err
	}
	refs := make([]linkage.Ref, len(among))
	for i, c := range among {
		refs[i] = linkage.Ref(c)
	}
	near, err := x.like.Among(q, refs)
	if err != nil {
		return nil, nil, err
	}
	return likes(found), likes(near), nil
}

func likes(hits []linkage.Hit) []Like {
	out := make([]Like, 0, len(hits))
	for _, h := range hits {
		if named(h.Evidence) {
			out = append(out, Like{ident.Case(h.Ref), h})
		}
	}
	return out
}

// named reports whether a name or a number agrees: that two children were born in one
// year is no reason to show one to who asked for the other.
func named(why []linkage.Evidence) bool {
	for _, e := range why {
		switch e.Field {
		case linkage.FieldGiven, linkage.FieldFamily:
			if e.Level <= linkage.Near {
				return true
			}
		case linkage.FieldDocument, linkage.FieldPhone:
			if e.Level == linkage.Exact {
				return true
			}
		}
	}
	return false
}
