// A handler with a component of every kind, each in a few lines.
'use strict';

const event = (type, data) => ({ events: [{ type, data }] });
const reject = (code) => ({ reject: { code, message: `refused: ${code}` } });
const pause = (milliseconds) => new Promise((resolve) => { setTimeout(resolve, milliseconds); });

const decide = {
  Thing: ({ command: { type, data } }) => event(type === 'Drop' ? 'ThingDropped' : 'ThingPainted', data),
  Tally: ({ command: { data } }) => event('Added', data),
  Later: ({ command: { data } }) => {
    if (data.how === 'poison') throw new Error('never');
    return data.how === 'reject' ? reject('NotNow') : event('HappenedLater', data);
  },
  // An event is large, so that a long history would take several requests to read.
  Long: ({ snapshot, history }) => {
    const number = (snapshot ? snapshot.number : 0) + history.length + 1;
    return { ...event('Grown', { number, padding: 'x'.repeat(100_000) }), snapshot: { number } };
  },
  // Two decisions at the same time see the same history.
  TakeSeat: async ({ history, command: { data } }) => {
    await pause(100);
    if (history.length === 0) return event('SeatTaken', data);
    return reject(history.some(({ tags }) => tags.seatId[0] === data.seatId) ? 'Taken' : 'OneSeatEach');
  },
  PaySeat: ({ history, command: { data } }) => (
    history.some(({ type }) => type === 'SeatPaid') ? { events: [] } : event('SeatPaid', data)),
};

const project = {
  Things: ({ row, event: { type, data } }) => ({
    row: type === 'ThingDropped' ? null : { color: data.color, painted: (row ? row.painted : 0) + 1 },
  }),
  Tallies: ({ row }) => ({ row: { count: (row ? row.count : 0) + 1 } }),
  Payments: ({ event: { type, data } }) => ({
    row: type === 'SeatTaken' && data.ownerId.startsWith('pay') ? { ownerId: data.ownerId } : null,
  }),
  Mails: ({ event: { data } }) => ({ row: data.ownerId.startsWith('mail') ? { ownerId: data.ownerId } : null }),
};

const told = ({ how, key, at }) => {
  switch (how) {
    case 'count': return { commands: [{ to: 'Tally', id: key, type: 'Add', data: { id: key } }] };
    case 'schedule': return { commands: [], schedule: [{ schedule: 'Alarm', key, at, id: key, data: { id: key } }] };
    case 'loud': return { commands: [] };
    case 'unschedule': return { commands: [], unschedule: [{ schedule: 'Alarm', key }] };
    default: throw new Error('poison');
  }
};

const react = {
  Told: ({ message }) => told(message.data),
  Loud: ({ message: { data } }) => ({ commands: [{ to: 'Tally', id: `${data.how} ${data.key}`, type: 'Add', data: {} }] }),
  Payments: ({ id, row, attempt }) => {
    const due = { 'pay-first': 1, 'pay-second': 2 }[row.ownerId];
    return { commands: attempt.number === due ? [{ to: 'PaySeat', type: 'Pay', data: { seatId: id } }] : [] };
  },
};

const call = {
  Mails: ({ row, attempt, meta }) => {
    if (row.ownerId === 'mail-never') return { giveUp: { code: 'NoSuchAddress', message: 'returned' } };
    if (attempt.number < 3) throw new Error(`no answer to attempt ${attempt.number}`);
    return { result: { attempt: attempt.number, commandId: meta.commandId } };
  },
};

const translate = {
  SeatImport: ({ input: { code } }) => {
    const [seatId, ownerId] = code.split(':');
    if (!ownerId) return reject('NoOwner');
    return { commands: [{ to: 'TakeSeat', type: 'TakeSeat', data: { seatId, ownerId } }] };
  },
};

const task = {
  Lines: ({ object: { lines } }) => {
    if (lines.includes('bad')) throw new Error('a bad line');
    return { commands: lines.map((id) => ({ to: 'Tally', id, type: 'Add', data: { id } })) };
  },
  Report: ({ scheduled }) => ({ commands: [], objects: [{ key: 'Bericht für alle.txt', text: scheduled }] }),
};

const query = {
  odd: ({ arguments: { how }, rows: { things } }) => {
    switch (how) {
      case 'null': return { data: null };
      case 'error': return { data: { error: { type: 'Sample', message: 'no failure' } } };
      case 'throw': throw new Error('a failure');
      default: return { data: { things } };
    }
  },
};

const kinds = { decide, project, react, call, translate, task, query };

exports.handler = async (turn) => kinds[turn.kind][turn.component](turn);
