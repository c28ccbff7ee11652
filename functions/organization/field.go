package main

import (
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tenantry/tenantry/shared/tenant"
)

// Language is a BCP 47 tag of the list of languages.
type Language string

// Schema is the list as JSON Schema.
func (Language) Schema(huma.Registry) *huma.Schema {
	return oneOf("A BCP 47 tag; mails and the console fall back to English", tenant.Languages())
}

// Country is an ISO 3166-1 alpha-2 code, or empty for none.
type Country string

// Schema is its form as JSON Schema; which codes there are is left to Resolve, whose message is shorter than their list.
func (Country) Schema(huma.Registry) *huma.Schema {
	longest := 2
	return &huma.Schema{Type: huma.TypeString, MaxLength: &longest, Description: "An officially assigned ISO 3166-1 alpha-2 code, such as ES; empty: none"}
}

// Resolve refuses what is no country.
func (c Country) Resolve(_ huma.Context, at *huma.PathBuffer) []error {
	if c == "" || slices.Contains(strings.Fields(countries), string(c)) {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: at.String(), Message: "is not an ISO 3166-1 alpha-2 code, such as ES", Value: string(c)}}
}

// Sector is what an organization does, by the id of the list of sectors, or empty for none.
type Sector string

// Schema is the list as JSON Schema.
func (Sector) Schema(huma.Registry) *huma.Schema {
	return oneOf("What the organization does, by its main activity; empty: none", append(strings.Fields(sectors), ""))
}

func oneOf(doc string, values []string) *huma.Schema {
	s := &huma.Schema{Type: huma.TypeString, Description: doc}
	for _, value := range values {
		s.Enum = append(s.Enum, value)
	}
	return s
}

// countries are the codes that ISO 3166-1 assigns officially, and no other: neither reserved ones (EU, UK) nor those left to
// users (XK, XX). https://www.iso.org/obp/ui/#search
const countries = `AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ
CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR
GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP
KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ
NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW
SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ
UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW`

// sectors are the ids of what organizations do, along the sections of ISIC Rev. 4
// (https://unstats.un.org/unsd/classifications/Econ/isic).
const sectors = `agriculture mining manufacturing energy water-and-waste construction retail-and-wholesale transport hospitality
information-technology telecommunications media finance insurance real-estate professional-services administrative-services
public-administration defence education health social-work arts-and-recreation non-profit other`
