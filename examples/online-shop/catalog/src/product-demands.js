// The view ProductDemand: how many orders want a product. It counts orders, not units.

// The catalog does not ask whether a product of an order is one of its own, so a row may
// begin with demand.
export const project = (before, { type, id, data }) => {
  const row = before ?? { id, orderCount: 0 };
  switch (type) {
    case 'ProductAdded': return { ...row, name: data.name, categoryId: data.categoryId };
    case 'ProductNameChanged': return { ...row, name: data.name };
    case 'ProductDemandRecorded': return { ...row, orderCount: row.orderCount + 1 };
    case 'ProductDemandRevoked': return { ...row, orderCount: Math.max(0, row.orderCount - 1) };
    default: return row;
  }
};
