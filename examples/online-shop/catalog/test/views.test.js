import assert from 'node:assert/strict';
import test from 'node:test';
import { rowOf, time } from './turns.js';

const price = { amount: 1999, currency: 'EUR' };
const product = { name: 'Lamp', description: 'Gives light.', price, categoryId: 'c1' };
const event = (type, data = {}) => ({ type, data });
const added = event('ProductAdded', product);
const archived = event('ProductArchived');

// shown is a row without what the view keeps for itself.
const shown = async (events) => {
  const { images, ...row } = await rowOf('Products', 'p1', events);
  return row;
};

test('a new product is on the shelf', async () => {
  assert.deepEqual(await shown([added]), {
    id: 'p1', ...product, productImages: [], shelfStatus: 'LISTED', listedSince: time(1), trail: { listedAt: time(1) },
  });
});

test('the row follows each attribute', async () => {
  const row = await shown([
    added,
    event('ProductNameChanged', { name: 'Lantern' }),
    event('ProductDescriptionChanged', { description: 'Shines.' }),
    event('ProductPriceChanged', { price: { amount: 5, currency: 'CHF' } }),
  ]);
  assert.equal(row.name, 'Lantern');
  assert.equal(row.description, 'Shines.');
  assert.deepEqual(row.price, { amount: 5, currency: 'CHF' });
});

test('a product leaves the shelf, returns and is discontinued', async () => {
  const shelf = async (...events) => {
    const { name, shelfStatus, listedSince, trail } = await shown([added, ...events]);
    assert.equal(name, 'Lamp', 'the row stays');
    return { shelfStatus, listedSince, trail };
  };
  assert.deepEqual(await shelf(archived),
    { shelfStatus: 'ARCHIVED', listedSince: null, trail: { listedAt: time(1), archivedAt: time(2) } });
  assert.deepEqual(await shelf(archived, event('ProductUnarchived')),
    { shelfStatus: 'LISTED', listedSince: time(3), trail: { listedAt: time(3), archivedAt: time(2) } });
  assert.deepEqual(await shelf(event('ProductDiscontinued')),
    { shelfStatus: 'DISCONTINUED', listedSince: null, trail: { listedAt: time(1), discontinuedAt: time(2) } });
});

test('the image that stands for the product comes first', async () => {
  const attached = ['a', 'b', 'c'].map((productImage) => event('ProductImageAttached', { productImage }));
  const names = async (...events) => {
    const { productImages } = await shown([added, ...attached, ...events]);
    return productImages.map(({ image }) => image).join('');
  };
  const primary = event('ProductPrimaryImageSet', { productImage: 'b' });
  assert.equal(await names(), 'abc');
  assert.equal(await names(primary), 'bac');
  assert.equal(await names(primary, event('ProductImageRemoved', { productImage: 'b' })), 'ac');
  assert.equal(await names(event('ProductImageRemoved', { productImage: 'a' })), 'bc');
});

test('images have captions', async () => {
  const row = await shown([added, event('ProductImageAttached', { productImage: 'a', altText: 'On' }),
    event('ProductImageAttached', { productImage: 'b' }), event('ProductImageAltTextSet', { productImage: 'b', altText: 'Off' })]);
  assert.deepEqual(row.productImages, [{ image: 'a', altText: 'On' }, { image: 'b', altText: 'Off' }]);
});

const books = event('CategoryAdded', { name: 'Books' });

test('a category is on the shelf until it is archived, and may return', async () => {
  assert.deepEqual(await rowOf('Categories', 'c1', [books]),
    { id: 'c1', name: 'Books', shelfStatus: 'LISTED', trail: { listedAt: time(1) } });
  assert.deepEqual(await rowOf('Categories', 'c1', [books, event('CategoryRenamed', { name: 'Novels' }), event('CategoryArchived')]),
    { id: 'c1', name: 'Novels', shelfStatus: 'ARCHIVED', trail: { listedAt: time(1), archivedAt: time(3) } });
  assert.deepEqual(await rowOf('Categories', 'c1', [books, event('CategoryArchived'), event('CategoryUnarchived')]),
    { id: 'c1', name: 'Books', shelfStatus: 'LISTED', trail: { listedAt: time(3), archivedAt: time(2) } });
});

test('a category has its image', async () => {
  const image = async (...events) => (await rowOf('Categories', 'c1', [books, ...events])).categoryImage;
  const attached = event('CategoryImageAttached', { categoryImage: 'a', altText: 'Books' });
  const effective = event('CategoryEffectiveImageChanged', { categoryImage: 'a' });
  assert.deepEqual(await image(attached, effective), { image: 'a', altText: 'Books' });
  const captioned = event('CategoryImageAltTextSet', { categoryImage: 'a', altText: 'A shelf' });
  assert.deepEqual(await image(attached, captioned), { image: 'a', altText: 'A shelf' });
  assert.equal(await image(attached, event('CategoryImageRemoved', { categoryImage: 'a' })), null);
});
