// The handler of every plugin of the fleet: it accepts every command, and counts events.
'use strict';

exports.handler = async ({ kind, id, row }) => (kind === 'decide'
  ? { events: [{ type: 'Picked', data: {} }] }
  : { row: { id, count: (row ? row.count : 0) + 1, weight: { grams: 100 } } });
