// What rows of products and categories say of the shelf: the status, and when the row
// last came into each status.

const moment = { LISTED: 'listedAt', ARCHIVED: 'archivedAt', DISCONTINUED: 'discontinuedAt' };

export const moveTo = (shelfStatus, row, time) => ({ ...row, shelfStatus, trail: { ...row.trail, [moment[shelfStatus]]: time } });
