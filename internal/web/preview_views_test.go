package web_test

import "causeway/internal/web"

// viewPreviews are the pages of the views of the list.
func viewPreviews(s scene) []preview {
	opened := s.list([]web.Chip{{Name: "worker", Label: s.l.T("filter.unnamed"), Href: "/children?state=every"}})
	opened.Opened = "chosen"
	gone, wrong := s.list(nil), opened
	gone.Opened, gone.CanSave = "gone", true
	wrong.Opened = ""
	wrong.Form = form("/children/views", map[string][]string{"view_name": {"Harbour"}},
		web.FieldError{Name: "view_name", Code: "too-many-views"}, web.FieldError{Name: "view", Code: "choose-one"})

	const long = "Girls of the harbour and the two villages behind it, 12 to 14"
	own := []web.ViewRow{
		{Label: "Harbour girls 12-14", Href: "/children?sex=female", Edit: "/children/views/x"},
		{Label: long, Href: "/children?risk=high", Edit: "/children/views/y", Unit: "Harbour Town team", End: "/children/views/y/unshare"},
	}
	shared := []web.ViewRow{
		{Label: "أطفال الميناء", Href: "/children?region=XA-01", Keeper: "عمر السيد", Unit: "National office"},
		{Label: long, Href: "/children?region=XA-02", Keeper: "Lidya G.", Gone: true, Unit: "Harbour Town team", End: "/children/views/z/unshare"},
	}
	openings := web.Options(s.l, "view", "all", "high", "closed", "every")
	openings = append(openings, web.Option{Value: "x", Label: "Harbour girls 12-14"}, web.Option{Value: "z", Label: long})
	page := web.ViewsPage{
		Frame: s.frame("children"), Form: form("/children/views/opening", map[string][]string{"opening": {"x"}}), Openings: openings,
		Own: own, Most: 50, Shared: shared, Below: shared[1:], More: true,
	}
	none := web.ViewsPage{
		Frame: s.frame("children"), Form: form("/children/views/opening", nil, web.FieldError{Name: "opening", Code: "choose-one"}),
		Openings: openings[:4], Most: 50, Gone: true,
	}
	private := web.ViewPage{
		Frame: s.frame("children"), Form: form("/children/views/x", map[string][]string{"view_name": {own[0].Label}}), View: own[0],
		Filters: []web.Chip{{Name: "sex", Label: s.p.Label("sex_recorded", "female", s.l.Code())}}, Share: "Harbour Town team",
	}
	refused := private
	refused.Form = form("/children/views/x", map[string][]string{"view_name": {""}}, web.FieldError{Name: "view_name", Code: "required"})
	public, fixed := private, private
	public.View, public.Filters, public.Share = own[1], nil, ""
	fixed.View, fixed.Fixed, fixed.Share = own[1], true, ""
	fixed.Form.Fault = "view-of-another-unit"
	return []preview{
		{"children-opened", opened},
		{"children-opened-gone", gone},
		{"children-keep-wrong", wrong},
		{"views", page},
		{"views-none", none},
		{"view", private},
		{"view-wrong", refused},
		{"view-shared", public},
		{"view-fixed", fixed},
	}
}
