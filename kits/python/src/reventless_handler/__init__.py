"""What passes between engine and handler.

Written by generate-kits from the JSON Schemas of turns and answers. Do not edit.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, NotRequired, TypedDict, Union, final

# A JSON object of the plugin's own shape.
Data = dict[str, Any]


class Command(TypedDict):
    """The command to decide on."""

    type: str
    """The command type."""
    data: Data
    """The mutation's arguments, the id among them, or what a reaction, a task or a schedule put into the command."""


class RecordedEvent(TypedDict):
    """An event as the event log holds it."""

    type: str
    """The event type."""
    data: Data
    """What the event says, as the handler that decided on it wrote it."""
    component: str
    """The aggregate that the event belongs to; for an event of the DCB log its home tag."""
    id: str
    """The id of the aggregate, or the value of the home tag."""
    number: int
    """Counts the events of one aggregate id: 1, 2, 3, … without gaps."""
    time: str
    """RFC 3339 in UTC with milliseconds."""
    tags: NotRequired[dict[str, list[str]]]
    """The values of the event's tags; only for events of the DCB log."""
    position: NotRequired[int]
    """Orders events of the DCB log: a cause has a lower position than its effect."""


class Meta(TypedDict):
    """Where the turn comes from. Use nothing else for time and identity."""

    commandId: NotRequired[str]
    """Identifies the command; present in decide turns."""
    correlationId: NotRequired[str]
    """The same for all that one outside request led to."""
    causationId: NotRequired[str]
    """The id of the command or message that led to this turn."""
    actor: NotRequired[Any]
    """AppSync's identity object of the caller; absent when no caller is known."""
    time: str
    """The time to use for "now", RFC 3339 in UTC with milliseconds."""


class DecideTurn(TypedDict):
    """Asks an aggregate, or a slice, which events a command leads to."""

    kind: Literal["decide"]
    """What is asked; it says which of the other properties are there."""
    version: Literal[1]
    """The version of the contract."""
    plugin: str
    """The plugin's name."""
    component: str
    """The name under which the plugin declared an aggregate or a slice."""
    id: NotRequired[str]
    """The aggregate's id; for a slice the value of the tag that it decides on, absent when the command has none."""
    command: Command
    """The command to decide on."""
    snapshot: NotRequired[Data]
    """The newest snapshot that the handler gave; the history begins after it. Absent when there is none."""
    history: list[RecordedEvent]
    """All events of the aggregate so far (after the snapshot, if there is one), or all that match what the slice reads, oldest first; empty when there is none."""
    meta: Meta


class Event(TypedDict):
    """An event that a command leads to."""

    type: str
    """The event type, by which read models and extension points select events."""
    data: Data
    """What the event says: an object of your own shape. Stored as it is; numbers keep their digits."""


class Reject(TypedDict):
    """A refusal by a rule of the domain, or giving up. It is an answer, not an error."""

    code: str
    """Names the rule in PascalCase, for programs."""
    message: str
    """Says why, for people."""
    details: NotRequired[Data]
    """Whatever else a client needs."""


@final
class DecideAnswerWithEvents(TypedDict):
    """Either events, which accept the command, or reject, which refuses it; exactly one of the two."""

    events: list[Event]
    """The events that the command leads to, in order. Empty accepts the command and records nothing."""
    snapshot: NotRequired[Data]
    """The state after these events, an object of your own shape; a later turn gets it instead of the events before. Optional, and used only for an aggregate with snapshots."""


@final
class DecideAnswerWithReject(TypedDict):
    """Either events, which accept the command, or reject, which refuses it; exactly one of the two."""

    reject: Reject
    """Refuses the command. Nothing is recorded."""


# Either events, which accept the command, or reject, which refuses it; exactly one of the two.
DecideAnswer = Union[
    DecideAnswerWithEvents,
    DecideAnswerWithReject,
]


class ProjectTurn(TypedDict):
    """Asks a read model for the row that an event leads to."""

    kind: Literal["project"]
    """What is asked; it says which of the other properties are there."""
    version: Literal[1]
    """The version of the contract."""
    plugin: str
    """The plugin's name."""
    component: str
    """The name under which the plugin declared a read model, a state view slice, an automation or an outbound translation."""
    id: str
    """The row's key."""
    row: Data | None
    """The row as it is now, null when there is none."""
    event: RecordedEvent
    meta: Meta


class ProjectAnswer(TypedDict):
    """The row that the event leads to."""

    row: Data | None
    """The new row in full, null to delete it. The field id may be left out; names that start with _ are the engine's. Fields of an index are texts or numbers, or null or empty to be left out of the index. At most 400 KB."""


class PublishTurn(TypedDict):
    """Asks an extension point which messages an event leads to."""

    kind: Literal["publish"]
    """What is asked; it says which of the other properties are there."""
    version: Literal[1]
    """The version of the contract."""
    plugin: str
    """The plugin's name."""
    component: str
    """The name under which the plugin declared an extension point."""
    event: RecordedEvent
    meta: Meta


class Message(TypedDict):
    """A message to publish."""

    type: str
    """The message type, by which extensions select messages."""
    data: Data
    """What the message says: an object of your own shape, at most 256 KB."""
    key: NotRequired[str]
    """Messages of one key from one aggregate id arrive in order. Default: the id of the event's aggregate."""


class PublishAnswer(TypedDict):
    """The messages to publish."""

    messages: list[Message]
    """Published in this order; may be empty."""


class ReceivedMessage(TypedDict):
    """A message of another plugin's extension point; for an extension."""

    type: str
    """The message type."""
    data: Data
    """What the message says, as the other plugin published it."""
    key: str
    """Messages of one key arrive in order."""
    plugin: str
    """The plugin that published the message."""
    extensionPoint: str
    """The extension point it was published on."""


class Attempt(TypedDict):
    """How often the to-do row was tried."""

    number: int
    """1 for the first attempt."""
    of: int
    """The number of attempts after which the row is given up."""


@final
class ReactTurnWithMessage(TypedDict):
    """Asks an extension which commands a message leads to, or an automation which commands a to-do row leads to."""

    kind: Literal["react"]
    """What is asked; it says which of the other properties are there."""
    version: Literal[1]
    """The version of the contract."""
    plugin: str
    """The plugin's name."""
    component: str
    """The name under which the plugin declared an extension or an automation."""
    message: ReceivedMessage
    """A message of another plugin's extension point; for an extension."""
    meta: Meta


@final
class ReactTurnWithId(TypedDict):
    """Asks an extension which commands a message leads to, or an automation which commands a to-do row leads to."""

    kind: Literal["react"]
    """What is asked; it says which of the other properties are there."""
    version: Literal[1]
    """The version of the contract."""
    plugin: str
    """The plugin's name."""
    component: str
    """The name under which the plugin declared an extension or an automation."""
    id: str
    """The to-do row's key; for an automation."""
    row: Data
    """The to-do row; for an automation."""
    attempt: Attempt
    """How often the row was tried; for an automation."""
    meta: Meta


# Asks an extension which commands a message leads to, or an automation which commands a to-do row leads to.
ReactTurn = Union[
    ReactTurnWithMessage,
    ReactTurnWithId,
]


class CommandTo(TypedDict):
    """A command to send."""

    to: str
    """The name of an aggregate or a slice of the same plugin, or of an extension, which stands for the plugin that it extends."""
    id: NotRequired[str]
    """The aggregate's id. A slice needs none: its tags are in the data."""
    type: str
    """The command type."""
    data: Data
    """What the command says: an object of your own shape; the decide turn has it as command.data."""


@final
class ScheduleToWithAt(TypedDict):
    """A command to send later, once or again and again."""

    schedule: str
    """The name under which the plugin declared the schedule."""
    key: str
    """Tells the schedules of one name apart, such as the id of what it is about."""
    at: str
    """Once, at this time: RFC 3339, to the second. A time that is over means now."""
    id: NotRequired[str]
    """The aggregate's id. A slice needs none."""
    data: Data
    """What the command says."""


@final
class ScheduleToWithEvery(TypedDict):
    """A command to send later, once or again and again."""

    schedule: str
    """The name under which the plugin declared the schedule."""
    key: str
    """Tells the schedules of one name apart, such as the id of what it is about."""
    every: str
    """Again and again: a whole number of minutes, hours or days, such as "15 minutes", "2 hours" or "1 day"."""
    id: NotRequired[str]
    """The aggregate's id. A slice needs none."""
    data: Data
    """What the command says."""


@final
class ScheduleToWithCron(TypedDict):
    """A command to send later, once or again and again."""

    schedule: str
    """The name under which the plugin declared the schedule."""
    key: str
    """Tells the schedules of one name apart, such as the id of what it is about."""
    cron: str
    """Again and again: the six fields of a cron expression of EventBridge Scheduler, such as "0 8 * * ? *"."""
    timeZone: NotRequired[str]
    """The IANA name of the time zone of a cron expression. Default: UTC."""
    id: NotRequired[str]
    """The aggregate's id. A slice needs none."""
    data: Data
    """What the command says."""


# A command to send later, once or again and again.
ScheduleTo = Union[
    ScheduleToWithAt,
    ScheduleToWithEvery,
    ScheduleToWithCron,
]


class ScheduleKey(TypedDict):
    """Names a schedule that a handler made."""

    schedule: str
    """The name under which the plugin declared the schedule."""
    key: str
    """The key with which it was made."""


class ReactAnswer(TypedDict):
    """The commands to send, now and later."""

    commands: list[CommandTo]
    """Sent in this order to the plugin's command queue, which keeps the order for each aggregate id; may be empty."""
    schedule: NotRequired[list[ScheduleTo]]
    """Commands to send later. A schedule that is there already with the same name and key is replaced."""
    unschedule: NotRequired[list[ScheduleKey]]
    """Schedules to cancel. One that is not there is no error."""


class CallTurn(TypedDict):
    """Asks an outbound translation to do what a to-do row says. The handler may do I/O here, and only here; it may be asked again for the same row."""

    kind: Literal["call"]
    """What is asked; it says which of the other properties are there."""
    version: Literal[1]
    """The version of the contract."""
    plugin: str
    """The plugin's name."""
    component: str
    """The name under which the plugin declared an outbound translation."""
    id: str
    """The row's key."""
    row: Data
    """The to-do row, as the project turns made it."""
    attempt: Attempt
    """How often the row was tried."""
    meta: Meta


@final
class CallAnswerWithResult(TypedDict):
    """Either result, which means that it is done, or giveUp, which means that trying again is of no use. A handler that throws is asked again later."""

    result: Data
    """What came of it; kept in the to-do row."""
    commands: NotRequired[list[CommandTo]]
    """Sent in this order to the plugin's command queue; may be absent."""


@final
class CallAnswerWithGiveUp(TypedDict):
    """Either result, which means that it is done, or giveUp, which means that trying again is of no use. A handler that throws is asked again later."""

    giveUp: Reject
    """Ends the attempts. The reason is kept in the to-do row."""
    commands: NotRequired[list[CommandTo]]
    """Sent in this order to the plugin's command queue; may be absent."""


# Either result, which means that it is done, or giveUp, which means that trying again is of no use. A handler that throws is asked again later.
CallAnswer = Union[
    CallAnswerWithResult,
    CallAnswerWithGiveUp,
]


class TranslateTurn(TypedDict):
    """Asks an inbound translation which commands an input from outside leads to."""

    kind: Literal["translate"]
    """What is asked; it says which of the other properties are there."""
    version: Literal[1]
    """The version of the contract."""
    plugin: str
    """The plugin's name."""
    component: str
    """The name under which the plugin declared an inbound translation."""
    input: Data
    """The arguments of the mutation."""
    meta: Meta


@final
class TranslateAnswerWithCommands(TypedDict):
    """Either commands or reject, which refuses the input; exactly one of the two."""

    commands: list[CommandTo]
    """The commands. A single one is decided at once, and the caller gets its result; several are put on the command queue."""


@final
class TranslateAnswerWithReject(TypedDict):
    """Either commands or reject, which refuses the input; exactly one of the two."""

    reject: Reject
    """Refuses the input. No command is sent."""


# Either commands or reject, which refuses the input; exactly one of the two.
TranslateAnswer = Union[
    TranslateAnswerWithCommands,
    TranslateAnswerWithReject,
]


@final
class ObjectToReadWithText(TypedDict):
    """The object that triggered the task, or some lines of it."""

    key: str
    """The object's name, decoded."""
    versionId: str
    """The object's version."""
    size: int
    """The object's size in bytes."""
    contentType: NotRequired[str]
    """What the object says of its content."""
    text: str
    """The whole content; for a task that takes text."""


@final
class ObjectToReadWithLines(TypedDict):
    """The object that triggered the task, or some lines of it."""

    key: str
    """The object's name, decoded."""
    versionId: str
    """The object's version."""
    size: int
    """The object's size in bytes."""
    contentType: NotRequired[str]
    """What the object says of its content."""
    lines: list[str]
    """Some lines of the content, without their ends and without the header; for a task that takes lines."""
    firstLine: int
    """The number of the first of these lines. The header is line 1, so this is 2 or more."""
    header: str
    """The first line of the object, in every turn."""
    last: bool
    """True when no lines come after these."""


@final
class ObjectToReadAlone(TypedDict):
    """The object that triggered the task, or some lines of it."""

    key: str
    """The object's name, decoded."""
    versionId: str
    """The object's version."""
    size: int
    """The object's size in bytes."""
    contentType: NotRequired[str]
    """What the object says of its content."""


# The object that triggered the task, or some lines of it.
ObjectToRead = Union[
    ObjectToReadWithText,
    ObjectToReadWithLines,
    ObjectToReadAlone,
]


@final
class TaskTurnWithObject(TypedDict):
    """Asks a task which commands a new object, or a schedule, leads to."""

    kind: Literal["task"]
    """What is asked; it says which of the other properties are there."""
    version: Literal[1]
    """The version of the contract."""
    plugin: str
    """The plugin's name."""
    component: str
    """The name under which the plugin declared a task."""
    object: ObjectToRead
    """The object that triggered the task, or some lines of it."""
    meta: Meta


@final
class TaskTurnWithScheduled(TypedDict):
    """Asks a task which commands a new object, or a schedule, leads to."""

    kind: Literal["task"]
    """What is asked; it says which of the other properties are there."""
    version: Literal[1]
    """The version of the contract."""
    plugin: str
    """The plugin's name."""
    component: str
    """The name under which the plugin declared a task."""
    scheduled: str
    """The time for which a schedule triggered the task, RFC 3339 in UTC with milliseconds."""
    meta: Meta


# Asks a task which commands a new object, or a schedule, leads to.
TaskTurn = Union[
    TaskTurnWithObject,
    TaskTurnWithScheduled,
]


class ObjectToWrite(TypedDict):
    """An object to write into the task's bucket."""

    key: str
    """The object's name. It must not begin with the prefix that triggers the task."""
    contentType: NotRequired[str]
    """Default: text/plain; charset=utf-8."""
    text: str
    """The content."""


class TaskAnswer(TypedDict):
    """The commands to send, now and later, and the objects to write."""

    commands: list[CommandTo]
    """Sent in this order to the plugin's command queue, which keeps the order for each aggregate id; may be empty."""
    objects: NotRequired[list[ObjectToWrite]]
    """Objects to write into the task's bucket; only for a task that writes."""
    schedule: NotRequired[list[ScheduleTo]]
    """Commands to send later. A schedule that is there already with the same name and key is replaced."""
    unschedule: NotRequired[list[ScheduleKey]]
    """Schedules to cancel. One that is not there is no error."""


class QueryTurn(TypedDict):
    """Asks for the answer to a custom query field."""

    kind: Literal["query"]
    """What is asked; it says which of the other properties are there."""
    version: Literal[1]
    """The version of the contract."""
    plugin: str
    """The plugin's name."""
    component: str
    """The field of Query."""
    arguments: Data
    """The field's arguments."""
    rows: Data
    """The rows that the declaration loads, by name: a row or null, or a list of them in the order of the keys."""
    meta: Meta


class QueryAnswer(TypedDict):
    """The field's value."""

    data: Any
    """Any JSON value; it must fit the field's type in the GraphQL schema."""


# Any turn; its "kind" tells which.
Turn = Union[
    DecideTurn,
    ProjectTurn,
    PublishTurn,
    ReactTurn,
    CallTurn,
    TranslateTurn,
    TaskTurn,
    QueryTurn,
]


# The answer to a turn of any kind.
Answer = Union[
    DecideAnswer,
    ProjectAnswer,
    PublishAnswer,
    ReactAnswer,
    CallAnswer,
    TranslateAnswer,
    TaskAnswer,
    QueryAnswer,
]

# A plugin's handler: from a turn, and Lambda's context, to the turn's answer. It depends on nothing but the turn.
Handler = Callable[[Turn, Any], Answer]
