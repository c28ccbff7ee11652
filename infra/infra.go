// Package infra holds the description of the whole API, which infra/openapi merges from the functions' parts. It refuses to be
// edited by hand: `make openapi` writes openapi.json.
package infra

import _ "embed"

//go:embed openapi.json
var document []byte

// Document is the OpenAPI 3.1 document of all of /v1, as JSON (API-1). It is not to be changed.
func Document() []byte { return document }
