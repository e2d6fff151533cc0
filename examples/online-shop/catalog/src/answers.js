// The answers to a command.

/** @import { Event, Reject } from '@reventless/handler' */

// The command is accepted and leads to these events.
/** @type {(...events: Event[]) => { events: Event[] }} */
export const accept = (...events) => ({ events });

// The command is accepted; there is nothing to change.
/** @type {() => { events: Event[] }} */
export const nothing = () => ({ events: [] });

// The command is refused by a rule of the domain.
/** @type {(code: string, message: string) => { reject: Reject }} */
export const reject = (code, message) => ({ reject: { code, message } });
