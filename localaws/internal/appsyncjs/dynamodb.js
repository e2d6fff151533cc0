// The stand-in for @aws-appsync/utils/dynamodb: it writes the requests that code
// would otherwise write itself.
import { expressionOf, util } from "@aws-appsync/utils";

const { toDynamoDB, toMapValues } = util.dynamodb;
const expression = (filter, prefix) => (filter ? expressionOf(filter, prefix, toDynamoDB) : undefined);
const projected = (projection) => {
  if (!projection) return undefined;
  const expressionNames = {};
  for (const name of projection) expressionNames["#" + name] = name;
  return { expression: Object.keys(expressionNames).join(", "), expressionNames };
};

export const get = ({ key, consistentRead, projection }) => ({
  operation: "GetItem", key: toMapValues(key), consistentRead, projection: projected(projection),
});

export const put = ({ key, item, condition }) => ({
  operation: "PutItem", key: toMapValues(key), attributeValues: toMapValues(item), condition: expression(condition, ""),
});

export const remove = ({ key, condition }) => ({
  operation: "DeleteItem", key: toMapValues(key), condition: expression(condition, ""),
});

export const scan = ({ filter, index, limit, nextToken, consistentRead, projection }) => ({
  operation: "Scan", filter: expression(filter, ""), index, limit, nextToken, consistentRead, projection: projected(projection),
});

export const query = ({ query: keys, filter, index, limit, nextToken, scanIndexForward, consistentRead, select, projection }) => ({
  operation: "Query", query: expression(keys, "key_"), filter: expression(filter, ""), index, limit, nextToken,
  scanIndexForward, consistentRead, select, projection: projected(projection),
});

// operations mark what update does with an attribute.
export const operations = {
  add: (value) => ({ $update: "set", value }),
  replace: (value) => ({ $update: "set", value }),
  remove: () => ({ $update: "remove" }),
  increment: (by) => ({ $update: "increment", value: by === undefined ? 1 : by }),
  decrement: (by) => ({ $update: "decrement", value: by === undefined ? 1 : by }),
  append: (list) => ({ $update: "append", value: list }),
  prepend: (list) => ({ $update: "prepend", value: list }),
};

const assignments = {
  set: (name, value) => name + " = " + value,
  increment: (name, value) => name + " = " + name + " + " + value,
  decrement: (name, value) => name + " = " + name + " - " + value,
  append: (name, value) => name + " = list_append(" + name + ", " + value + ")",
  prepend: (name, value) => name + " = list_append(" + value + ", " + name + ")",
};

export const update = ({ key, update: changes, condition }) => {
  const expressionNames = {};
  const expressionValues = {};
  const set = [];
  const removed = [];
  for (const attribute in changes) {
    const change = changes[attribute];
    const operation = change && change.$update ? change : { $update: "set", value: change };
    const name = "#" + attribute;
    expressionNames[name] = attribute;
    if (operation.$update === "remove") {
      removed.push(name);
    } else {
      expressionValues[":" + attribute] = toDynamoDB(operation.value);
      set.push(assignments[operation.$update](name, ":" + attribute));
    }
  }
  const parts = [];
  if (set.length > 0) parts.push("SET " + set.join(", "));
  if (removed.length > 0) parts.push("REMOVE " + removed.join(", "));
  return {
    operation: "UpdateItem", key: toMapValues(key), condition: expression(condition, ""),
    update: { expression: parts.join(" "), expressionNames, expressionValues },
  };
};
