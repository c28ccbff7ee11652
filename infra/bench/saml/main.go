// Command saml measures what it costs to judge the answer of an IdP, in microseconds of the processor, bytes and allocations: ours, gosaml2 and
// crewjam/saml on the same bytes in one run, and the floor, which is the base64, one SHA-256 over the bytes and one verification with
// RSA-2048. It is a module of its own, so that no function links the other two. A timing is measured and never judged.
//
//	go run -C infra/bench/saml .          prints a table
//	go run -C infra/bench/saml . -json    prints it for programs
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
)

// Row is what was measured of one answer in one way.
type Row struct {
	Answer       string  `json:"answer"`
	Bytes        int     `json:"bytes"`
	Certificates int     `json:"certificates"`
	Library      string  `json:"library"`
	Microseconds float64 `json:"microseconds"`
	Allocated    int64   `json:"allocatedBytes"`
	Allocations  int64   `json:"allocations"`
	Refused      string  `json:"refused,omitempty"` // why the library does not take the answer
}

func main() {
	asJSON := flag.Bool("json", false, "print JSON")
	flag.Parse()
	rows, err := measured()
	if err != nil {
		fmt.Fprintln(os.Stderr, "saml:", err)
		os.Exit(1)
	}
	if *asJSON {
		err = json.NewEncoder(os.Stdout).Encode(rows)
	} else {
		print(rows)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "saml:", err)
		os.Exit(1)
	}
}

// measured measures every answer in every way that takes it.
func measured() ([]Row, error) {
	answers, err := answersIn("../../../shared/samlsp/testdata/fixtures")
	if err != nil {
		return nil, err
	}
	var rows []Row
	for _, a := range answers {
		for _, certificates := range []int{1, 3} {
			for _, library := range libraries(a, certificates) {
				if err := library.judge(); err != nil && library.name == "ours" {
					return nil, fmt.Errorf("%s: %w", a.name, err)
				} else if err != nil {
					rows = append(rows, Row{Answer: a.name, Bytes: len(a.document), Certificates: certificates, Library: library.name, Refused: err.Error()})
					continue
				}
				row := Row{Answer: a.name, Bytes: len(a.document), Certificates: certificates, Library: library.name}
				row.Microseconds, row.Allocated, row.Allocations = cost(library.judge)
				rows = append(rows, row)
			}
		}
	}
	return rows, nil
}

func print(rows []Row) {
	fmt.Println("| answer | bytes | certificates | by | microseconds | allocated bytes | allocations |\n| --- | --- | --- | --- | --- | --- | --- |")
	for _, r := range rows {
		if r.Refused != "" {
			fmt.Printf("| %s | %d | %d | %s | refused | | |\n", r.Answer, r.Bytes, r.Certificates, r.Library)
			continue
		}
		fmt.Printf("| %s | %d | %d | %s | %.0f | %d | %d |\n", r.Answer, r.Bytes, r.Certificates, r.Library, r.Microseconds, r.Allocated, r.Allocations)
	}
}
