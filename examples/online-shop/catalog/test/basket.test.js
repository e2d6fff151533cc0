import assert from 'node:assert/strict';
import test from 'node:test';
import { ask } from './turns.js';

const product = (id, amount, currency, shelfStatus = 'LISTED') => ({ id, price: { amount, currency }, shelfStatus });
const lamp = product('lamp', 1999, 'EUR');
const desk = product('desk', 19900, 'EUR');
const clock = product('clock', 4500, 'CHF');

const basket = async (...products) => (await ask({
  kind: 'query', component: 'basket', arguments: { productIds: products.map((row) => row?.id ?? 'x') }, rows: { products },
})).data;

test('prices are added up', async () => {
  assert.deepEqual(await basket(lamp, desk, lamp), {
    items: [lamp, desk, lamp], total: { amount: 23898, currency: 'EUR' }, mixedCurrencies: [],
  });
});

test('prices in several currencies are not', async () => {
  assert.deepEqual(await basket(lamp, clock, desk), { items: [lamp, clock, desk], total: null, mixedCurrencies: ['EUR', 'CHF'] });
});

test('what is not on the shelf is left out', async () => {
  const archived = product('old', 1, 'USD', 'ARCHIVED');
  assert.deepEqual(await basket(null, archived, lamp), { items: [lamp], total: { amount: 1999, currency: 'EUR' }, mixedCurrencies: [] });
});

test('an empty basket has no total', async () => {
  assert.deepEqual(await basket(), { items: [], total: null, mixedCurrencies: [] });
});
