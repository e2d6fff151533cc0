// The test kit: given a history, when a command comes, then events or a refusal; given a
// row, when events come, then a row.
//
//  1. plugin(handler) makes turns as the engine makes them, out of what a test says.
//  2. Turns and answers go through JSON as on their way from and to the engine: a field
//     that is undefined is not there, and the handler cannot keep hold of the test's data.
//  3. What differs is an AssertionError of node:assert, which every test runner shows.
import assert from 'node:assert/strict';

const throughJSON = (value) => JSON.parse(JSON.stringify(value));

// time is the moment of the event of a number: noon, a day after the one before.
export const time = (number) => new Date(Date.UTC(2026, 0, number, 12)).toISOString();

// recorded is an event as the log holds it; what the test says of it counts.
const recorded = (component, id, { type, data, ...more }, number) => ({
  type, data: data ?? {}, component, id: id ?? component, number, time: time(number), ...more,
});

// listed is a list, of one element when it is none.
const listed = (value) => (Array.isArray(value) ? value : [value]);

// keyed is a row as the engine keeps it, with its key as the field id.
const keyed = (row, id) => row && { id, ...row };

export const plugin = (handler, { name = 'plugin' } = {}) => {
  const ask = async ({ meta, ...turn }) => {
    const answer = await handler(throughJSON({ version: 1, plugin: name, ...turn, meta: { time: time(100), ...meta } }));
    assert.ok(answer && typeof answer === 'object', `the answer to a ${turn.kind} turn is an object, not ${answer}`);
    return throughJSON(answer);
  };

  const decide = async (component, test) => {
    const { id, given = [], when, then, rejected, snapshot, meta } = test;
    assert.ok(('then' in test) !== ('rejected' in test), 'a test of a decision says either then or rejected');
    const command = { type: when.type, data: when.data ?? {} };
    const history = given.map((event, i) => recorded(component, id, event, i + 1));
    const answer = await ask({ kind: 'decide', component, id, command, snapshot, history, meta: { commandId: 'command-1', ...meta } });
    assert.ok(('events' in answer) !== ('reject' in answer), 'the answer to a decide turn has either events or reject');
    // A refusal instead of events, or the other way round, is shown as what it is.
    if (rejected === undefined) assert.deepEqual(answer.events ?? answer, throughJSON(then));
    else assert.deepEqual(answer.reject?.code ?? answer, rejected);
    return answer;
  };

  const project = async (component, test) => {
    const { id = 'row-1', given = null, when, meta } = test;
    let row = given;
    for (const [i, event] of listed(when).entries()) {
      const answer = await ask({ kind: 'project', component, id, row: keyed(row, id), event: recorded(component, id, event, i + 1), meta });
      assert.ok('row' in answer, 'the answer to a project turn has a row, null for none');
      row = answer.row;
      assert.ok(row === null || keyed(row, id).id === id, `the field id of a row is its key ${id}, or left out`);
    }
    if ('then' in test) assert.deepEqual(keyed(row, id), keyed(throughJSON(test.then), id));
    return row;
  };

  return { ask, decide, project };
};
