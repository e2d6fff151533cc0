// Requests to the platform's GraphQL API, whose address is in config.json.

const slot = "reventless.credential";
let config;

// load reads config.json.
export const load = async () => {
  const response = await fetch("/config.json", { cache: "no-cache" });
  if (!response.ok) throw new Error(`config.json cannot be read: HTTP ${response.status}`);
  config = await response.json();
  return config;
};

// The credential lives as long as the tab.
export const credential = () => sessionStorage.getItem(slot) ?? "";
export const keep = (value) => sessionStorage.setItem(slot, value);
export const forget = () => sessionStorage.removeItem(slot);

// access tells an API key from a token: a token of OpenID Connect has three parts.
export const access = () => {
  const value = credential();
  if (!value) return {};
  return value.split(".").length === 3 ? { authorization: value } : { "x-api-key": value };
};

// ask sends a request and gives the data of its answer, or throws what went wrong.
export const ask = async (query, variables = {}) => {
  let response;
  try {
    response = await fetch(config.graphqlUrl, {
      method: "POST", headers: { "content-type": "application/json", ...access() }, body: JSON.stringify({ query, variables }),
    });
  } catch (error) {
    throw new Error(`The API cannot be reached: ${error.message}`);
  }
  if (response.status === 401 || response.status === 403) throw new Error("The API refused the key or token. Give another one.");
  const answer = await response.json();
  if (answer.errors?.length) throw new Error(answer.errors.map((error) => error.message).join("\n"));
  return answer.data;
};
