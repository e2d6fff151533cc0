import test from 'node:test';
import { decide, expectDecision } from './turns.js';

const price = { amount: 1999, currency: 'EUR' };
const event = (type, data) => ({ type, data: { productId: 'p1', ...data } });
const added = event('ProductAdded', { name: 'Lamp', description: 'Gives light.', price, categoryId: 'c1' });
const archived = event('ProductArchived');
const unarchived = event('ProductUnarchived');
const discontinued = event('ProductDiscontinued');

const lantern = { name: 'Lantern' };
const shines = { description: 'Shines.' };
const cheaper = { price: { amount: 1, currency: 'EUR' } };
const francs = { price: { amount: 1999, currency: 'CHF' } };

const cases = {
  'a name is changed': ['ChangeProductName', lantern, [added], [event('ProductNameChanged', lantern)]],
  'the same name changes nothing': ['ChangeProductName', lantern, [added, event('ProductNameChanged', lantern)], []],
  'a description is changed': ['ChangeProductDescription', shines, [added], [event('ProductDescriptionChanged', shines)]],
  'the same description changes nothing': ['ChangeProductDescription', shines, [added, event('ProductDescriptionChanged', shines)], []],
  'a price is changed': ['ChangeProductPrice', cheaper, [added], [event('ProductPriceChanged', cheaper)]],
  'another currency is another price': ['ChangeProductPrice', francs, [added], [event('ProductPriceChanged', francs)]],
  'the same price changes nothing': ['ChangeProductPrice', { price: { ...price } }, [added], []],
  'a price that was changed is the old one no more': ['ChangeProductPrice', { price }, [added, event('ProductPriceChanged', cheaper)],
    [event('ProductPriceChanged', { price })]],
  'an archived product may be edited': ['ChangeProductName', lantern, [added, archived], [event('ProductNameChanged', lantern)]],

  'a product is archived': ['ArchiveProduct', {}, [added], [archived]],
  'archiving twice changes nothing': ['ArchiveProduct', {}, [added, archived], []],
  'an archived product returns': ['UnarchiveProduct', {}, [added, archived], [unarchived]],
  'a listed product has nothing to return from': ['UnarchiveProduct', {}, [added, archived, unarchived], []],
  'a listed product is discontinued for good': ['DiscontinueProduct', {}, [added], [discontinued]],
  'so is an archived one': ['DiscontinueProduct', {}, [added, archived], [discontinued]],
  'discontinuing twice changes nothing': ['DiscontinueProduct', {}, [added, discontinued], []],
  'an unknown product cannot be discontinued': ['DiscontinueProduct', {}, [], 'ProductNotFound'],
};

for (const [name, [type, data, history, expected]] of Object.entries(cases)) {
  test(name, async () => expectDecision(await decide('Product', type, { productId: 'p1', ...data }, history), expected));
}

const commands = {
  ChangeProductName: lantern, ChangeProductDescription: shines, ChangeProductPrice: cheaper, ArchiveProduct: {}, UnarchiveProduct: {},
};

for (const [type, data] of Object.entries(commands)) {
  test(`${type} needs a product that is not discontinued`, async () => {
    expectDecision(await decide('Product', type, { productId: 'p1', ...data }), 'ProductNotFound');
    expectDecision(await decide('Product', type, { productId: 'p1', ...data }, [added, archived, discontinued]), 'ProductIsDiscontinued');
  });
}
