// The inbound translation ImportProduct: a product in the words of a supplier becomes
// the command AddProduct. The task ImportProducts takes the same rules.
import { reject } from './answers.js';

const currencies = ['AUD', 'CAD', 'CHF', 'EUR', 'GBP', 'JPY', 'SEK', 'USD'];

// An Int of GraphQL has 32 bits.
const maxPrice = 2 ** 31 - 1;

const missing = (text) => text.trim() === '';

// The first rule that is broken counts.
const rules = [
  {
    code: 'UnknownCurrency',
    message: `The shop sells in ${currencies.join(', ')}.`,
    broken: ({ currency }) => !currencies.includes(currency),
  },
  {
    code: 'InvalidPrice',
    message: `The unit price is a whole number of minor units, 1 to ${maxPrice}.`,
    broken: ({ unitPrice }) => !Number.isInteger(unitPrice) || unitPrice <= 0 || unitPrice > maxPrice,
  },
  { code: 'SkuMissing', message: 'The product has no SKU.', broken: ({ sku }) => missing(sku) },
  { code: 'CategoryMissing', message: 'The product has no category.', broken: ({ category }) => missing(category) },
];

// brokenRule is undefined when a product can be imported.
export const brokenRule = (input) => rules.find(({ broken }) => broken(input));

export const addProduct = ({ sku, title, desc, unitPrice, currency, category }) => ({
  to: 'AddProduct',
  type: 'AddProduct',
  data: { productId: sku, name: title, description: desc, price: { amount: unitPrice, currency }, categoryId: category },
});

export const translate = (input) => {
  const rule = brokenRule(input);
  return rule ? reject(rule.code, rule.message) : { commands: [addProduct(input)] };
};
