// The Categories read model: one row for each category, by category id.
'use strict';

exports.project = (row, { type, id, data }) => {
  switch (type) {
    case 'CategoryAdded': return { id, name: data.name, shelfStatus: 'LISTED' };
    case 'CategoryRenamed': return { ...row, name: data.name };
    case 'CategoryArchived': return { ...row, shelfStatus: 'ARCHIVED' };
    case 'CategoryUnarchived': return { ...row, shelfStatus: 'LISTED' };
    default: return row;
  }
};
