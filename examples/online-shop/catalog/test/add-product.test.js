import test from 'node:test';
import { decide, expectDecision } from './turns.js';

const product = {
  productId: 'p1', name: 'Lamp', description: 'Gives light.', price: { amount: 1999, currency: 'EUR' }, categoryId: 'c1',
};
const added = { type: 'ProductAdded', data: product };
const category = (type) => ({ type, data: { categoryId: 'c1' } });
const [listed, archived, unarchived] = ['CategoryAdded', 'CategoryArchived', 'CategoryUnarchived'].map(category);

const cases = {
  'a product is added to a category': [[listed], [added]],
  'its category has to exist': [[], 'CategoryNotFound'],
  'its category must not be archived': [[listed, archived], 'CategoryNotFound'],
  'a category that returned takes products': [[listed, archived, unarchived], [added]],
  'and none when it is archived again': [[listed, archived, unarchived, archived], 'CategoryNotFound'],
  'a product is added once': [[listed, added], 'ProductAlreadyExists'],
  'a product exists in whichever category': [[added], 'ProductAlreadyExists'],
};

for (const [name, [history, expected]] of Object.entries(cases)) {
  test(name, async () => expectDecision(await decide('AddProduct', 'AddProduct', product, history), expected));
}
