import assert from 'node:assert/strict';
import test from 'node:test';
import { plugin, time } from '../testing.js';

const opened = { type: 'Opened', data: { by: 'ada' } };

// An account that is opened once; its row shows what the turn says.
const answers = {
  decide: ({ command, history, snapshot, meta }) => {
    if (command.type === 'Break') return { events: [], reject: { code: 'Both', message: '' } };
    return history.length > 0 || snapshot
      ? { reject: { code: 'OpenAlready', message: 'It is open.' } }
      : { events: [{ type: 'Opened', data: { by: meta.actor?.sub ?? command.data.by, unknown: undefined } }] };
  },
  project: ({ row, event }) => (event.type === 'Broken' ? {} : {
    row: event.type === 'Closed' ? null : { opened: (row?.opened ?? 0) + 1, at: event.time, number: event.number, id: event.id },
  }),
  react: (turn) => ({ commands: [{ to: 'Account', type: 'Open', data: turn.message }] }),
};
const bank = plugin((turn) => answers[turn.kind]?.(turn), { name: 'bank' });

const fails = (promise, message) => assert.rejects(promise, (error) => {
  assert.ok(error instanceof assert.AssertionError, String(error));
  assert.match(error.message, message);
  return true;
});

test('a decision is compared', async () => {
  const answer = await bank.decide('Account', { id: 'a', when: { type: 'Open', data: { by: 'ada' } }, then: [opened] });
  assert.deepEqual(answer, { events: [opened] });
  await bank.decide('Account', { given: [opened], when: { type: 'Open' }, rejected: 'OpenAlready' });
  await bank.decide('Account', { snapshot: { open: true }, when: { type: 'Open' }, rejected: 'OpenAlready' });
  await bank.decide('Account', { when: { type: 'Open' }, meta: { actor: { sub: 'ada' } }, then: [opened] });
});

test('another decision fails', async () => {
  const open = { type: 'Open', data: { by: 'ada' } };
  await fails(bank.decide('Account', { when: open, then: [] }), /Opened/);
  await fails(bank.decide('Account', { when: open, then: [{ type: 'Opened', data: { by: 'bob' } }] }), /bob/);
  await fails(bank.decide('Account', { given: [opened], when: open, then: [opened] }), /OpenAlready/);
  await fails(bank.decide('Account', { when: open, rejected: 'OpenAlready' }), /OpenAlready/);
  await fails(bank.decide('Account', { given: [opened], when: open, rejected: 'Other' }), /Other/);
  await fails(bank.decide('Account', { when: { type: 'Break' }, then: [] }), /either events or reject/);
  await fails(bank.decide('Account', { when: open }), /either then or rejected/);
});

test('a projection is compared', async () => {
  const twice = { opened: 2, at: time(2), number: 2, id: 'a' };
  assert.deepEqual(await bank.project('Accounts', { id: 'a', when: [opened, opened], then: twice }), twice);
  await bank.project('Accounts', { id: 'a', given: { opened: 4 }, when: { ...opened, time: time(9) }, then: { opened: 5, at: time(9), number: 1, id: 'a' } });
  await bank.project('Accounts', { given: twice, when: { type: 'Closed' }, then: null });
  await fails(bank.project('Accounts', { when: opened, then: null }), /opened/);
  await fails(bank.project('Accounts', { when: { type: 'Broken' } }), /has a row/);
});

test('a row has its key', async () => {
  const seen = [];
  const rows = plugin(({ row, event }) => {
    seen.push(row);
    return { row: { ...row, ...event.data } };
  });
  await rows.project('Accounts', { id: 'a', given: { n: 0 }, when: [{ type: 'X', data: { n: 1 } }, { type: 'X' }], then: { n: 1 } });
  await rows.project('Accounts', { id: 'a', when: { type: 'X', data: { n: 1 } }, then: { id: 'a', n: 1 } });
  assert.deepEqual(seen, [{ id: 'a', n: 0 }, { id: 'a', n: 1 }, null]);
  await fails(rows.project('Accounts', { id: 'a', when: { type: 'X', data: { id: 'b' } } }), /is its key/);
  await fails(rows.project('Accounts', { id: 'a', when: { type: 'X' }, then: { id: 'b' } }), /'b'/);
});

test('any turn can be asked about', async () => {
  assert.deepEqual(await bank.ask({ kind: 'react', component: 'Mails', message: { type: 'Sent' } }),
    { commands: [{ to: 'Account', type: 'Open', data: { type: 'Sent' } }] });
  await fails(bank.ask({ kind: 'query', component: 'balance' }), /not undefined/);
});
