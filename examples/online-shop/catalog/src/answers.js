// The answers to a command.

// The command is accepted and leads to these events.
export const accept = (...events) => ({ events });

// The command is accepted; there is nothing to change.
export const nothing = () => ({ events: [] });

// The command is refused by a rule of the domain.
export const reject = (code, message) => ({ reject: { code, message } });
