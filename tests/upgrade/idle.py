#!/usr/bin/env python3
import os
import urllib.request

invocation = "http://" + os.environ["AWS_LAMBDA_RUNTIME_API"] + "/2018-06-01/runtime/invocation/"
while True:
    with urllib.request.urlopen(invocation + "next") as answer:
        request = answer.headers["Lambda-Runtime-Aws-Request-Id"]
    # Of a batch nothing has failed; to others it says nothing.
    urllib.request.urlopen(invocation + request + "/response", data=b'{"batchItemFailures": []}').close()
