package wire

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"math/big"

	"github.com/tenantry/tenantry/infra/local/template"
)

// value is a DynamoDB attribute value as it travels, such as {"S":"ORG#1"}.
type value = json.RawMessage

// item is a set of attributes by name: a whole item, or the attributes of a key.
type item map[string]value

// scalar takes a value apart that can be part of a key: its type (S, N or B) and its text. ok is false for other types.
func scalar(v value) (kind, text string, ok bool) {
	var typed map[string]json.RawMessage
	if json.Unmarshal(v, &typed) != nil || len(typed) != 1 {
		return "", "", false
	}
	for kind, raw := range typed {
		if (kind == "S" || kind == "N" || kind == "B") && json.Unmarshal(raw, &text) == nil {
			return kind, text, true
		}
	}
	return "", "", false
}

// compareScalars orders two key values as DynamoDB does: strings by their UTF-8 bytes, binaries by their bytes, numbers
// by what they are worth. Values of different types, which no key holds, compare by type.
func compareScalars(a, b value) int {
	kindA, textA, _ := scalar(a)
	kindB, textB, _ := scalar(b)
	if kindA != kindB {
		return cmp.Compare(kindA, kindB)
	}
	switch kindA {
	case "N":
		x, okX := new(big.Rat).SetString(textA)
		y, okY := new(big.Rat).SetString(textB)
		if okX && okY {
			return x.Cmp(y)
		}
	case "B":
		x, errX := base64.StdEncoding.DecodeString(textA)
		y, errY := base64.StdEncoding.DecodeString(textB)
		if errX == nil && errY == nil {
			return bytes.Compare(x, y)
		}
	}
	return cmp.Compare(textA, textB)
}

// itemKey is the identity of an item.
type itemKey struct{ table, key string }

// keyOf returns the identity of an item of the table, and false where an attribute of the key is missing or no scalar.
func keyOf(table template.Table, i item) (itemKey, bool) {
	key := ""
	for _, part := range table.Key {
		kind, text, ok := scalar(i[part.Name])
		if !ok {
			return itemKey{}, false
		}
		if n, isNumber := new(big.Rat).SetString(text); kind == "N" && isNumber {
			text = n.RatString() // 1 and 1.0 are one key
		}
		quoted, _ := json.Marshal(text) // quoted, so that the parts cannot run into each other
		key += kind + string(quoted)
	}
	return itemKey{table.Name, key}, true
}

// partition returns the text of the key's HASH attribute, which is what dynamodb:LeadingKeys holds.
func partition(key []template.KeyPart, i item) (string, bool) {
	for _, part := range key {
		if part.Type == "HASH" {
			_, text, ok := scalar(i[part.Name])
			return text, ok
		}
	}
	return "", false
}

// pick returns the item's attributes of the given names, as far as it has them.
func (i item) pick(names []string) item {
	picked := item{}
	for _, name := range names {
		if v, ok := i[name]; ok {
			picked[name] = v
		}
	}
	return picked
}

// names returns the attributes' names of a key.
func names(key []template.KeyPart) []string {
	list := make([]string, len(key))
	for i, part := range key {
		list[i] = part.Name
	}
	return list
}
