import assert from 'node:assert/strict';
import test from 'node:test';
import { ask } from './turns.js';

const price = { amount: 1999, currency: 'EUR' };

const cases = {
  ProductAdded: [{ name: 'Lamp', description: '', price, categoryId: 'c1' }, 'ProductBecameAvailable', { name: 'Lamp', price }],
  ProductPriceChanged: [{ price }, 'ProductPriceChanged', { price }],
  ProductArchived: [{}, 'ProductWithdrawn', {}],
  ProductDiscontinued: [{}, 'ProductWithdrawn', {}],
  ProductUnarchived: [{}, 'ProductRelisted', {}],
  ProductEffectiveImageChanged: [{ productImage: 'a' }, 'ProductImageChanged', { productImage: 'a' }],
};

const publish = (type, data) => (
  ask({ kind: 'publish', component: 'Products', event: { type, data: { productId: 'p1', ...data }, id: 'p1' } }));

for (const [event, [data, type, published]] of Object.entries(cases)) {
  test(`${event} is published as ${type}`, async () => {
    assert.deepEqual(await publish(event, data), { messages: [{ type, data: { productId: 'p1', ...published } }] });
  });
}

test('others learn that a product has no image any more', async () => {
  const { messages } = await publish('ProductEffectiveImageChanged', {});
  assert.deepEqual(messages, [{ type: 'ProductImageChanged', data: { productId: 'p1' } }]);
});

test('other events stay inside', async () => {
  assert.deepEqual(await publish('ProductNameChanged', { name: 'Lantern' }), { messages: [] });
});
