// Turns as the engine makes them, and answers as it reads them.
import assert from 'node:assert/strict';
import { handler } from '../src/index.js';

// ask goes through JSON as the engine does: a field that is undefined is not there.
export const ask = async (turn) => JSON.parse(JSON.stringify(await handler(turn)));

export const decide = (component, type, data, history = []) => (
  ask({ kind: 'decide', component, command: { type, data }, history }));

export const time = (day) => `2026-01-${String(day).padStart(2, '0')}T12:00:00.000Z`;

// rowOf is the row that events lead to, each a day after the one before.
export const rowOf = async (component, id, events) => {
  let row = null;
  for (const [i, { type, data }] of events.entries()) {
    ({ row } = await ask({ kind: 'project', component, id, row, event: { type, data, id, time: time(i + 1) } }));
  }
  return row;
};

// expectDecision compares with a rejection's code, or with the events.
export const expectDecision = (answer, expected) => {
  if (typeof expected === 'string') assert.equal(answer.reject?.code, expected);
  else assert.deepEqual(answer, { events: expected });
};
