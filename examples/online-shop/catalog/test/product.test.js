'use strict';

const assert = require('node:assert/strict');
const test = require('node:test');
const { handler } = require('../src/index');

const price = { amount: 1999, currency: 'EUR' };
const product = { productId: 'p1', name: 'Lamp', description: 'Gives light.', price, categoryId: 'c1' };
const event = (type, data) => ({ type, data: { productId: 'p1', ...data } });
const added = event('ProductAdded', product);
const archived = event('ProductArchived');
const discontinued = event('ProductDiscontinued');

const decide = (type, data, history = []) => handler({
  kind: 'decide', component: 'Product', command: { type, data: { productId: 'p1', ...data } }, history,
});

const cases = {
  'a new product is added': ['AddProduct', product, [], [added]],
  'a product is added once': ['AddProduct', product, [added], 'ProductAlreadyExists'],
  'a price is changed': ['ChangeProductPrice', { price: { amount: 1, currency: 'EUR' } }, [added],
    [event('ProductPriceChanged', { price: { amount: 1, currency: 'EUR' } })]],
  'the same price changes nothing': ['ChangeProductPrice', { price: { ...price } }, [added], []],
  'an archived product may be edited': ['ChangeProductName', { name: 'Lantern' }, [added, archived],
    [event('ProductNameChanged', { name: 'Lantern' })]],
  'a discontinued product may not': ['ChangeProductName', { name: 'Lantern' }, [added, discontinued], 'ProductIsDiscontinued'],
  'a description is changed': ['ChangeProductDescription', { description: 'Shines.' }, [added],
    [event('ProductDescriptionChanged', { description: 'Shines.' })]],
  'an unknown product is not found': ['ChangeProductName', { name: 'Lantern' }, [], 'ProductNotFound'],
  'a product is archived': ['ArchiveProduct', {}, [added], [archived]],
  'archiving twice changes nothing': ['ArchiveProduct', {}, [added, archived], []],
  'a discontinued product cannot be archived': ['ArchiveProduct', {}, [added, discontinued], 'ProductIsDiscontinued'],
  'an archived product returns': ['UnarchiveProduct', {}, [added, archived], [event('ProductUnarchived')]],
  'a listed product has nothing to return from': ['UnarchiveProduct', {}, [added], []],
  'a product is discontinued for good': ['DiscontinueProduct', {}, [added, archived], [discontinued]],
  'discontinuing twice changes nothing': ['DiscontinueProduct', {}, [added, discontinued], []],
};

for (const [name, [type, data, history, expected]] of Object.entries(cases)) {
  test(name, async () => {
    const answer = await decide(type, data, history);
    if (typeof expected === 'string') assert.equal(answer.reject?.code, expected);
    else assert.deepEqual(answer, { events: expected });
  });
}

test('the row follows the product', async () => {
  const events = [added, event('ProductNameChanged', { name: 'Lantern' }), archived];
  let row = null;
  for (const { type, data } of events) {
    ({ row } = await handler({ kind: 'project', component: 'Products', row, event: { type, data, id: 'p1' } }));
  }
  assert.deepEqual(row, {
    id: 'p1', name: 'Lantern', description: 'Gives light.', price, categoryId: 'c1', shelfStatus: 'ARCHIVED',
  });
});

test('others learn what they need', async () => {
  const published = async (type, data) => (
    await handler({ kind: 'publish', component: 'Products', event: event(type, data) })).messages;
  assert.deepEqual(await published('ProductAdded', product),
    [{ type: 'ProductBecameAvailable', data: { productId: 'p1', name: 'Lamp', price } }]);
  assert.deepEqual(await published('ProductDiscontinued'), [{ type: 'ProductWithdrawn', data: { productId: 'p1' } }]);
  assert.deepEqual(await published('ProductDescriptionChanged', { description: 'Shines.' }), []);
});
