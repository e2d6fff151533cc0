// The extension point Products: what other plugins may know of products. The names
// are a public contract, apart from the catalog's own events.
'use strict';

// ProductRelisted carries what a new listener needs to find the product again in
// its own copy; the copy knows name and price.
exports.publish = ({ type, data }) => {
  const { productId } = data;
  switch (type) {
    case 'ProductAdded':
      return [{ type: 'ProductBecameAvailable', data: { productId, name: data.name, price: data.price } }];
    case 'ProductPriceChanged':
      return [{ type: 'ProductPriceChanged', data: { productId, price: data.price } }];
    case 'ProductArchived':
    case 'ProductDiscontinued':
      return [{ type: 'ProductWithdrawn', data: { productId } }];
    case 'ProductUnarchived':
      return [{ type: 'ProductRelisted', data: { productId } }];
    default:
      return [];
  }
};
