// The slice Product: Listed, Archived (can return) or Discontinued (for good).
import { accept, nothing, reject } from './answers.js';

const LISTED = 'LISTED';
const ARCHIVED = 'ARCHIVED';
const DISCONTINUED = 'DISCONTINUED';

// fold says what the events so far mean; undefined when there is no product.
const fold = (history) => history.reduce((state, { type, data }) => {
  switch (type) {
    case 'ProductAdded':
      return { name: data.name, description: data.description, price: data.price, status: LISTED };
    case 'ProductNameChanged': return { ...state, name: data.name };
    case 'ProductDescriptionChanged': return { ...state, description: data.description };
    case 'ProductPriceChanged': return { ...state, price: data.price };
    case 'ProductArchived': return { ...state, status: ARCHIVED };
    case 'ProductUnarchived': return { ...state, status: LISTED };
    case 'ProductDiscontinued': return { ...state, status: DISCONTINUED };
    default: return state;
  }
}, undefined);

const event = (type, { productId }, more) => ({ type, data: { productId, ...more } });

const notFound = ({ productId }) => reject('ProductNotFound', `There is no product ${productId}.`);

const discontinued = ({ productId }) => reject('ProductIsDiscontinued', `Product ${productId} is discontinued.`);

const same = (a, b) => a === b;

const samePrice = (a, b) => a.amount === b.amount && a.currency === b.currency;

// onSale runs a decision on a product that exists and is not discontinued.
const onSale = (decision) => (state, data) => {
  if (!state) return notFound(data);
  if (state.status === DISCONTINUED) return discontinued(data);
  return decision(state, data);
};

// change decides on setting one attribute of a product.
const change = (attribute, type, equal = same) => onSale((state, data) => (
  equal(state[attribute], data[attribute])
    ? nothing()
    : accept(event(type, data, { [attribute]: data[attribute] }))));

const commands = {
  ChangeProductName: change('name', 'ProductNameChanged'),
  ChangeProductDescription: change('description', 'ProductDescriptionChanged'),
  ChangeProductPrice: change('price', 'ProductPriceChanged', samePrice),
  ArchiveProduct: onSale((state, data) => (
    state.status === ARCHIVED ? nothing() : accept(event('ProductArchived', data)))),
  UnarchiveProduct: onSale((state, data) => (
    state.status === LISTED ? nothing() : accept(event('ProductUnarchived', data)))),
  DiscontinueProduct: (state, data) => {
    if (!state) return notFound(data);
    return state.status === DISCONTINUED ? nothing() : accept(event('ProductDiscontinued', data));
  },
};

export const decide = (command, history) => commands[command.type](fold(history), command.data);
