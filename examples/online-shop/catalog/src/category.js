// The Category aggregate: Listed or Archived, and back.
'use strict';

const { accept, nothing, reject } = require('./answers');

// fold says what the events so far mean; undefined when there is no category.
const fold = (history) => history.reduce((state, { type, data }) => {
  switch (type) {
    case 'CategoryAdded': return { name: data.name, archived: false };
    case 'CategoryRenamed': return { ...state, name: data.name };
    case 'CategoryArchived': return { ...state, archived: true };
    case 'CategoryUnarchived': return { ...state, archived: false };
    default: return state;
  }
}, undefined);

const event = (type, { categoryId }, more) => ({ type, data: { categoryId, ...more } });

const notFound = ({ categoryId }) => reject('CategoryNotFound', `There is no category ${categoryId}.`);

const commands = {
  AddCategory: (state, data) => (state
    ? reject('CategoryAlreadyExists', `Category ${data.categoryId} exists already.`)
    : accept(event('CategoryAdded', data, { name: data.name }))),

  RenameCategory: (state, data) => {
    if (!state) return notFound(data);
    if (state.archived) return reject('CategoryAlreadyArchived', `Category ${data.categoryId} is archived.`);
    return state.name === data.name ? nothing() : accept(event('CategoryRenamed', data, { name: data.name }));
  },

  ArchiveCategory: (state, data) => {
    if (!state) return notFound(data);
    return state.archived ? nothing() : accept(event('CategoryArchived', data));
  },

  UnarchiveCategory: (state, data) => {
    if (!state) return notFound(data);
    return state.archived ? accept(event('CategoryUnarchived', data)) : nothing();
  },
};

exports.decide = (command, history) => commands[command.type](fold(history), command.data);
