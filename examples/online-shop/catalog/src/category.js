// The slice Category: Listed or Archived, and back; with at most one image.
import { accept, nothing, reject } from './answers.js';

// fold says what the events so far mean; undefined when there is no category.
const fold = (history) => history.reduce((state, { type, data }) => {
  switch (type) {
    case 'CategoryAdded': return { name: data.name, archived: false };
    case 'CategoryRenamed': return { ...state, name: data.name };
    case 'CategoryArchived': return { ...state, archived: true };
    case 'CategoryUnarchived': return { ...state, archived: false };
    case 'CategoryImageAttached': return { ...state, image: data.categoryImage, altText: data.altText };
    case 'CategoryImageRemoved': return { ...state, image: undefined, altText: undefined };
    case 'CategoryImageAltTextSet': return { ...state, altText: data.altText };
    default: return state;
  }
}, undefined);

const event = (type, { categoryId }, more) => ({ type, data: { categoryId, ...more } });

const notFound = ({ categoryId }) => reject('CategoryNotFound', `There is no category ${categoryId}.`);

// existing runs a decision on a category that exists.
const existing = (decision) => (state, data) => (state ? decision(state, data) : notFound(data));

// listed runs a decision on a category that exists and is not archived.
const listed = (decision) => existing((state, data) => (state.archived
  ? reject('CategoryAlreadyArchived', `Category ${data.categoryId} is archived.`)
  : decision(state, data)));

// There is one image at most, so a new one first removes the old one.
const setImage = (state, data) => {
  const { categoryImage, altText } = data;
  if (state.image === categoryImage) return nothing();
  const removed = state.image === undefined ? [] : [event('CategoryImageRemoved', data, { categoryImage: state.image })];
  return accept(
    ...removed,
    event('CategoryImageAttached', data, { categoryImage, altText }),
    event('CategoryEffectiveImageChanged', data, { categoryImage }),
  );
};

const removeImage = (state, data) => (state.image === undefined ? nothing() : accept(
  event('CategoryImageRemoved', data, { categoryImage: state.image }),
  event('CategoryEffectiveImageChanged', data),
));

const setAltText = (state, data) => {
  const { altText } = data;
  if (state.image === undefined) return reject('CategoryImageNotAttached', `Category ${data.categoryId} has no image.`);
  if (state.altText === altText) return nothing();
  return accept(event('CategoryImageAltTextSet', data, { categoryImage: state.image, altText }));
};

const commands = {
  AddCategory: (state, data) => (state
    ? reject('CategoryAlreadyExists', `Category ${data.categoryId} exists already.`)
    : accept(event('CategoryAdded', data, { name: data.name }))),
  RenameCategory: listed((state, data) => (
    state.name === data.name ? nothing() : accept(event('CategoryRenamed', data, { name: data.name })))),
  ArchiveCategory: existing((state, data) => (
    state.archived ? nothing() : accept(event('CategoryArchived', data)))),
  UnarchiveCategory: existing((state, data) => (
    state.archived ? accept(event('CategoryUnarchived', data)) : nothing())),
  SetCategoryImage: listed(setImage),
  RemoveCategoryImage: listed(removeImage),
  SetCategoryImageAltText: listed(setAltText),
};

export const decide = (command, history) => commands[command.type](fold(history), command.data);
