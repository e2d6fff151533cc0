// The answers to a command.
'use strict';

// The command is accepted and leads to these events.
const accept = (...events) => ({ events });

// The command is accepted; there is nothing to change.
const nothing = () => ({ events: [] });

// The command is refused by a rule of the domain.
const reject = (code, message) => ({ reject: { code, message } });

module.exports = { accept, nothing, reject };
