"""Code of one component's own, in another language."""

import os


def handler(turn, context):
    memory = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
    return {"reject": {"code": "OtherCode", "message": f"{memory} MB for {turn['component']}"}}
