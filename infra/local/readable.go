package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
)

// readable turns a JSON line of slog into one that people read: level, message, then key=value in the line's own order.
// Any other line stays as it is.
func readable(text string) string {
	if !strings.HasPrefix(text, "{") {
		return text
	}
	fields, err := members([]byte(text))
	if err != nil {
		return text
	}
	var level, message string
	var rest strings.Builder
	for _, field := range fields {
		switch field.name {
		case "time", "timestamp": // the stream has its own
		case "level":
			level = plain(field.value)
		case "msg", "message":
			message = plain(field.value)
		default:
			fmt.Fprintf(&rest, " %s=%s", field.name, shown(field.value))
		}
	}
	if message == "" {
		return text
	}
	return strings.TrimSpace(fmt.Sprintf("%-5s %s%s", level, message, rest.String()))
}

// member is one name and value of a JSON object.
type member struct {
	name  string
	value json.RawMessage
}

// members are those of one JSON object in their order, which a map would lose.
func members(object []byte) ([]member, error) {
	decoder := json.NewDecoder(bytes.NewReader(object))
	if _, err := decoder.Token(); err != nil {
		return nil, err
	}
	var found []member
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, err
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, err
		}
		found = append(found, member{name: fmt.Sprint(name), value: value})
	}
	_, err := decoder.Token()
	return found, err
}

// plain is a string without its quotes, and anything else as it stands.
func plain(value json.RawMessage) string {
	var text string
	if json.Unmarshal(value, &text) != nil {
		return string(value)
	}
	return text
}

// shown is plain where that is one word, else as it stands.
func shown(value json.RawMessage) string {
	if text := plain(value); text != "" && !strings.ContainsAny(text, " =\"\n\t") {
		return text
	}
	return string(value)
}
