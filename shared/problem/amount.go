package problem

import "fmt"

// Amount is how much there is of something, with its words: "1 user", "2 users".
type Amount struct {
	N         int
	One, Many string
}

// String is the number with the word for it.
func (a Amount) String() string {
	if a.N == 1 {
		return "1 " + a.One
	}
	return fmt.Sprintf("%d %s", a.N, a.Many)
}

// Amounts are the amounts of which there is anything, as consequences tell them.
func Amounts(all ...Amount) []string {
	var some []string
	for _, one := range all {
		if one.N != 0 {
			some = append(some, one.String())
		}
	}
	return some
}
