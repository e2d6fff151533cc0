// As the ReScript compiler writes a function that answers with a result.
export function decide(events, command) {
  if (events.length > 0) {
    return { TAG: 'Error', _0: { code: 'ItemExists', message: 'The item exists.' } };
  }
  return { TAG: 'Ok', _0: [{ type_: 'ItemAdded', data: command.data }] };
}
