def handler(turn, context):
    return {"commands": []}
