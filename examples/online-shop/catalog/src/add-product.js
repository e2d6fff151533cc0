// The slice AddProduct: a new product in a category that is on the shelf.
//
// It decides on the events of two entities, the product and the category. If one of
// them changes while it decides, it is asked again with the longer history.
import { accept, reject } from './answers.js';

const productExists = (history) => history.some(({ type }) => type === 'ProductAdded');

// Of the category's events (added, archived, unarchived) the last one counts.
const categoryIsListed = (history) => {
  const last = history.findLast(({ type }) => type.startsWith('Category'));
  return last !== undefined && last.type !== 'CategoryArchived';
};

export const decide = ({ data }, history) => {
  const { productId, name, description, price, categoryId } = data;
  if (productExists(history)) return reject('ProductAlreadyExists', `Product ${productId} exists already.`);
  if (!categoryIsListed(history)) return reject('CategoryNotFound', `There is no category ${categoryId}, or it is archived.`);
  return accept({ type: 'ProductAdded', data: { productId, name, description, price, categoryId } });
};
