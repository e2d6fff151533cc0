import assert from 'node:assert/strict';
import test from 'node:test';
import { ask, decide, expectDecision, rowOf } from './turns.js';

const demand = { productId: 'p1', orderId: 'o1' };
const recorded = { type: 'ProductDemandRecorded', data: demand };
const revoked = { type: 'ProductDemandRevoked', data: demand };

const cases = {
  'demand is recorded': ['RecordDemand', [], [recorded]],
  'and once only': ['RecordDemand', [recorded], []],
  'demand is revoked': ['RevokeDemand', [recorded], [revoked]],
  'and once only, too': ['RevokeDemand', [recorded, revoked], []],
  'what was not recorded is not revoked': ['RevokeDemand', [], []],
  'an order that was reopened counts again': ['RecordDemand', [recorded, revoked], [recorded]],
};

for (const [name, [type, history, expected]] of Object.entries(cases)) {
  test(name, async () => expectDecision(await decide('ProductDemand', type, demand, history), expected));
}

test('orders become demand', async () => {
  const react = async (type) => (await ask({
    kind: 'react', component: 'OrderedItems', message: { type, data: { ...demand, customerId: 'ada' }, key: 'p1' },
  })).commands;
  assert.deepEqual(await react('ItemOrdered'), [{ to: 'ProductDemand', type: 'RecordDemand', data: demand }]);
  assert.deepEqual(await react('ItemOrderCancelled'), [{ to: 'ProductDemand', type: 'RevokeDemand', data: demand }]);
  assert.deepEqual(await react('OrderReadyToShip'), [], 'a message that is not for the catalog');
});

const added = { type: 'ProductAdded', data: { productId: 'p1', name: 'Lamp', categoryId: 'c1' } };

test('the view counts orders', async () => {
  const renamed = { type: 'ProductNameChanged', data: { productId: 'p1', name: 'Lantern' } };
  assert.deepEqual(await rowOf('ProductDemand', 'p1', [added]), { id: 'p1', orderCount: 0, name: 'Lamp', categoryId: 'c1' });
  assert.deepEqual(await rowOf('ProductDemand', 'p1', [added, recorded, recorded, revoked, renamed]),
    { id: 'p1', orderCount: 1, name: 'Lantern', categoryId: 'c1' });
});

test('the count is never negative', async () => {
  assert.equal((await rowOf('ProductDemand', 'p1', [added, revoked, recorded])).orderCount, 1);
});

test('demand may come before its product', async () => {
  assert.deepEqual(await rowOf('ProductDemand', 'p1', [recorded]), { id: 'p1', orderCount: 1 });
  assert.deepEqual(await rowOf('ProductDemand', 'p1', [recorded, added]), { id: 'p1', orderCount: 1, name: 'Lamp', categoryId: 'c1' });
});
