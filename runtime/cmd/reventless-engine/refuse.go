package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"time"

	"github.com/reventless/pulumi-reventless/runtime/proxy"
)

// errorType is the type of the init errors that are ours.
const errorType = "Reventless.InitError"

// reportTime bounds the report of an init error.
const reportTime = 2 * time.Second

// refuse reports why the function cannot start, to Lambda and on standard error, and
// gives the exit status.
func refuse(err error) int {
	fmt.Fprintln(os.Stderr, "reventless-engine:", err)
	if reportErr := reportInit(err); reportErr != nil {
		fmt.Fprintln(os.Stderr, "reventless-engine: reporting that to Lambda:", reportErr)
	}
	return 1
}

// reportInit sends an init error to the Runtime API.
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html#runtimes-api-initerror
func reportInit(err error) error {
	address := os.Getenv(proxy.EnvRuntimeAPI)
	if address == "" {
		return fmt.Errorf("%s is not set; the engine runs inside Lambda or local AWS, which set it", proxy.EnvRuntimeAPI)
	}
	body, _ := json.Marshal(map[string]any{"errorType": errorType, "errorMessage": err.Error(), "stackTrace": []string{}})
	request, reqErr := http.NewRequest(http.MethodPost, "http://"+address+"/2018-06-01/runtime/init/error", bytes.NewReader(body))
	if reqErr != nil {
		return reqErr
	}
	request.Header.Set("Content-Type", "application/vnd.aws.lambda.error+json")
	request.Header.Set("Lambda-Runtime-Function-Error-Type", errorType)
	client := &http.Client{Timeout: reportTime, Transport: &http.Transport{}} // never through an HTTP proxy
	response, doErr := client.Do(request)
	if doErr != nil {
		return doErr
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusAccepted {
		return fmt.Errorf("the Runtime API answered %s", response.Status)
	}
	return nil
}
