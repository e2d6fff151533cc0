exports.handler = async (turn) => ({ events: [] });
