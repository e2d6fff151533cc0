import assert from 'node:assert/strict';
import test from 'node:test';
import { ask } from './turns.js';

const lamp = { sku: 'p1', title: 'Lamp', desc: 'Gives light.', unitPrice: 1999, currency: 'EUR', category: 'c1' };
const addProduct = (productId, name, description, amount) => ({
  to: 'AddProduct',
  type: 'AddProduct',
  data: { productId, name, description, price: { amount, currency: 'EUR' }, categoryId: 'c1' },
});

const translate = (input) => ask({ kind: 'translate', component: 'ImportProduct', input });

test('an import adds a product', async () => {
  assert.deepEqual(await translate(lamp), { commands: [addProduct('p1', 'Lamp', 'Gives light.', 1999)] });
});

const refused = {
  'an unknown currency': [{ currency: 'XXX' }, 'UnknownCurrency'],
  'no currency': [{ currency: '' }, 'UnknownCurrency'],
  'no price': [{ unitPrice: 0 }, 'InvalidPrice'],
  'a negative price': [{ unitPrice: -1 }, 'InvalidPrice'],
  'a price that the API could not show': [{ unitPrice: 2 ** 31 }, 'InvalidPrice'],
  'no SKU': [{ sku: '' }, 'SkuMissing'],
  'an empty SKU': [{ sku: ' ' }, 'SkuMissing'],
  'no category': [{ category: '' }, 'CategoryMissing'],
  'everything wrong, the currency first': [{ currency: '', unitPrice: 0, sku: '', category: '' }, 'UnknownCurrency'],
  'three things wrong, the price first': [{ unitPrice: 0, sku: '', category: '' }, 'InvalidPrice'],
  'two things wrong, the SKU first': [{ sku: '', category: '' }, 'SkuMissing'],
};

for (const [name, [input, code]] of Object.entries(refused)) {
  test(`an import with ${name} is refused`, async () => {
    const answer = await translate({ ...lamp, ...input });
    assert.equal(answer.reject?.code, code);
    assert.ok(answer.reject.message);
  });
}

// importLines returns the commands of a turn and what it logged.
const importLines = async (t, lines, more) => {
  const { mock } = t.mock.method(console, 'warn', () => {});
  const header = 'sku,title,desc,unitPrice,currency,category';
  const object = { key: 'in.csv', versionId: '1', size: 1, header, lines, firstLine: 2, last: true, ...more };
  const { commands } = await ask({ kind: 'task', component: 'ImportProducts', object });
  return { commands, logged: mock.calls.map(({ arguments: [text] }) => text) };
};

test('each line of a file adds a product', async (t) => {
  assert.deepEqual(await importLines(t, ['p1,Lamp,Gives light.,1999,EUR,c1', 'p2,Desk,,19900,EUR,c1']), {
    commands: [addProduct('p1', 'Lamp', 'Gives light.', 1999), addProduct('p2', 'Desk', '', 19900)], logged: [],
  });
});

test('fields may be in quotes', async (t) => {
  const { commands } = await importLines(t, ['"p1","Lamp, ""bright""","",1999,"EUR",c1', 'p2,"""","a, b",5,EUR,"c1"']);
  assert.deepEqual(commands, [addProduct('p1', 'Lamp, "bright"', '', 1999), addProduct('p2', '"', 'a, b', 5)]);
});

test('columns may come in another order, with others among them', async (t) => {
  const header = 'category,currency,ean,unitPrice,desc,title,"sku"';
  const { commands } = await importLines(t, ['c1,EUR,4012345678901,1999,Gives light.,Lamp,p1'], { header });
  assert.deepEqual(commands, [addProduct('p1', 'Lamp', 'Gives light.', 1999)]);
});

const bad = {
  'too few fields': ['p1,Lamp', 'LineUnreadable'],
  'too many fields': ['p1,Lamp,Gives light, and warmth,1999,EUR,c1', 'LineUnreadable'],
  'nothing in it': ['', 'LineUnreadable'],
  'an open quote': ['p1,"Lamp,Gives light.,1999,EUR,c1', 'LineUnreadable'],
  'text after a quote': ['p1,"Lamp"s,Gives light.,1999,EUR,c1', 'LineUnreadable'],
  'a quote within a field': ['p1,Lamp 5",Gives light.,1999,EUR,c1', 'LineUnreadable'],
  'a price in words': ['p1,Lamp,Gives light.,much,EUR,c1', 'InvalidPrice'],
  'a price with a decimal point': ['p1,Lamp,Gives light.,19.99,EUR,c1', 'InvalidPrice'],
  'no price': ['p1,Lamp,Gives light.,,EUR,c1', 'InvalidPrice'],
  'an unknown currency': ['p1,Lamp,Gives light.,1999,XXX,c1', 'UnknownCurrency'],
  'no SKU': [',Lamp,Gives light.,1999,EUR,c1', 'SkuMissing'],
  'no category': ['p1,Lamp,Gives light.,1999,EUR,', 'CategoryMissing'],
};

for (const [name, [line, problem]] of Object.entries(bad)) {
  test(`a line with ${name} is skipped, the others are not`, async (t) => {
    assert.deepEqual(await importLines(t, ['p1,Lamp,Gives light.,1999,EUR,c1', line, 'p2,Desk,,5,EUR,c1'], { firstLine: 202 }), {
      commands: [addProduct('p1', 'Lamp', 'Gives light.', 1999), addProduct('p2', 'Desk', '', 5)],
      logged: [`in.csv, line 203 is skipped: ${problem}`],
    });
  });
}

test('a file without the columns is skipped', async (t) => {
  const { commands, logged } = await importLines(t, ['p1;Lamp'], { header: 'sku;title' });
  assert.deepEqual(commands, []);
  assert.deepEqual(logged, ['in.csv is skipped: its first line has to be sku,title,desc,unitPrice,currency,category']);
});

test('a file without lines adds nothing', async (t) => {
  assert.deepEqual(await importLines(t, []), { commands: [], logged: [] });
});

test('a very long line is read', async (t) => {
  const long = 'a "" b, '.repeat(125_000);
  const { commands } = await importLines(t, [`p1,Lamp,"${long}",1999,EUR,c1`]);
  assert.equal(commands[0].data.description, long.replaceAll('""', '"'));
});
