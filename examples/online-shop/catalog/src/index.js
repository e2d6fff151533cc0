// The catalog's handler: one pure function from a turn to an answer.
//
// A turn says what is asked (kind) and of which component; each component is a
// module beside this file. Nothing here knows where events are stored or sent.
'use strict';

const decide = { Category: require('./category').decide, Product: require('./product').decide };
const project = { Categories: require('./categories').project, Products: require('./products').project };
const publish = { Products: require('./products-published').publish };

exports.handler = async (turn) => {
  switch (turn.kind) {
    case 'decide':
      return decide[turn.component](turn.command, turn.history);
    case 'project':
      return { row: project[turn.component](turn.row, turn.event) };
    case 'publish':
      return { messages: publish[turn.component](turn.event) };
    default:
      throw new Error(`The catalog takes no turns of kind ${turn.kind}.`);
  }
};
