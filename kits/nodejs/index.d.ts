// Written by generate-kits from the JSON Schemas of turns and answers. Do not edit.

/** A JSON object of the plugin's own shape. */
export type Data = Record<string, any>;

/** Something with a type and data: a command, an event or a message. */
export interface Typed<Type extends string = string, Of = Data> {
  type: Type;
  data: Of;
}

/** The command to decide on. */
export type Command<Type extends string = string, Of = Data> = Typed<Type, Of>;

/** An event as the event log holds it. */
export type RecordedEvent<Of extends Typed = Typed> = Of & {
  /** The aggregate that the event belongs to; for an event of the DCB log its home tag. */
  component: string;
  /** The id of the aggregate, or the value of the home tag. */
  id: string;
  /** Counts the events of one aggregate id: 1, 2, 3, … without gaps. */
  number: number;
  /** RFC 3339 in UTC with milliseconds. */
  time: string;
  /** The values of the event's tags; only for events of the DCB log. */
  tags?: Record<string, string[]>;
  /** Orders events of the DCB log: a cause has a lower position than its effect. */
  position?: number;
};

/** Where the turn comes from. Use nothing else for time and identity. */
export interface Meta {
  /** Identifies the command; present in decide turns. */
  commandId?: string;
  /** The same for all that one outside request led to. */
  correlationId?: string;
  /** The id of the command or message that led to this turn. */
  causationId?: string;
  /** AppSync's identity object of the caller; absent when no caller is known. */
  actor?: any;
  /** The time to use for "now", RFC 3339 in UTC with milliseconds. */
  time: string;
}

/** Asks an aggregate, or a slice, which events a command leads to. */
export interface DecideTurn<Commands extends Typed = Typed, Events extends Typed = Typed, Snapshot = Data> {
  /** What is asked; it says which of the other properties are there. */
  kind: 'decide';
  /** The version of the contract. */
  version: 1;
  /** The plugin's name. */
  plugin: string;
  /** The name under which the plugin declared an aggregate or a slice. */
  component: string;
  /** The aggregate's id; for a slice the value of the tag that it decides on, absent when the command has none. */
  id?: string;
  /** The command to decide on. */
  command: Commands;
  /** The newest snapshot that the handler gave; the history begins after it. Absent when there is none. */
  snapshot?: Snapshot;
  /** All events of the aggregate so far (after the snapshot, if there is one), or all that match what the slice reads, oldest first; empty when there is none. */
  history: RecordedEvent<Events>[];
  meta: Meta;
}

/** An event that a command leads to. */
export type Event<Type extends string = string, Of = Data> = Typed<Type, Of>;

/** A refusal by a rule of the domain, or giving up. It is an answer, not an error. */
export interface Reject {
  /** Names the rule in PascalCase, for programs. */
  code: string;
  /** Says why, for people. */
  message: string;
  /** Whatever else a client needs. */
  details?: Data;
}

/** Either events, which accept the command, or reject, which refuses it; exactly one of the two. */
export type DecideAnswer<Events extends Typed = Typed, Snapshot = Data> = (
  | {
      /** The events that the command leads to, in order. Empty accepts the command and records nothing. */
      events: Events[];
      /** The state after these events, an object of your own shape; a later turn gets it instead of the events before. Optional, and used only for an aggregate with snapshots. */
      snapshot?: Snapshot;
      reject?: never;
    }
  | {
      events?: never;
      snapshot?: never;
      /** Refuses the command. Nothing is recorded. */
      reject: Reject;
    }
);

/** Asks a read model for the row that an event leads to. */
export interface ProjectTurn<Events extends Typed = Typed, Row = Data> {
  /** What is asked; it says which of the other properties are there. */
  kind: 'project';
  /** The version of the contract. */
  version: 1;
  /** The plugin's name. */
  plugin: string;
  /** The name under which the plugin declared a read model, a state view slice, an automation or an outbound translation. */
  component: string;
  /** The row's key. */
  id: string;
  /** The row as it is now, null when there is none. */
  row: Row | null;
  event: RecordedEvent<Events>;
  meta: Meta;
}

/** The row that the event leads to. */
export interface ProjectAnswer<Row = Data> {
  /** The new row in full, null to delete it. The field id may be left out; names that start with _ are the engine's. Fields of an index are texts or numbers, or null or empty to be left out of the index. At most 400 KB. */
  row: Row | null;
}

/** Asks an extension point which messages an event leads to. */
export interface PublishTurn<Events extends Typed = Typed> {
  /** What is asked; it says which of the other properties are there. */
  kind: 'publish';
  /** The version of the contract. */
  version: 1;
  /** The plugin's name. */
  plugin: string;
  /** The name under which the plugin declared an extension point. */
  component: string;
  event: RecordedEvent<Events>;
  meta: Meta;
}

/** A message to publish. */
export type Message<Of extends Typed = Typed> = Of & {
  /** Messages of one key from one aggregate id arrive in order. Default: the id of the event's aggregate. */
  key?: string;
};

/** The messages to publish. */
export interface PublishAnswer<Messages extends Typed = Typed> {
  /** Published in this order; may be empty. */
  messages: Message<Messages>[];
}

/** A message of another plugin's extension point; for an extension. */
export type ReceivedMessage<Of extends Typed = Typed> = Of & {
  /** Messages of one key arrive in order. */
  key: string;
  /** The plugin that published the message. */
  plugin: string;
  /** The extension point it was published on. */
  extensionPoint: string;
};

/** How often the to-do row was tried. */
export interface Attempt {
  /** 1 for the first attempt. */
  number: number;
  /** The number of attempts after which the row is given up. */
  of: number;
}

/** Asks an extension which commands a message leads to, or an automation which commands a to-do row leads to. */
export type ReactTurn<Messages extends Typed = Typed, Row = Data> = {
  /** What is asked; it says which of the other properties are there. */
  kind: 'react';
  /** The version of the contract. */
  version: 1;
  /** The plugin's name. */
  plugin: string;
  /** The name under which the plugin declared an extension or an automation. */
  component: string;
  meta: Meta;
} & (
  | {
      /** A message of another plugin's extension point; for an extension. */
      message: ReceivedMessage<Messages>;
      id?: never;
      row?: never;
      attempt?: never;
    }
  | {
      message?: never;
      /** The to-do row's key; for an automation. */
      id: string;
      /** The to-do row; for an automation. */
      row: Row;
      /** How often the row was tried; for an automation. */
      attempt: Attempt;
    }
);

/** A command to send. */
export type CommandTo<Of extends Typed = Typed> = Of & {
  /** The name of an aggregate or a slice of the same plugin, or of an extension, which stands for the plugin that it extends. */
  to: string;
  /** The aggregate's id. A slice needs none: its tags are in the data. */
  id?: string;
};

/** A command to send later, once or again and again. */
export type ScheduleTo = {
  /** The name under which the plugin declared the schedule. */
  schedule: string;
  /** Tells the schedules of one name apart, such as the id of what it is about. */
  key: string;
  /** The aggregate's id. A slice needs none. */
  id?: string;
  /** What the command says. */
  data: Data;
} & (
  | {
      /** Once, at this time: RFC 3339, to the second. A time that is over means now. */
      at: string;
      every?: never;
      cron?: never;
      timeZone?: never;
    }
  | {
      at?: never;
      /** Again and again: a whole number of minutes, hours or days, such as "15 minutes", "2 hours" or "1 day". */
      every: string;
      cron?: never;
      timeZone?: never;
    }
  | {
      at?: never;
      every?: never;
      /** Again and again: the six fields of a cron expression of EventBridge Scheduler, such as "0 8 * * ? *". */
      cron: string;
      /** The IANA name of the time zone of a cron expression. Default: UTC. */
      timeZone?: string;
    }
);

/** Names a schedule that a handler made. */
export interface ScheduleKey {
  /** The name under which the plugin declared the schedule. */
  schedule: string;
  /** The key with which it was made. */
  key: string;
}

/** The commands to send, now and later. */
export interface ReactAnswer<Commands extends Typed = Typed> {
  /** Sent in this order to the plugin's command queue, which keeps the order for each aggregate id; may be empty. */
  commands: CommandTo<Commands>[];
  /** Commands to send later. A schedule that is there already with the same name and key is replaced. */
  schedule?: ScheduleTo[];
  /** Schedules to cancel. One that is not there is no error. */
  unschedule?: ScheduleKey[];
}

/** Asks an outbound translation to do what a to-do row says. The handler may do I/O here, and only here; it may be asked again for the same row. */
export interface CallTurn<Row = Data> {
  /** What is asked; it says which of the other properties are there. */
  kind: 'call';
  /** The version of the contract. */
  version: 1;
  /** The plugin's name. */
  plugin: string;
  /** The name under which the plugin declared an outbound translation. */
  component: string;
  /** The row's key. */
  id: string;
  /** The to-do row, as the project turns made it. */
  row: Row;
  /** How often the row was tried. */
  attempt: Attempt;
  meta: Meta;
}

/** Either result, which means that it is done, or giveUp, which means that trying again is of no use. A handler that throws is asked again later. */
export type CallAnswer<Commands extends Typed = Typed, Result = Data> = {
  /** Sent in this order to the plugin's command queue; may be absent. */
  commands?: CommandTo<Commands>[];
} & (
  | {
      /** What came of it; kept in the to-do row. */
      result: Result;
      giveUp?: never;
    }
  | {
      result?: never;
      /** Ends the attempts. The reason is kept in the to-do row. */
      giveUp: Reject;
    }
);

/** Asks an inbound translation which commands an input from outside leads to. */
export interface TranslateTurn<Input = Data> {
  /** What is asked; it says which of the other properties are there. */
  kind: 'translate';
  /** The version of the contract. */
  version: 1;
  /** The plugin's name. */
  plugin: string;
  /** The name under which the plugin declared an inbound translation. */
  component: string;
  /** The arguments of the mutation. */
  input: Input;
  meta: Meta;
}

/** Either commands or reject, which refuses the input; exactly one of the two. */
export type TranslateAnswer<Commands extends Typed = Typed> = (
  | {
      /** The commands. A single one is decided at once, and the caller gets its result; several are put on the command queue. */
      commands: CommandTo<Commands>[];
      reject?: never;
    }
  | {
      commands?: never;
      /** Refuses the input. No command is sent. */
      reject: Reject;
    }
);

/** The object that triggered the task, or some lines of it. */
export type ObjectToRead = {
  /** The object's name, decoded. */
  key: string;
  /** The object's version. */
  versionId: string;
  /** The object's size in bytes. */
  size: number;
  /** What the object says of its content. */
  contentType?: string;
} & (
  | {
      /** The whole content; for a task that takes text. */
      text: string;
      lines?: never;
      firstLine?: never;
      header?: never;
      last?: never;
    }
  | {
      text?: never;
      /** Some lines of the content, without their ends and without the header; for a task that takes lines. */
      lines: string[];
      /** The number of the first of these lines. The header is line 1, so this is 2 or more. */
      firstLine: number;
      /** The first line of the object, in every turn. */
      header: string;
      /** True when no lines come after these. */
      last: boolean;
    }
  | {
      text?: never;
      lines?: never;
      firstLine?: never;
      header?: never;
      last?: never;
    }
);

/** Asks a task which commands a new object, or a schedule, leads to. */
export type TaskTurn = {
  /** What is asked; it says which of the other properties are there. */
  kind: 'task';
  /** The version of the contract. */
  version: 1;
  /** The plugin's name. */
  plugin: string;
  /** The name under which the plugin declared a task. */
  component: string;
  meta: Meta;
} & (
  | {
      /** The object that triggered the task, or some lines of it. */
      object: ObjectToRead;
      scheduled?: never;
    }
  | {
      object?: never;
      /** The time for which a schedule triggered the task, RFC 3339 in UTC with milliseconds. */
      scheduled: string;
    }
);

/** An object to write into the task's bucket. */
export interface ObjectToWrite {
  /** The object's name. It must not begin with the prefix that triggers the task. */
  key: string;
  /** Default: text/plain; charset=utf-8. */
  contentType?: string;
  /** The content. */
  text: string;
}

/** The commands to send, now and later, and the objects to write. */
export interface TaskAnswer<Commands extends Typed = Typed> {
  /** Sent in this order to the plugin's command queue, which keeps the order for each aggregate id; may be empty. */
  commands: CommandTo<Commands>[];
  /** Objects to write into the task's bucket; only for a task that writes. */
  objects?: ObjectToWrite[];
  /** Commands to send later. A schedule that is there already with the same name and key is replaced. */
  schedule?: ScheduleTo[];
  /** Schedules to cancel. One that is not there is no error. */
  unschedule?: ScheduleKey[];
}

/** Asks for the answer to a custom query field. */
export interface QueryTurn<Arguments = Data, Rows = Data> {
  /** What is asked; it says which of the other properties are there. */
  kind: 'query';
  /** The version of the contract. */
  version: 1;
  /** The plugin's name. */
  plugin: string;
  /** The field of Query. */
  component: string;
  /** The field's arguments. */
  arguments: Arguments;
  /** The rows that the declaration loads, by name: a row or null, or a list of them in the order of the keys. */
  rows: Rows;
  meta: Meta;
}

/** The field's value. */
export interface QueryAnswer<Value = any> {
  /** Any JSON value; it must fit the field's type in the GraphQL schema. */
  data: Value;
}

/** The turns, by their kind. */
export interface Turns {
  decide: DecideTurn;
  project: ProjectTurn;
  publish: PublishTurn;
  react: ReactTurn;
  call: CallTurn;
  translate: TranslateTurn;
  task: TaskTurn;
  query: QueryTurn;
}

/** The answers, by the kind of their turn. */
export interface Answers {
  decide: DecideAnswer;
  project: ProjectAnswer;
  publish: PublishAnswer;
  react: ReactAnswer;
  call: CallAnswer;
  translate: TranslateAnswer;
  task: TaskAnswer;
  query: QueryAnswer;
}

/** What is asked. */
export type Kind = keyof Turns;

/** Any turn; its "kind" tells which. */
export type Turn = Turns[Kind];

/** The answer to a turn of any kind, or of some. */
export type Answer<Of extends Kind = Kind> = Answers[Of];

/** A plugin's handler: from a turn to its answer. It depends on nothing but the turn. Lambda wants it to be async. */
export type Handler = (turn: Turn) => Promise<Answer>;
