"""A minimal language runtime for tests: one new connection for each request, as
Python's http.client makes them, and misbehaviour on demand."""

import http.client
import json
import os
import signal
import sys
import time
import traceback

ADDRESS = os.environ["AWS_LAMBDA_RUNTIME_API"]


def call(method, path, body=None, headers=None):
    connection = http.client.HTTPConnection(ADDRESS)
    connection.request(method, "/2018-06-01/runtime/" + path, body, headers or {})
    response = connection.getresponse()
    text = response.read()
    connection.close()
    return response, text


def act(event):
    match event["do"]:
        case "echo":
            return {"echo": event["value"], "pid": os.getpid()}
        case "throw":
            raise KeyError("no such product: „Müller“")
        case "exit":
            os._exit(event["code"])
        case "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        case "spin":
            while True:
                pass
        case "sleep":
            time.sleep(event["ms"] / 1000)
            return {"slept": event["ms"]}
        case "big":
            return "x" * event["bytes"]
        case "print":
            os.write(1, event["out"].encode())
            os.write(2, event["err"].encode())


def init():
    if os.environ.get("TEST_INIT") == "exit":
        os._exit(3)
    if os.environ.get("TEST_INIT") == "error":
        body = '{"errorType":"Runtime.ImportModuleError", "errorMessage":"Cannot find module", "stackTrace":["a","b"]}'
        response, text = call("POST", "init/error", body, {
            "Lambda-Runtime-Function-Error-Type": "Runtime.ImportModuleError",
            "Content-Type": "application/vnd.aws.lambda.error+json",
        })
        print(response.status, text.decode(), flush=True)
        sys.exit(1)


def terminate(*_):
    os.write(1, b"terminating\n")
    os._exit(7)


init()
signal.signal(signal.SIGTERM, terminate)
while True:
    response, text = call("GET", "invocation/next")
    request = response.headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(text)
    try:
        answer = json.dumps(act(event), ensure_ascii=False).encode()
        call("POST", f"invocation/{request}/response", answer)
        if event.get("then") == "exit":
            os._exit(0)
    except Exception as error:
        call("POST", f"invocation/{request}/error", json.dumps({
            "errorType": type(error).__name__, "errorMessage": str(error),
            "stackTrace": traceback.format_tb(error.__traceback__),
        }))
