// The view Categories: one row for each category, by category id.
import { moveTo } from './shelf.js';

export const project = (row, { type, id, data, time }) => {
  switch (type) {
    case 'CategoryAdded': return moveTo('LISTED', { id, name: data.name }, time);
    case 'CategoryRenamed': return { ...row, name: data.name };
    case 'CategoryArchived': return moveTo('ARCHIVED', row, time);
    case 'CategoryUnarchived': return moveTo('LISTED', row, time);
    case 'CategoryImageAttached':
    case 'CategoryImageAltTextSet': return { ...row, categoryImage: { image: data.categoryImage, altText: data.altText } };
    case 'CategoryImageRemoved': return { ...row, categoryImage: null };
    default: return row;
  }
};
