// A handler in TypeScript: a plugin's own commands, events and rows are checked, and what
// does not fit the contract is refused. Each @ts-expect-error is a mistake that is found.
import type {
  Answer, Command, CommandTo, DecideAnswer, DecideTurn, Event, Handler, ProjectAnswer, ProjectTurn, ReactAnswer, ReactTurn, ScheduleTo, Turn,
} from '@reventless/handler';
import { plugin } from '@reventless/handler/testing';

type Commands = Command<'AddItem', { name: string }> | Command<'RemoveItem', { reason: string }>;
interface Added { name: string }
type Events = Event<'ItemAdded', Added> | Event<'ItemRemoved', { reason: string }>;
interface Row { name: string }

export const decide = ({ command, history }: DecideTurn<Commands, Events>): DecideAnswer<Events> => {
  for (const event of history) {
    // The type tells the data apart, and what the log knows is beside it.
    if (event.type === 'ItemAdded') console.log(event.data.name, event.number, event.time);
    // @ts-expect-error: there is no such event
    if (event.type === 'ItemMoved') return { events: [] };
  }
  switch (command.type) {
    case 'AddItem': return { events: [{ type: 'ItemAdded', data: { name: command.data.name } }] };
    case 'RemoveItem': return { reject: { code: 'ItemNotFound', message: command.data.reason } };
  }
};

export const project = ({ row, event }: ProjectTurn<Events, Row>): ProjectAnswer<Row> => (
  event.type === 'ItemAdded' ? { row: { name: event.data.name } } : { row });

export const react = (turn: ReactTurn): ReactAnswer => {
  const commands: CommandTo[] = turn.message
    ? [{ to: 'Item', id: turn.message.key, type: turn.message.type, data: turn.message.data }]
    : [{ to: 'Item', id: turn.id, type: 'AddItem', data: { attempt: turn.attempt.number } }];
  return { commands, schedule: [{ schedule: 'Reminder', key: 'a', cron: '0 8 * * ? *', timeZone: 'Europe/Vienna', data: {} }] };
};

export const handler: Handler = async (turn) => {
  switch (turn.kind) {
    case 'decide': return decide(turn as DecideTurn<Commands, Events>);
    case 'project': return project(turn as ProjectTurn<Events, Row>);
    case 'react': return react(turn);
    case 'task': return { commands: (turn.object?.lines ?? []).map((line) => ({ to: 'Item', type: 'AddItem', data: { line } })) };
    case 'query': return { data: Object.keys(turn.rows) };
    default: throw new Error(turn.kind);
  }
};

export const mistakes = (turn: Turn): Answer => {
  // @ts-expect-error: either events or a refusal
  const both: DecideAnswer = { events: [], reject: { code: 'A', message: 'b' } };
  // @ts-expect-error: a refusal takes no snapshot
  const snapshot: DecideAnswer = { reject: { code: 'A', message: 'b' }, snapshot: {} };
  // @ts-expect-error: a refusal says why
  const silent: DecideAnswer = { reject: { code: 'A' } };
  // @ts-expect-error: another plugin's data
  const foreign: DecideAnswer<Events> = { events: [{ type: 'ItemAdded', data: { title: 'x' } }] };
  // @ts-expect-error: one time only
  const twice: ScheduleTo = { schedule: 'A', key: 'k', at: 'x', every: '1 day', data: {} };
  // @ts-expect-error: a time zone is a cron expression's
  const zone: ScheduleTo = { schedule: 'A', key: 'k', every: '1 day', timeZone: 'UTC', data: {} };
  // @ts-expect-error: only decide turns have a command
  console.log(turn.command, both, snapshot, silent, foreign, twice, zone);
  // @ts-expect-error: no such answer
  return { event: [] };
};

export const tested = async () => {
  const shop = plugin(handler, { name: 'shop' });
  await shop.decide('Item', { given: [{ type: 'ItemAdded', data: { name: 'a' } }], when: { type: 'AddItem' }, rejected: 'ItemExists' });
  await shop.project('Items', { when: [{ type: 'ItemAdded', data: { name: 'a' } }], then: { name: 'a' } });
  const { commands } = await shop.ask({ kind: 'react', component: 'Items' });
  console.log(commands);
  // @ts-expect-error: either then or rejected
  await shop.decide('Item', { when: { type: 'AddItem' }, then: [], rejected: 'ItemExists' });
};
