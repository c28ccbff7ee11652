package main

import (
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/tenantry/tenantry/shared/branding"
)

// Colour is a colour as #RRGGBB, or #RGB for short.
type Colour string

var colourForm = regexp.MustCompile(`^#(?:[0-9A-Fa-f]{3}|[0-9A-Fa-f]{6})$`)

// Schema is its form as JSON Schema; the rule itself is Resolve's, whose message says what would be right.
func (Colour) Schema(huma.Registry) *huma.Schema {
	longest := 100
	return &huma.Schema{Type: huma.TypeString, MaxLength: &longest, Examples: []any{"#1B5E20"},
		Description: "A colour as #RRGGBB, kept in upper case; #RGB is taken for short"}
}

// Resolve refuses what is no colour (BRA-2).
func (c Colour) Resolve(_ huma.Context, at *huma.PathBuffer) []error {
	if colourForm.MatchString(string(c)) {
		return nil
	}
	return []error{&huma.ErrorDetail{Location: at.String(), Message: "is not a colour such as #1B5E20 or #FFF", Value: string(c)}}
}

// whole is the colour as it is kept: six digits, in upper case.
func (c Colour) whole() string {
	digits := strings.ToUpper(strings.TrimPrefix(string(c), "#"))
	if len(digits) == 3 {
		digits = string([]byte{digits[0], digits[0], digits[1], digits[1], digits[2], digits[2]})
	}
	return "#" + digits
}

// luminance is how light a kept colour is, 0 to 1: https://www.w3.org/TR/WCAG22/#dfn-relative-luminance
func luminance(colour string) float64 {
	sum := 0.0
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		level, _ := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8) // what is kept has the form
		share := float64(level) / 255
		if share <= 0.04045 {
			share /= 12.92
		} else {
			share = math.Pow((share+0.055)/1.055, 2.4)
		}
		sum += weight * share
	}
	return sum
}

// contrast is the contrast of two kept colours, 1 to 21: https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio
func contrast(a, b string) float64 {
	dark, light := luminance(a), luminance(b)
	return (max(dark, light) + 0.05) / (min(dark, light) + 0.05)
}

// Contrast is how well one colour of a palette stands out from another.
type Contrast struct {
	Of    string  `json:"of" enum:"primary,secondary,accent,text" doc:"The colour in front"`
	On    string  `json:"on" enum:"background" doc:"The colour behind it"`
	Ratio float64 `json:"ratio" doc:"1 to 21, by WCAG 2.2, two decimals, rounded down"`
	Least float64 `json:"least" doc:"What WCAG 2.2 level AA asks for: 4.5 for text (1.4.3), 3 for controls and graphics (1.4.11)"`
}

// Warning is something that is allowed and hardly wanted.
type Warning struct {
	Location string `json:"location" doc:"Where, such as palette.text"`
	Message  string `json:"message" doc:"What is poor, and what would be better"`
}

const (
	leastOfText     = 4.5
	leastOfGraphics = 3
)

// contrasts are those of everything in front on the background.
func contrasts(p *branding.Palette) []Contrast {
	all := []Contrast{}
	for _, front := range []struct {
		name, colour string
		least        float64
	}{{"text", p.Text, leastOfText}, {"primary", p.Primary, leastOfGraphics}, {"secondary", p.Secondary, leastOfGraphics}, {"accent", p.Accent, leastOfGraphics}} {
		ratio := math.Floor(contrast(front.colour, p.Background)*100) / 100
		all = append(all, Contrast{Of: front.name, On: "background", Ratio: ratio, Least: front.least})
	}
	return all
}

// warnings are what is poor about contrasts (BRA-5).
func warnings(of []Contrast) []Warning {
	all := []Warning{}
	for _, c := range of {
		if c.Ratio < c.Least {
			all = append(all, Warning{Location: "palette." + c.Of, Message: "has a contrast of " + decimal(c.Ratio) + " on the " + c.On + ", and WCAG 2.2 asks for " +
				decimal(c.Least) + ": make one of the two lighter or darker"})
		}
	}
	return all
}

func decimal(n float64) string { return strconv.FormatFloat(n, 'f', -1, 64) }
