"""Plays the Python runtime of AWS Lambda.

1. It imports the module and function that _HANDLER names.
2. It asks the Runtime API for one invocation after the other, calls the handler and
   posts the answer or the error.
3. What happens outside of an invocation ends the process, as on AWS.
"""
import http.client
import importlib
import json
import os
import sys
import time
import traceback

API = os.environ["AWS_LAMBDA_RUNTIME_API"]
ROOT = "/2018-06-01/runtime"


class Context:
    """The context object of a handler."""

    def __init__(self, headers):
        self.aws_request_id = headers["Lambda-Runtime-Aws-Request-Id"]
        self.invoked_function_arn = headers["Lambda-Runtime-Invoked-Function-Arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = None
        self._deadline = int(headers["Lambda-Runtime-Deadline-Ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline - int(time.time() * 1000), 0)


def describe(error, error_type=None, message=None):
    return {
        "errorType": error_type or type(error).__name__,
        "errorMessage": message or str(error),
        "stackTrace": traceback.format_tb(error.__traceback__),
    }


def post_error(connection, path, description):
    print("[ERROR] %s: %s\n%s" % (description["errorType"], description["errorMessage"], "".join(description["stackTrace"])), flush=True)
    headers = {"Content-Type": "application/json", "Lambda-Runtime-Function-Error-Type": description["errorType"]}
    send(connection, "POST", path, json.dumps(description), headers)


def send(connection, method, path, body=None, headers=None):
    # A connection without time-out: the next invocation may be a long time away.
    connection.request(method, ROOT + path, body, headers or {})
    response = connection.getresponse()
    return response.headers, response.read()


def load_handler():
    name = os.environ["_HANDLER"]
    if "." not in name:
        raise ValueError("Bad handler '%s': not enough values to unpack (expected 2, got 1)" % name)
    module, function = name.rsplit(".", 1)
    return getattr(importlib.import_module(module.replace("/", ".")), function)


def describe_load(error):
    name = os.environ["_HANDLER"]
    module = name.rsplit(".", 1)[0]
    if isinstance(error, ImportError):
        return describe(error, "Runtime.ImportModuleError", "Unable to import module '%s': %s" % (module, error))
    if isinstance(error, AttributeError) and name.rsplit(".", 1)[-1] in str(error):
        return describe(error, "Runtime.HandlerNotFound", "Handler '%s' missing on module '%s'" % (name.rsplit(".", 1)[-1], module))
    if isinstance(error, SyntaxError):
        return describe(error, "Runtime.UserCodeSyntaxError", "Syntax error in module '%s': %s" % (module, error))
    if isinstance(error, ValueError) and "Bad handler" in str(error):
        return describe(error, "Runtime.MalformedHandlerName")
    return describe(error)


def serve_next(connection, handler):
    headers, body = send(connection, "GET", "/invocation/next")
    path = "/invocation/%s" % headers["Lambda-Runtime-Aws-Request-Id"]
    os.environ["_X_AMZN_TRACE_ID"] = headers.get("Lambda-Runtime-Trace-Id") or ""
    try:
        answer = json.dumps(handler(json.loads(body), Context(headers)))
        sys.stdout.flush()
    except Exception as error:  # whatever the handler raises is its answer
        post_error(connection, path + "/error", describe(error))
        return
    send(connection, "POST", path + "/response", answer, {"Content-Type": "application/json"})


def main():
    # A line is one write: unbuffered, print writes each of its arguments by itself, and
    # the invocation's last lines could come between them.
    sys.stdout.reconfigure(line_buffering=True, write_through=False)
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    connection = http.client.HTTPConnection(API)
    try:
        handler = load_handler()
    except Exception as error:
        post_error(connection, "/init/error", describe_load(error))
        sys.exit(1)
    while True:
        serve_next(connection, handler)


if __name__ == "__main__":
    main()
