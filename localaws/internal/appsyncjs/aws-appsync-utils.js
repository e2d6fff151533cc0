// The stand-in for @aws-appsync/utils. It keeps what it needs of the language and
// then takes away what AppSync's runtime does not have.
const host = globalThis.__host;
const NativeDate = Date;
const NativeRegExp = RegExp;
for (const name of ["__host", "Date", "RegExp", "Promise", "Function", "Proxy", "Reflect", "eval", "WeakMap", "WeakSet"]) {
  delete globalThis[name];
}
delete Math.abs;
delete String.prototype.padStart;
const nativeSort = Array.prototype.sort;
Object.defineProperty(Array.prototype, "sort", {
  value: function (compare) {
    if (compare !== undefined) {
      throw new TypeError("sort comparators are not supported");
    }
    return nativeSort.call(this);
  },
});

// Thrown ends a handler: by util.error or by runtime.earlyReturn.
class Thrown {
  constructor(content) {
    this.content = content;
  }
}

let appended = [];
let current = {};
let extended = {};

const nothing = (value) => (value === undefined ? null : value);
const failure = (message, type, data, info) => ({
  message: message === undefined ? null : String(message),
  type: type === undefined || type === null ? "" : String(type),
  data: nothing(data),
  info: nothing(info),
});
const fail = (message, type, data, info) => {
  throw new Thrown({ error: failure(message, type, data, info) });
};

// evaluate runs a handler on a context and answers with JSON (see Evaluation).
export function evaluate(handler, text) {
  const context = JSON.parse(text);
  appended = [];
  current = context;
  extended = { invalidations: [] };
  let answer;
  try {
    answer = { result: handler(context) };
  } catch (thrown) {
    if (!(thrown instanceof Thrown)) {
      throw thrown;
    }
    answer = thrown.content;
  }
  return JSON.stringify({ ...answer, stash: context.stash, errors: appended, extensions: extended });
}

export const runtime = {
  earlyReturn(value) {
    throw new Thrown({ early: true, result: value });
  },
};

export const extensions = {
  setSubscriptionFilter(filter) {
    extended.filter = filter;
  },
  setSubscriptionInvalidationFilter(filter) {
    extended.invalidationFilter = filter;
  },
  invalidateSubscriptions(invalidation) {
    extended.invalidations.push(invalidation);
  },
  evictFromApiCache() {},
};

// --- DynamoDB values ---

const encode = (value) => {
  if (value === null || value === undefined) return { NULL: true };
  if (typeof value === "string") return { S: value };
  if (typeof value === "number") return { N: JSON.stringify(value) };
  if (typeof value === "boolean") return { BOOL: value };
  if (Array.isArray(value)) return { L: value.map(encode) };
  return { M: encodeMap(value) };
};
const encodeMap = (object) => {
  const result = {};
  for (const key in object) {
    if (object[key] !== undefined) result[key] = encode(object[key]);
  }
  return result;
};

const dynamodb = {
  toDynamoDB: encode,
  toMapValues: encodeMap,
  toMap: (value) => ({ M: encodeMap(value) }),
  toList: (value) => ({ L: value.map(encode) }),
  toString: (value) => (value === null || value === undefined ? null : { S: String(value) }),
  toStringSet: (value) => (value === null || value === undefined ? null : { SS: value }),
  toNumber: (value) => (value === null || value === undefined ? null : { N: JSON.stringify(value) }),
  toNumberSet: (value) => (value === null || value === undefined ? null : { NS: value.map((n) => JSON.stringify(n)) }),
  toBinary: (value) => (value === null || value === undefined ? null : { B: value }),
  toBinarySet: (value) => (value === null || value === undefined ? null : { BS: value }),
  toBoolean: (value) => (value === null || value === undefined ? null : { BOOL: value }),
  toNull: () => ({ NULL: true }),
};

// --- Conditions ---

const comparisons = { eq: "=", ne: "<>", le: "<=", lt: "<", ge: ">=", gt: ">" };
const functions = { contains: "contains", notContains: "NOT contains", beginsWith: "begins_with" };

// expressionOf writes a filter like {name: {eq: "x"}, or: [...]} as a DynamoDB expression.
// encodeValue says in which form the values are wanted.
export const expressionOf = (filter, prefix, encodeValue) => {
  const names = {};
  const values = {};
  let count = 0;
  const value = (attribute, operator, content) => {
    count = count + 1;
    const name = ":" + prefix + attribute.split(".").join("_") + "_" + operator + "_" + count;
    values[name] = encodeValue(content);
    return name;
  };
  const condition = (attribute, operator, operand) => {
    const path = attribute.split(".").map((part) => {
      names["#" + part] = part;
      return "#" + part;
    }).join(".");
    if (comparisons[operator]) return "(" + path + " " + comparisons[operator] + " " + value(attribute, operator, operand) + ")";
    if (functions[operator]) return "(" + functions[operator] + "(" + path + ", " + value(attribute, operator, operand) + "))";
    if (operator === "between") return "(" + path + " BETWEEN " + value(attribute, operator, operand[0]) + " AND " + value(attribute, operator, operand[1]) + ")";
    if (operator === "in") return "(" + path + " IN (" + operand.map((one) => value(attribute, operator, one)).join(", ") + "))";
    if (operator === "attributeExists") return "(" + (operand ? "attribute_exists" : "attribute_not_exists") + "(" + path + "))";
    if (operator === "attributeType") return "(attribute_type(" + path + ", " + value(attribute, operator, operand) + "))";
    return fail("Unsupported filter operator: " + operator, "TransformError");
  };
  const write = (part) => {
    const parts = [];
    for (const key in part) {
      if (key === "and" || key === "or") {
        parts.push("(" + part[key].map(write).join(key === "and" ? " AND " : " OR ") + ")");
      } else if (key === "not") {
        parts.push("(NOT " + write(part[key]) + ")");
      } else {
        for (const operator in part[key]) parts.push(condition(key, operator, part[key][operator]));
      }
    }
    return parts.length === 1 ? parts[0] : "(" + parts.join(" AND ") + ")";
  };
  const expression = write(filter);
  return { expression, expressionNames: names, expressionValues: values };
};

// --- Subscription filters ---

// combine joins each of some lists of rules with each of others: both must hold.
const combine = (some, others) => {
  const result = [];
  for (const one of some) {
    for (const other of others) result.push(one.concat(other));
  }
  return result;
};

// alternatives are the lists of rules of which one must hold. ignored are fields to leave out.
const alternatives = (filter, ignored) => {
  let result = [[]];
  for (const key in filter) {
    if (key === "and") {
      for (const part of filter.and) result = combine(result, alternatives(part, ignored));
    } else if (key === "or") {
      const any = [];
      for (const part of filter.or) any.push(...alternatives(part, ignored));
      if (any.length > 0) result = combine(result, any);
    } else if (!ignored.includes(key)) {
      const rules = [];
      for (const operator in filter[key]) rules.push({ fieldName: key, operator, value: filter[key][operator] });
      result = combine(result, [rules]);
    }
  }
  return result;
};

// toSubscriptionFilter writes {name: {eq: "x"}, or: […]} as a filter group. At least one of the
// strict rules must hold besides the filter.
const toSubscriptionFilter = (filter, ignored, strict) => {
  let group = alternatives(filter || {}, ignored || []);
  const any = [];
  for (const key in strict || {}) any.push(...alternatives({ [key]: strict[key] }, []));
  if (any.length > 0) group = combine(group, any);
  return { filterGroup: group.filter((rules) => rules.length > 0).map((rules) => ({ filters: rules })) };
};

const transform = {
  toSubscriptionFilter,
  toDynamoDBFilterExpression: (filter) => JSON.stringify(expressionOf(filter, "", encode)),
  toDynamoDBConditionExpression: (condition) => JSON.stringify(expressionOf(condition, "", encode)),
};

// --- Time, text, numbers, lists ---

const iso = (date) => date.toISOString();
const time = {
  nowISO8601: () => iso(new NativeDate()),
  nowEpochSeconds: () => Math.floor(NativeDate.now() / 1000),
  nowEpochMilliSeconds: () => NativeDate.now(),
  parseISO8601ToEpochMilliSeconds: (text) => NativeDate.parse(text),
  epochMilliSecondsToISO8601: (milliseconds) => iso(new NativeDate(milliseconds)),
  epochMilliSecondsToSeconds: (milliseconds) => Math.floor(milliseconds / 1000),
};

const pick = (object, keys, wanted) => {
  const result = {};
  for (const key in object) {
    if (keys.includes(key) === wanted) result[key] = object[key];
  }
  return result;
};

const isNull = (value) => value === null || value === undefined;
const isNullOrEmpty = (value) => isNull(value) || value === "" || (Array.isArray(value) && value.length === 0);
const isNullOrBlank = (value) => isNull(value) || (typeof value === "string" && value.trim() === "");
const isMap = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

export const util = {
  error: fail,
  appendError(message, type, data, info) {
    appended.push(failure(message, type, data, info));
  },
  unauthorized() {
    const info = current.info || {};
    fail("Not Authorized to access " + info.fieldName + " on type " + info.parentTypeName, "Unauthorized");
  },
  validate(condition, message, type, data) {
    if (!condition) fail(message, type === undefined ? "CustomTemplateException" : type, data);
  },
  autoId: () => host.uuid(),
  authType() {
    const identity = current.identity;
    if (isNull(identity)) return "API Key Authorization";
    return identity.userArn ? "IAM Authorization" : "User Pool Authorization";
  },
  matches: (pattern, text) => new NativeRegExp(pattern).test(text),
  isNull,
  isNullOrEmpty,
  isNullOrBlank,
  defaultIfNull: (value, other) => (isNull(value) ? other : value),
  defaultIfNullOrEmpty: (value, other) => (isNullOrEmpty(value) ? other : value),
  defaultIfNullOrBlank: (value, other) => (isNullOrBlank(value) ? other : value),
  isString: (value) => typeof value === "string",
  isNumber: (value) => typeof value === "number",
  isBoolean: (value) => typeof value === "boolean",
  isList: (value) => Array.isArray(value),
  isMap,
  typeOf(value) {
    if (isNull(value)) return "Null";
    if (Array.isArray(value)) return "List";
    return { string: "String", number: "Number", boolean: "Boolean", object: "Map" }[typeof value] || "Object";
  },
  toJson: (value) => JSON.stringify(value),
  parseJson: (text) => JSON.parse(text),
  base64Encode: (text) => host.base64Encode(text),
  base64Decode: (text) => host.base64Decode(text),
  urlEncode: (text) => host.urlEncode(text),
  urlDecode: (text) => host.urlDecode(text),
  dynamodb,
  transform,
  time,
  str: {
    toUpper: (text) => text.toUpperCase(),
    toLower: (text) => text.toLowerCase(),
    toReplace: (text, part, other) => text.split(part).join(other),
    normalize: (text, form) => text.normalize(form.toUpperCase()),
  },
  math: {
    roundNum: (value) => Math.round(value),
    minVal: (a, b) => Math.min(a, b),
    maxVal: (a, b) => Math.max(a, b),
    randomDouble: () => Math.random(),
    randomWithinRange: (low, high) => low + Math.floor(Math.random() * (high - low)),
  },
  list: {
    copyAndRetainAll: (list, kept) => list.filter((one) => kept.includes(one)),
    copyAndRemoveAll: (list, dropped) => list.filter((one) => !dropped.includes(one)),
  },
  map: {
    copyAndRetainAllKeys: (object, keys) => pick(object, keys, true),
    copyAndRemoveAllKeys: (object, keys) => pick(object, keys, false),
  },
};
