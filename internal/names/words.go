package names

import "strings"

func words(lists ...string) map[string]bool {
	set := make(map[string]bool)
	for _, list := range lists {
		for _, w := range strings.Fields(list) {
			set[Fold(w)] = true
		}
	}
	return set
}

// particles join words of a name. They are folded and written without their
// hyphen, which Fold turns into a blank.
var particles = words(
	// Arabic and its neighbours, in Latin spelling
	"al el ul ur us uz as ash ad an ar at az bin ben ibn bint bent binti abu abou aboo umm oum um ould wuld weld mint aal zada zadeh",
	// Europe
	"de del della dello dei degli di da do dos das du des le la les lo van von der den ter ten vander zu zum zur af av of the y e i und",
	// Hebrew, Aramaic, Ethiopia, Somalia in Latin spelling
	"bar bat",
	// Arabic, Persian, Urdu
	"ال بن ابن بنت بنتي ابو ابي ام ولد منت آل",
	// Hebrew
	"בן בת בר אבו אל אבן",
	// Cyrillic
	"аль эль бин бен ибн абу оглы кызы улы заде де ван фон дер да ди ла ле",
	// Greek, Bengali, Devanagari, Amharic
	"του της ντε ال বিন বিনতে ইবনে আল बिन बिंत अल वेल्द ቢን ኢብን አቡ",
	"oglu ogly kyzy kizi uly",
)

// honorifics are titles. They are left out of comparisons.
var honorifics = words(
	"mr mrs ms miss dr prof sir madam madame monsieur mme mlle herr frau senor senora sheikh shaikh sheik cheikh haji hajj hadji hajja sayyid sayed syed mullah maulana maulvi ustad shri sri smt kumari",
	"ato weyzero w/ro weizerit lok neak khun nai nang naw saw daw ko bapak ibu pak bu",
	"السيد السيده الشيخ الحاج الحاجه دكتور الدكتور شيخ حاج سيد",
	"אדון גברת דוקטור רב הרב",
	"господин госпожа доктор пан пани",
	"κυριος κυρια δρ",
	"অধ্যাপক ডাঃ জনাব মোঃ মোসাঃ শ্রী শ্রীমতী श्री श्रीमती सुश्री कुमारी",
	"አቶ ወይዘሮ ወይዘሪት ዶክተር",
	"លោក លោកស្រី អ្នកស្រី កញ្ញា",
	"นาย นาง นางสาว ด.ช. ด.ญ. เด็กชาย เด็กหญิง",
)

// patronymicEndings are endings by which a word says "child of".
var patronymicEndings = []string{
	"ovich", "evich", "ovna", "evna", "ichna", "ivna", "ychna", "ович", "евич", "овна", "евна", "ична", "івна", "йович", "owicz", "ewicz",
	"sson", "sdottir", "dottir", "oglu", "ogly", "kyzy", "qizi", "оглы", "кызы", "ұлы", "қызы", "улы",
}
