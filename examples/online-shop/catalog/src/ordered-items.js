// The extension OrderedItems: what ordering says of its orders becomes demand.

const commands = { ItemOrdered: 'RecordDemand', ItemOrderCancelled: 'RevokeDemand' };

// A message type that ordering adds later is none of ours: no command.
export const react = ({ type, data: { productId, orderId } }) => (commands[type]
  ? [{ to: 'ProductDemand', type: commands[type], data: { productId, orderId } }]
  : []);
