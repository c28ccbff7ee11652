package main

import (
	"log"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/tenantry/tenantry/shared/start"
)

func main() {
	services, err := start.Open(os.Getenv)
	if err != nil {
		log.Fatal(err)
	}
	work, err := newBatch(services)
	if err != nil {
		log.Fatal(err)
	}
	lambda.Start(start.Handler(services, work.handle))
}
