// The view Products: one row for each product, by product id.
import { after, effectiveFirst, empty } from './image-set.js';
import { moveTo } from './shelf.js';

// listedSince is only there while the product is on the shelf: a row without it is not
// found by the index of productsByCategory, which is sorted by it.
const moved = (shelfStatus, row, time) => ({
  ...moveTo(shelfStatus, row, time), listedSince: shelfStatus === 'LISTED' ? time : null,
});

// The row keeps the set of images beside what the API shows of it.
const withImages = (row, images) => ({ ...row, images, productImages: effectiveFirst(images) });

const added = (id, { name, description, price, categoryId }) => ({ id, name, description, price, categoryId });

export const project = (row, event) => {
  const { type, id, data, time } = event;
  switch (type) {
    case 'ProductAdded': return moved('LISTED', withImages(added(id, data), empty), time);
    case 'ProductNameChanged': return { ...row, name: data.name };
    case 'ProductDescriptionChanged': return { ...row, description: data.description };
    case 'ProductPriceChanged': return { ...row, price: data.price };
    case 'ProductImageAttached':
    case 'ProductImageRemoved':
    case 'ProductPrimaryImageSet':
    case 'ProductImageAltTextSet': return withImages(row, after(row.images, event));
    case 'ProductArchived': return moved('ARCHIVED', row, time);
    case 'ProductUnarchived': return moved('LISTED', row, time);
    case 'ProductDiscontinued': return moved('DISCONTINUED', row, time);
    default: return row;
  }
};
