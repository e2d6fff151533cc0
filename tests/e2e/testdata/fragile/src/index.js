// A handler that fails in every way that a handler can, as its commands tell it to.
'use strict';

const fs = require('node:fs');
const path = require('node:path');

// once is true the first time that it is asked for a name, in whatever process.
const once = (name) => {
  try {
    fs.writeFileSync(path.join(process.env.MARKS, name), '', { flag: 'wx' });
    return true;
  } catch {
    return false;
  }
};

const never = () => new Promise(() => { setInterval(() => {}, 1000); });

const decide = ({ id, command: { data } }) => {
  switch (data.how) {
    case 'throw': throw new TypeError('this handler is fragile');
    case 'nonsense': return { evnts: [] };
    case 'hang': return never();
    case 'exit': return process.exit(3);
    default: return { events: [{ type: 'Counted', data: { id, how: data.how } }] };
  }
};

const project = ({ id, row, event }) => {
  const { how } = event.data;
  if (how === 'kill' && once(`${id}-${event.number}`)) process.kill(process.ppid, 'SIGKILL');
  if (how === 'stumble' && once(`${id}-${event.number}`)) throw new Error('stumbled');
  if (how === 'poison') throw new Error('poison');
  return { row: { id, count: (row ? row.count : 0) + 1 } };
};

exports.handler = async (turn) => (turn.kind === 'decide' ? decide(turn) : project(turn));
