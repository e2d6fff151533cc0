"""An ordinary Lambda handler, run by AWS's own Python runtime interface client."""

import os
import time

STARTED = os.getpid()


def handler(event, context):
    match event["do"]:
        case "inspect":
            return {
                "pid": STARTED,
                "value": event["value"],
                "requestId": context.aws_request_id,
                "arn": context.invoked_function_arn,
                "remaining": context.get_remaining_time_in_millis(),
                "trace": os.environ.get("_X_AMZN_TRACE_ID"),
                "custom": context.client_context and context.client_context.custom,
                "identity": context.identity and context.identity.cognito_identity_id,
            }
        case "raise":
            raise ValueError("unknown product „x“")
        case "exit":
            os._exit(4)
        case "sleep":
            time.sleep(event["seconds"])
        case "big":
            return "x" * event["bytes"]
