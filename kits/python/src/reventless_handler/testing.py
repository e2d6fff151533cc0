"""The test kit: given a history, when a command comes, then events or a refusal; given a row, when events come, then a row.

1. A Plugin makes turns as the engine makes them, out of what a test says.
2. Turns and answers go through JSON as on their way from and to the engine, so the handler
   cannot keep hold of the test's data.
3. What differs is an AssertionError, which every test runner shows.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any

START = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)


class Unset:
    """Stands for an argument that is not given, where None is a value."""


UNSET = Unset()


def time(number: int) -> str:
    """The time of the event of a number: noon, a day after the one before, from 2026-01-01T12:00:00.000Z on."""
    return (START + timedelta(days=number - 1)).strftime("%Y-%m-%dT%H:%M:%S.000Z")


class Plugin:
    """A plugin under test."""

    def __init__(self, handler: Callable[[Any, Any], Any], name: str = "plugin") -> None:
        self._handler = handler
        self._name = name

    def ask(self, kind: str, component: str, *, meta: Mapping[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
        """Ask the handler about a turn of any kind. The fields are those of the kind; fields that are UNSET are left out."""
        given = {name: value for name, value in fields.items() if value is not UNSET}
        turn = {"kind": kind, "version": 1, "plugin": self._name, "component": component, **given}
        answer = self._handler(_through_json({**turn, "meta": {"time": time(100), **(meta or {})}}), None)
        assert isinstance(answer, dict), f"the answer to a {kind} turn is a dictionary, not {answer!r}"
        read: dict[str, Any] = _through_json(answer)
        return read

    def decide(
        self,
        component: str,
        *,
        when: Mapping[str, Any],
        given: Sequence[Mapping[str, Any]] = (),
        then: Sequence[Mapping[str, Any]] | None = None,
        rejected: str | None = None,
        id: str | Unset = UNSET,
        snapshot: Mapping[str, Any] | Unset = UNSET,
        meta: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Given these events, when this command comes, then it leads to events or is rejected with a code.

        Give either then, the events with all of their data, or rejected. The answer is returned.
        """
        assert (then is None) != (rejected is None), "a test of a decision says either then or rejected"
        history = [_recorded(component, id, event, number) for number, event in enumerate(given, start=1)]
        command = {"type": when["type"], "data": when.get("data", {})}
        about = {"commandId": "command-1", **(meta or {})}
        answer = self.ask("decide", component, id=id, command=command, snapshot=snapshot, history=history, meta=about)
        assert ("events" in answer) != ("reject" in answer), f"either events or reject, not {answer!r}"
        # A refusal instead of events, or the other way round, is shown as what it is.
        if then is not None:
            _same(answer.get("events", answer), _through_json(list(then)))
        else:
            _same(answer["reject"]["code"] if "reject" in answer else answer, rejected)
        return answer

    def project(
        self,
        component: str,
        *,
        when: Mapping[str, Any] | Sequence[Mapping[str, Any]],
        given: Mapping[str, Any] | None = None,
        then: Mapping[str, Any] | None | Unset = UNSET,
        id: str = "row-1",
        meta: Mapping[str, Any] | None = None,
    ) -> dict[str, Any] | None:
        """Given this row, when an event comes, or several, then the row is this; None for no row.

        Each event is a day after the one before. The field id of given is filled in, and may be left out of then. Without then
        nothing is compared. The row is returned.
        """
        row: Any = given
        for number, event in enumerate([when] if isinstance(when, Mapping) else when, start=1):
            recorded = _recorded(component, id, event, number)
            answer = self.ask("project", component, id=id, row=_keyed(row, id), event=recorded, meta=meta)
            assert "row" in answer, f"the answer to a project turn has a row, None for none, not {answer!r}"
            row = answer["row"]
            assert row is None or row.get("id", id) == id, f"the field id of a row is its key {id!r}, or left out, not {row['id']!r}"
        if then is not UNSET:
            _same(_keyed(row, id), _keyed(_through_json(then), id))
        return row if row is None else dict(row)


def _recorded(component: str, id: str | Unset, event: Mapping[str, Any], number: int) -> dict[str, Any]:
    """The event as the log holds it; what the test says of it counts."""
    known = {"data": {}, "component": component, "id": component if isinstance(id, Unset) else id}
    return {**known, "number": number, "time": time(number), **event}


def _keyed(row: Mapping[str, Any] | None, id: str) -> dict[str, Any] | None:
    """The row as the engine keeps it, with its key as the field id."""
    return row if row is None else {"id": id, **row}


def _through_json(value: Any) -> Any:
    """The value as the other side reads it."""
    return json.loads(json.dumps(value, allow_nan=False))


def _same(actual: Any, expected: Any) -> None:
    """Refuse what differs, and show both."""
    assert actual == expected, f"expected {_shown(expected)}\ngot      {_shown(actual)}"


def _shown(value: Any) -> str:
    """A value on one line."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True)
