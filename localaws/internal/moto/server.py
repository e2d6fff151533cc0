"""Runs moto_server with transactions of DynamoDB that do not copy whole tables.

moto copies each table of a transaction deeply, with all items and all records of its
stream, to be able to undo it. That takes longer with each item that is written. Puts,
deletes and checks replace items and change none, so for them the old tables are kept with
the same items. Transactions with updates are left as they are.

Cognito's user pools are guarded against deletion as AWS does it, and an update leaves alone
how users sign in, which AWS fixes when the pool is made.
"""

import copy
import sys
from collections import defaultdict
from threading import local

from moto.cognitoidp.exceptions import InvalidParameterException
from moto.cognitoidp.models import CognitoIdpBackend
from moto.dynamodb import models
from moto.dynamodb.models.table import Table
from moto.server import main

current = local()


class Copy:
    """The module copy, as moto's transactions see it."""

    def __getattr__(self, name):
        return getattr(copy, name)

    def deepcopy(self, value, memo=None):
        if isinstance(value, Table) and getattr(current, "replaces", False):
            return kept(value)
        return copy.deepcopy(value, memo)


def kept(table):
    """The table as it is now, with the same items."""
    old = copy.copy(table)
    old.items = defaultdict(dict, table.items)
    if table.has_range_key:
        old.items.update({key: dict(items) for key, items in table.items.items()})
    if table.stream_shard is not None:
        old.stream_shard = copy.copy(table.stream_shard)
        old.stream_shard.table = old
        old.stream_shard.items = list(table.stream_shard.items)
    return old


def transact_write_items(backend, transact_items, original=models.DynamoDBBackend.transact_write_items):
    current.replaces = not any("Update" in item for item in transact_items)
    try:
        return original(backend, transact_items)
    finally:
        current.replaces = False


def delete_user_pool(backend, user_pool_id, original=CognitoIdpBackend.delete_user_pool):
    if backend.describe_user_pool(user_pool_id).extended_config.get("DeletionProtection") == "ACTIVE":
        raise InvalidParameterException(
            "The user pool cannot be deleted because deletion protection is activated. Deletion protection must be inactivated first."
        )
    return original(backend, user_pool_id)


def update_user_pool(backend, user_pool_id, extended_config, original=CognitoIdpBackend.update_user_pool):
    before = backend.describe_user_pool(user_pool_id).extended_config
    kept = {key: before[key] for key in ("UsernameAttributes", "AliasAttributes", "UsernameConfiguration") if key in before}
    return original(backend, user_pool_id, {**extended_config, **kept})


CognitoIdpBackend.delete_user_pool = delete_user_pool
CognitoIdpBackend.update_user_pool = update_user_pool
models.copy = Copy()
models.DynamoDBBackend.transact_write_items = transact_write_items
sys.exit(main())
