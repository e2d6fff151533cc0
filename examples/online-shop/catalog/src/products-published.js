// The extension point Products: what other plugins may know of products. The names
// are a public contract, apart from the catalog's own events.

const messages = {
  ProductAdded: ({ productId, name, price }) => ({ type: 'ProductBecameAvailable', data: { productId, name, price } }),
  ProductPriceChanged: ({ productId, price }) => ({ type: 'ProductPriceChanged', data: { productId, price } }),
  ProductArchived: ({ productId }) => ({ type: 'ProductWithdrawn', data: { productId } }),
  ProductDiscontinued: ({ productId }) => ({ type: 'ProductWithdrawn', data: { productId } }),
  // Name and price are in the listener's own copy, which survives a withdrawal.
  ProductUnarchived: ({ productId }) => ({ type: 'ProductRelisted', data: { productId } }),
  // Without an image the product has none any more.
  ProductEffectiveImageChanged: ({ productId, productImage }) => ({ type: 'ProductImageChanged', data: { productId, productImage } }),
};

export const publish = ({ type, data }) => (messages[type] ? [messages[type](data)] : []);
