// The query basket: products that somebody thinks of buying, and what they cost together.
// A product that is named twice counts twice.

// A sum of several currencies would be meaningless, one of no products has none.
const totalOf = (items, currencies) => (currencies.length === 1
  ? { amount: items.reduce((sum, { price }) => sum + price.amount, 0), currency: currencies[0] }
  : null);

// A key that has no row comes as null.
export const query = ({ products }) => {
  const items = products.filter((product) => product?.shelfStatus === 'LISTED');
  const currencies = [...new Set(items.map(({ price }) => price.currency))];
  return { items, total: totalOf(items, currencies), mixedCurrencies: currencies.length > 1 ? currencies : [] };
};
