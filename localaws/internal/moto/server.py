"""Runs moto_server with transactions of DynamoDB that do not copy whole tables.

moto copies each table of a transaction deeply, with all items and all records of its
stream, to be able to undo it. That takes longer with each item that is written. Puts,
deletes and checks replace items and change none, so for them the old tables are kept with
the same items. Transactions with updates are left as they are.
"""

import copy
import sys
from collections import defaultdict
from threading import local

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


models.copy = Copy()
models.DynamoDBBackend.transact_write_items = transact_write_items
sys.exit(main())
