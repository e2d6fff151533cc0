// The Products read model: one row for each product, by product id.
'use strict';

exports.project = (row, { type, id, data }) => {
  switch (type) {
    case 'ProductAdded': {
      const { name, description, price, categoryId } = data;
      return { id, name, description, price, categoryId, shelfStatus: 'LISTED' };
    }
    case 'ProductNameChanged': return { ...row, name: data.name };
    case 'ProductDescriptionChanged': return { ...row, description: data.description };
    case 'ProductPriceChanged': return { ...row, price: data.price };
    case 'ProductArchived': return { ...row, shelfStatus: 'ARCHIVED' };
    case 'ProductUnarchived': return { ...row, shelfStatus: 'LISTED' };
    case 'ProductDiscontinued': return { ...row, shelfStatus: 'DISCONTINUED' };
    default: return row;
  }
};
