package scim

import (
	"encoding/json"
	"errors"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Bounds of a page (SCI-10).
const (
	DefaultPage = 100
	LargestPage = 200
)

// Query is what a list or search asks for.
type Query struct {
	Filter      *Filter // nil: all
	Order       *Order  // nil: the server's
	Page        Page
	projections map[*ResourceType]Projection
}

// Page is the part of a list that is asked for: by index, or by cursor (RFC 9865) where the parameter was sent, empty for the first page.
type Page struct {
	Start    int // from 1
	Count    int // 0 to LargestPage; 0 asks for the number of all only
	ByCursor bool
	Cursor   string
}

// Projection is what the answer shows of resources of a type.
func (q Query) Projection(t *ResourceType) Projection { return q.projections[t] }

// Bound is all of the query that a cursor holds for: with another filter, order or count it is another walk.
func (q Query) Bound() string {
	var parts []string
	if q.Filter != nil {
		parts = append(parts, "filter", q.Filter.Text)
	}
	if q.Order != nil {
		parts = append(parts, "order", lower(q.Order.text), strconv.FormatBool(q.Order.descending))
	}
	parts = append(parts, "count", strconv.Itoa(q.Page.Count))
	written, err := json.Marshal(parts)
	if err != nil {
		panic(err) // texts can always be written
	}
	return string(written)
}

// parameters are those of a list, from an address or from the body of a search.
type parameters struct {
	filter, sortBy, sortOrder string
	attributes, excluded      []string
	start, count              string
	cursor                    string
	byCursor                  bool
}

// ReadQuery reads the parameters of a GET, as they stand in the address (its raw query). Parameters that it does not know are passed over:
// Entra ID's switches ride in the address.
func ReadQuery(raw string, types ...*ResourceType) (Query, error) {
	if len(raw) > 4*longestFilter {
		return Query{}, Bad(TooMany, "The address has %d bytes of parameters. At most %d are taken; POST .search takes no more, but in a body.", len(raw), 4*longestFilter)
	}
	values, err := url.ParseQuery(raw)
	if err != nil {
		return Query{}, Bad(InvalidSyntax, "The parameters of the address cannot be read: a percent sign or semicolon stands where none can.")
	}
	sent := map[string][]string{} // whose names compare as those of attributes do
	for _, name := range slices.Sorted(maps.Keys(values)) {
		sent[lower(name)] = append(sent[lower(name)], values[name]...)
	}
	var p parameters
	for name, all := range sent {
		if len(all) > 1 && single(name) {
			return Query{}, Bad(InvalidValue, "%s is sent %d times.", name, len(all))
		}
		p.take(name, all)
	}
	return p.query(types)
}

// single tells whether a parameter has one value.
func single(name string) bool {
	switch name {
	case "filter", "sortby", "sortorder", "startindex", "count", "cursor":
		return true
	}
	return false
}

func (p *parameters) take(name string, all []string) {
	switch name {
	case "filter":
		p.filter = all[0]
	case "sortby":
		p.sortBy = all[0]
	case "sortorder":
		p.sortOrder = all[0]
	case "attributes":
		p.attributes = append(p.attributes, all...)
	case "excludedattributes":
		p.excluded = append(p.excluded, all...)
	case "startindex":
		p.start = all[0]
	case "count":
		p.count = all[0]
	case "cursor":
		p.cursor, p.byCursor = all[0], true
	}
}

// ReadSearch reads the body of POST .search.
func ReadSearch(data []byte, types ...*ResourceType) (Query, error) {
	sent, err := decode(data, LargestBody)
	if err != nil {
		return Query{}, err
	}
	body, ok := sent.(Object)
	if !ok {
		return Query{}, Bad(InvalidSyntax, "The request is a search: an object was expected.")
	}
	var p parameters
	for name, value := range body {
		if value == nil {
			continue
		}
		texts, ok := texts(value)
		switch name = lower(name); {
		case single(name) && (!ok || len(texts) != 1), strings.HasSuffix(name, "attributes") && !ok:
			return Query{}, Bad(InvalidValue, "%s of the search has a value of another kind.", quoted(name))
		case ok && len(texts) > 0:
			p.take(name, texts)
		}
	}
	return p.query(types)
}

// texts gives a simple value, or a list of such, as texts.
func texts(value any) ([]string, bool) {
	switch v := value.(type) {
	case string:
		return []string{v}, true
	case json.Number:
		return []string{v.String()}, true
	case []any:
		var all []string
		for _, one := range v {
			some, ok := texts(one)
			if !ok {
				return nil, false
			}
			all = append(all, some...)
		}
		return all, true
	}
	return nil, false
}

func (p parameters) query(types []*ResourceType) (q Query, err error) {
	if strings.TrimSpace(p.filter) != "" {
		if q.Filter, err = ParseFilter(p.filter, types...); err != nil {
			return q, err
		}
	}
	if q.Order, err = readOrder(p.sortBy, p.sortOrder, types); err != nil {
		return q, err
	}
	q.projections = map[*ResourceType]Projection{}
	for _, t := range types {
		if q.projections[t], err = ReadProjection(t, p.attributes, p.excluded); err != nil {
			return q, err
		}
	}
	q.Page, err = p.page()
	return q, err
}

// page reads the page, and takes for what is out of bounds the nearest that is within (RFC 7644 section 3.4.2.4).
func (p parameters) page() (Page, error) {
	start, err := number("startIndex", p.start, 1)
	if err != nil {
		return Page{}, err
	}
	count, err := number("count", p.count, DefaultPage)
	if own := (*Error)(nil); p.byCursor && errors.As(err, &own) {
		own.Kind = InvalidCount
	}
	return Page{Start: max(start, 1), Count: min(max(count, 0), LargestPage), ByCursor: p.byCursor, Cursor: p.cursor}, err
}

// number reads a number, or gives the one that is meant where none was sent. What no machine counts to is as far as it counts.
func number(name, text string, absent int) (int, error) {
	text = strings.TrimSpace(text)
	if text == "" {
		return absent, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil && n == 0 {
		return 0, Bad(InvalidValue, "%s is a number, not %s.", name, quoted(text))
	}
	return int(n), nil
}
