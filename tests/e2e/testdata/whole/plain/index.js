// A handler that accepts every command, and counts events.
'use strict';

exports.handler = async ({ kind, row, command, event }) => (kind === 'decide'
  ? { events: [{ type: `${command.type}Done`, data: command.data }] }
  : { row: { count: (row ? row.count : 0) + 1, color: event.data.color } });
