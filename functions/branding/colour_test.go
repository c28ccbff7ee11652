package main

import (
	"fmt"
	"reflect"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"pgregory.net/rapid"

	"github.com/tenantry/tenantry/shared/branding"
	"github.com/tenantry/tenantry/shared/picture"
)

func TestBRA2_AColourIsKeptAsSixDigitsInUpperCase(t *testing.T) {
	t.Parallel()
	for colour, want := range map[Colour]string{"#1b5e20": "#1B5E20", "#1B5E20": "#1B5E20", "#fff": "#FFFFFF", "#0aF": "#00AAFF"} {
		if got := colour.whole(); got != want {
			t.Errorf("%s is kept as %s", colour, got)
		}
	}
	for _, wrong := range []Colour{"", "#", "#12", "#1234", "#12345", "#1234567", "#12345678", "123456", "#12345g", "#12 456", "#123456\n", "red"} {
		if errs := wrong.Resolve(nil, huma.NewPathBuffer([]byte("body.palette.text"), 0)); len(errs) != 1 {
			t.Errorf("%q is taken", wrong)
		}
	}
}

// The ratios are those that WebAIM's checker and WCAG's own examples give for the colours on white.
func TestBRA5_ContrastIsThatOfWCAG(t *testing.T) {
	t.Parallel()
	for colour, want := range map[string]string{"#000000": "21.00", "#FFFFFF": "1.00", "#767676": "4.54", "#777777": "4.48", "#FF0000": "4.00", "#0000FF": "8.59", "#00FF00": "1.37", "#949494": "3.03"} {
		if got := fmt.Sprintf("%.2f", contrast(colour, "#FFFFFF")); got != want {
			t.Errorf("%s: %s, not %s", colour, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		colour := rapid.Custom(func(t *rapid.T) string { return fmt.Sprintf("#%06X", rapid.IntRange(0, 1<<24-1).Draw(t, "rgb")) })
		a, b := colour.Draw(t, "a"), colour.Draw(t, "b")
		if ratio := contrast(a, b); ratio < 1 || ratio > 21.0001 || ratio != contrast(b, a) {
			t.Fatalf("%s on %s: %f", a, b, ratio)
		}
	})
}

func TestBRA5_WhatIsShownIsNotRoundedUpOverTheLimit(t *testing.T) {
	t.Parallel()
	p := &branding.Palette{Primary: "#000000", Secondary: "#000000", Accent: "#959595", Background: "#FFFFFF", Text: "#777777"}
	all := contrasts(p)
	if all[0].Ratio != 4.47 || all[0].Least != 4.5 || len(warnings(all)) != 2 {
		t.Errorf("%+v, %+v", all, warnings(all))
	}
}

func TestBRA1_TheLimitOfTheFormIsThatOfThePicture(t *testing.T) {
	t.Parallel()
	field, _ := reflect.TypeFor[NewUpload]().FieldByName("Size")
	if got := field.Tag.Get("maximum"); got != fmt.Sprint(picture.MostBytes) {
		t.Errorf("the form takes %s bytes, the picture %d", got, picture.MostBytes)
	}
}
