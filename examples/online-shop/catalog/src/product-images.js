// The slice ProductImages: which images a product has, and which one stands for it.
import { accept, nothing, reject } from './answers.js';
import { after, effective, empty, find } from './image-set.js';

// fold says what the events so far mean; undefined when there is no product.
const fold = (history) => history.reduce((state, event) => {
  switch (event.type) {
    case 'ProductAdded': return { images: empty, discontinued: false };
    case 'ProductDiscontinued': return { ...state, discontinued: true };
    default: return { ...state, images: after(state.images, event) };
  }
}, undefined);

// change accepts an event, and a second one if it changes the effective image. Without
// an image in it there is no effective image any more.
const change = (images, event) => {
  const image = effective(after(images, event));
  if (image === effective(images)) return accept(event);
  const { productId } = event.data;
  return accept(event, { type: 'ProductEffectiveImageChanged', data: { productId, productImage: image } });
};

const attach = (images, { productId, productImage, altText }) => (find(images, productImage)
  ? nothing()
  : change(images, { type: 'ProductImageAttached', data: { productId, productImage, altText } }));

const remove = (images, { productId, productImage }) => (find(images, productImage)
  ? change(images, { type: 'ProductImageRemoved', data: { productId, productImage } })
  : nothing());

const notAttached = ({ productId, productImage }) => (
  reject('ProductImageNotAttached', `Product ${productId} has no image ${productImage}.`));

const setPrimary = (images, data) => {
  const { productId, productImage } = data;
  if (!find(images, productImage)) return notAttached(data);
  if (images.primary === productImage) return nothing();
  return change(images, { type: 'ProductPrimaryImageSet', data: { productId, productImage } });
};

const setAltText = (images, data) => {
  const { productId, productImage, altText } = data;
  const member = find(images, productImage);
  if (!member) return notAttached(data);
  if (member.altText === altText) return nothing();
  return change(images, { type: 'ProductImageAltTextSet', data: { productId, productImage, altText } });
};

const commands = {
  AttachProductImage: attach,
  RemoveProductImage: remove,
  SetPrimaryProductImage: setPrimary,
  SetProductImageAltText: setAltText,
};

export const decide = ({ type, data }, history) => {
  const state = fold(history);
  if (!state) return reject('ProductNotFound', `There is no product ${data.productId}.`);
  if (state.discontinued) return reject('ProductIsDiscontinued', `Product ${data.productId} is discontinued.`);
  return commands[type](state.images, data);
};
