// The catalog's handler: one pure function from a turn to an answer.
//
// A turn says what is asked (kind) and of which component; each component is a
// module beside this file. Nothing here knows where events are stored or sent.
//
// The types in comments are those of the handler kit; a check of types reads them, and
// nothing else does.
import * as addProduct from './add-product.js';
import * as basket from './basket.js';
import * as categories from './categories.js';
import * as category from './category.js';
import * as importProduct from './import-product.js';
import * as importProducts from './import-products.js';
import * as orderedItems from './ordered-items.js';
import * as product from './product.js';
import * as productDemand from './product-demand.js';
import * as productDemands from './product-demands.js';
import * as productImages from './product-images.js';
import * as products from './products.js';
import * as productsPublished from './products-published.js';

/** @import { Command, CommandTo, Data, DecideAnswer, Handler, Message, RecordedEvent, TranslateAnswer } from '@reventless/handler' */

/** @type {Record<string, (command: Command<string, any>, history: RecordedEvent[]) => DecideAnswer>} */
const decide = {
  AddProduct: addProduct.decide,
  Category: category.decide,
  Product: product.decide,
  ProductDemand: productDemand.decide,
  ProductImages: productImages.decide,
};
/** @type {Record<string, (row: Data | null, event: RecordedEvent) => Data | null>} */
const project = { Categories: categories.project, ProductDemand: productDemands.project, Products: products.project };
/** @type {Record<string, (event: RecordedEvent) => Message[]>} */
const publish = { Products: productsPublished.publish };
/** @type {Record<string, (message: any) => CommandTo[]>} */
const react = { OrderedItems: orderedItems.react };
/** @type {Record<string, (input: Data) => TranslateAnswer>} */
const translate = { ImportProduct: importProduct.translate };
/** @type {Record<string, (object: any) => CommandTo[]>} */
const task = { ImportProducts: importProducts.task };
/** @type {Record<string, (rows: any) => Data>} */
const query = { basket: basket.query };

/** @type {Handler} */
export const handler = async (turn) => {
  const { kind, component } = turn;
  switch (kind) {
    case 'decide': return decide[component](turn.command, turn.history);
    case 'project': return { row: project[component](turn.row, turn.event) };
    case 'publish': return { messages: publish[component](turn.event) };
    case 'react': return { commands: react[component](turn.message) };
    case 'translate': return translate[component](turn.input);
    case 'task': return { commands: task[component](turn.object) };
    case 'query': return { data: query[component](turn.rows) };
    default: throw new Error(`The catalog takes no turns of kind ${kind}.`);
  }
};
