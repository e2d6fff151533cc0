import test from 'node:test';
import { decide, expectDecision } from './turns.js';

const event = (type, data) => ({ type, data: { productId: 'p1', ...data } });
const added = event('ProductAdded', { name: 'Lamp' });
const discontinued = event('ProductDiscontinued');
const attached = (productImage, altText) => event('ProductImageAttached', { productImage, ...(altText && { altText }) });
const removed = (productImage) => event('ProductImageRemoved', { productImage });
const primary = (productImage) => event('ProductPrimaryImageSet', { productImage });
const captioned = (productImage, altText) => event('ProductImageAltTextSet', { productImage, altText });
const shown = (productImage) => event('ProductEffectiveImageChanged', productImage && { productImage });

const two = [added, attached('a'), attached('b')];

const cases = {
  'the first image stands for the product': ['AttachProductImage', { productImage: 'a' }, [added], [attached('a'), shown('a')]],
  'the second one does not': ['AttachProductImage', { productImage: 'b' }, [added, attached('a')], [attached('b')]],
  'an image may come with a caption': ['AttachProductImage', { productImage: 'b', altText: 'Off' }, [added, attached('a')],
    [attached('b', 'Off')]],
  'attaching again changes nothing': ['AttachProductImage', { productImage: 'a', altText: 'On' }, [added, attached('a')], []],

  'an image is removed': ['RemoveProductImage', { productImage: 'b' }, two, [removed('b')]],
  'the next one takes the place of the first one': ['RemoveProductImage', { productImage: 'a' }, two, [removed('a'), shown('b')]],
  'after the last one there is none': ['RemoveProductImage', { productImage: 'a' }, [added, attached('a')], [removed('a'), shown()]],
  'without the primary one the first one counts again': ['RemoveProductImage', { productImage: 'b' }, [...two, primary('b')],
    [removed('b'), shown('a')]],
  'the choice lasts when others are removed': ['RemoveProductImage', { productImage: 'a' }, [...two, primary('b')], [removed('a')]],
  'an unknown image is not removed': ['RemoveProductImage', { productImage: 'x' }, two, []],

  'a primary image is chosen': ['SetPrimaryProductImage', { productImage: 'b' }, two, [primary('b'), shown('b')]],
  'choosing the first one shows nothing new': ['SetPrimaryProductImage', { productImage: 'a' }, two, [primary('a')]],
  'the same choice changes nothing': ['SetPrimaryProductImage', { productImage: 'b' }, [...two, primary('b')], []],
  'removing the primary one clears the choice': ['SetPrimaryProductImage', { productImage: 'b' },
    [...two, primary('b'), removed('b'), attached('b')], [primary('b'), shown('b')]],
  'an unknown image is no choice': ['SetPrimaryProductImage', { productImage: 'x' }, two, 'ProductImageNotAttached'],
  'neither is one that was removed': ['SetPrimaryProductImage', { productImage: 'b' }, [...two, removed('b')], 'ProductImageNotAttached'],

  'an image gets a caption': ['SetProductImageAltText', { productImage: 'a', altText: 'On' }, two, [captioned('a', 'On')]],
  'the same caption changes nothing': ['SetProductImageAltText', { productImage: 'a', altText: 'On' }, [...two, captioned('a', 'On')], []],
  'so does the one that it came with': ['SetProductImageAltText', { productImage: 'c', altText: 'On' }, [...two, attached('c', 'On')], []],
  'an image that was removed has no caption': ['SetProductImageAltText', { productImage: 'a', altText: 'On' },
    [...two, captioned('a', 'On'), removed('a'), attached('a')], [captioned('a', 'On')]],
  'an unknown image gets no caption': ['SetProductImageAltText', { productImage: 'x', altText: 'On' }, two, 'ProductImageNotAttached'],
};

for (const [name, [type, data, history, expected]] of Object.entries(cases)) {
  test(name, async () => expectDecision(await decide('ProductImages', type, { productId: 'p1', ...data }, history), expected));
}

for (const type of ['AttachProductImage', 'RemoveProductImage', 'SetPrimaryProductImage', 'SetProductImageAltText']) {
  test(`${type} needs a product that is not discontinued`, async () => {
    const data = { productId: 'p1', productImage: 'x', altText: 'On' };
    expectDecision(await decide('ProductImages', type, data), 'ProductNotFound');
    expectDecision(await decide('ProductImages', type, data, [added, discontinued]), 'ProductIsDiscontinued');
  });
}
