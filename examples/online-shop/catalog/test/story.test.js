// A day in the catalog: what one decision leads to, others decide on.
import assert from 'node:assert/strict';
import test from 'node:test';
import { ask, decide, rowOf } from './turns.js';

// What each slice reads, as declared in catalog-aws/Pulumi.yaml: event types, tags.
const lifecycle = ['ProductAdded', 'ProductArchived', 'ProductUnarchived', 'ProductDiscontinued'];
const attributes = ['ProductNameChanged', 'ProductDescriptionChanged', 'ProductPriceChanged'];
const images = ['ProductImageAttached', 'ProductImageRemoved', 'ProductPrimaryImageSet', 'ProductImageAltTextSet'];
const categoryImages = ['CategoryImageAttached', 'CategoryImageRemoved', 'CategoryImageAltTextSet'];
const reads = {
  AddProduct: [[['ProductAdded'], ['productId']], [['CategoryAdded', 'CategoryArchived', 'CategoryUnarchived'], ['categoryId']]],
  Product: [[[...lifecycle, ...attributes], ['productId']]],
  ProductImages: [[['ProductAdded', 'ProductDiscontinued', ...images], ['productId']]],
  Category: [[['CategoryAdded', 'CategoryRenamed', 'CategoryArchived', 'CategoryUnarchived', ...categoryImages], ['categoryId']]],
  ProductDemand: [[['ProductDemandRecorded', 'ProductDemandRevoked'], ['orderId', 'productId']]],
};

// newLog records what slices decide.
const newLog = () => {
  const events = [];
  const matches = (data) => (event) => ([types, tags]) => types.includes(event.type) && tags.every((tag) => event.data[tag] === data[tag]);
  const send = async (slice, type, data) => {
    const history = events.filter((event) => reads[slice].some(matches(data)(event)));
    const answer = await decide(slice, type, data, history);
    events.push(...(answer.events ?? []));
    return answer.reject?.code ?? answer.events.map((event) => event.type).join();
  };
  const rows = (view, id, tag, types) => rowOf(view, id, events.filter(({ type, data }) => data[tag] === id && types.includes(type)));
  return { events, send, rows };
};

const lamp = { productId: 'lamp', name: 'Lamp', description: '', price: { amount: 1999, currency: 'EUR' }, categoryId: 'light' };
const light = { categoryId: 'light' };
const id = { productId: 'lamp' };

// Commands in their order, each with what it leads to now, and when it is sent again.
const story = [
  ['AddProduct', 'AddProduct', lamp, 'CategoryNotFound', 'CategoryNotFound'],
  ['Category', 'AddCategory', { ...light, name: 'Light' }, 'CategoryAdded', 'CategoryAlreadyExists'],
  ['Category', 'SetCategoryImage', { ...light, categoryImage: 'sun' }, 'CategoryImageAttached,CategoryEffectiveImageChanged', ''],
  ['Category', 'SetCategoryImage', { ...light, categoryImage: 'moon' },
    'CategoryImageRemoved,CategoryImageAttached,CategoryEffectiveImageChanged', ''],
  ['Category', 'SetCategoryImageAltText', { ...light, altText: 'Full' }, 'CategoryImageAltTextSet', ''],
  ['Category', 'RemoveCategoryImage', light, 'CategoryImageRemoved,CategoryEffectiveImageChanged', ''],
  ['Category', 'ArchiveCategory', light, 'CategoryArchived', ''],
  ['AddProduct', 'AddProduct', lamp, 'CategoryNotFound', 'CategoryNotFound'],
  ['Category', 'UnarchiveCategory', light, 'CategoryUnarchived', ''],
  ['Category', 'RenameCategory', { ...light, name: 'Lights' }, 'CategoryRenamed', ''],
  ['AddProduct', 'AddProduct', lamp, 'ProductAdded', 'ProductAlreadyExists'],
  ['Product', 'ChangeProductName', { ...id, name: 'Lantern' }, 'ProductNameChanged', ''],
  ['Product', 'ChangeProductDescription', { ...id, description: 'Shines.' }, 'ProductDescriptionChanged', ''],
  ['Product', 'ChangeProductPrice', { ...id, price: { amount: 5, currency: 'EUR' } }, 'ProductPriceChanged', ''],
  ['ProductImages', 'AttachProductImage', { ...id, productImage: 'a' }, 'ProductImageAttached,ProductEffectiveImageChanged', ''],
  ['ProductImages', 'AttachProductImage', { ...id, productImage: 'b' }, 'ProductImageAttached', ''],
  ['ProductImages', 'SetPrimaryProductImage', { ...id, productImage: 'b' }, 'ProductPrimaryImageSet,ProductEffectiveImageChanged', ''],
  ['ProductImages', 'SetProductImageAltText', { ...id, productImage: 'b', altText: 'On' }, 'ProductImageAltTextSet', ''],
  ['ProductImages', 'RemoveProductImage', { ...id, productImage: 'a' }, 'ProductImageRemoved', ''],
  ['ProductDemand', 'RecordDemand', { ...id, orderId: 'o1' }, 'ProductDemandRecorded', ''],
  ['ProductDemand', 'RecordDemand', { ...id, orderId: 'o2' }, 'ProductDemandRecorded', ''],
  ['ProductDemand', 'RecordDemand', { productId: 'desk', orderId: 'o2' }, 'ProductDemandRecorded', ''],
  ['ProductDemand', 'RevokeDemand', { ...id, orderId: 'o1' }, 'ProductDemandRevoked', ''],
  ['Product', 'ArchiveProduct', id, 'ProductArchived', ''],
  ['Product', 'UnarchiveProduct', id, 'ProductUnarchived', ''],
  ['Product', 'DiscontinueProduct', id, 'ProductDiscontinued', ''],
  ['ProductImages', 'AttachProductImage', { ...id, productImage: 'c' }, 'ProductIsDiscontinued', 'ProductIsDiscontinued'],
];

test('each decision is based on those before, and a repeat changes nothing', async () => {
  const { events, send, rows } = newLog();
  for (const [slice, type, data, now, again] of story) {
    assert.equal(await send(slice, type, data), now, type);
    assert.equal(await send(slice, type, data), again, `${type} again`);
  }

  const product = await rows('Products', 'lamp', 'productId', [...lifecycle, ...attributes, ...images]);
  assert.equal(product.name, 'Lantern');
  assert.equal(product.price.amount, 5);
  assert.equal(product.shelfStatus, 'DISCONTINUED');
  assert.deepEqual(product.productImages, [{ image: 'b', altText: 'On' }]);

  const demand = ['ProductAdded', 'ProductNameChanged', 'ProductDemandRecorded', 'ProductDemandRevoked'];
  assert.deepEqual(await rows('ProductDemand', 'lamp', 'productId', demand), {
    id: 'lamp', name: 'Lantern', categoryId: 'light', orderCount: 1,
  });
  assert.equal(new Set(events.map(({ type }) => type)).size, 22, 'all event types');
});

test('what is imported can be decided on', async () => {
  const { send } = newLog();
  const input = { sku: 'lamp', title: 'Lamp', desc: '', unitPrice: 1999, currency: 'EUR', category: 'light' };
  const { commands: [{ to, type, data }] } = await ask({ kind: 'translate', component: 'ImportProduct', input });
  assert.equal(await send(to, type, data), 'CategoryNotFound');
  await send('Category', 'AddCategory', { ...light, name: 'Light' });
  assert.equal(await send(to, type, data), 'ProductAdded');
});
