package outgoing_test

import (
	"fmt"

	"github.com/tenantry/tenantry/shared/outgoing"
)

func Example() {
	client, err := outgoing.New(outgoing.Config{})
	if err != nil {
		panic(err)
	}
	_, err = client.Check("https://169.254.169.254/latest/meta-data")
	fmt.Println(outgoing.As(err).Sentence)
	// Output: The IP address 169.254.169.254 is not on the public Internet.
}
