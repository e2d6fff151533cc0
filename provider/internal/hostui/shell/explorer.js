// GraphiQL, which is loaded when somebody opens it.

import { access } from "/api.js";
import { byId, element } from "/element.js";

const first = `# Plugins, and what they could not process
{
  Platform_plugins {
    items { id version status lastSeen deadLetters { part messages } deadLettersAt }
  }
}
`;
let page;
let opening;

// style adds a style sheet, and waits for it: GraphiQL measures what it draws.
const style = (href) => new Promise((resolve, reject) => {
  const sheet = element("link", "", { rel: "stylesheet", href });
  sheet.addEventListener("load", resolve);
  sheet.addEventListener("error", () => reject(new Error(`${href} is not there`)));
  document.head.append(sheet);
});

const load = async (config) => {
  const response = await fetch("/graphiql.json", { cache: "no-cache" });
  const { script, styles } = await response.json();
  const [{ show }] = await Promise.all([import(script), style(styles)]);
  page = show(byId("graphiql-view"), {
    url: config.graphqlUrl, realtimeUrl: config.realtimeUrl, headers: access, storage: sessionStorage, defaultQuery: first,
  });
};

// open loads GraphiQL once; what failed is tried again when it is opened again.
export const open = async (config) => {
  opening ??= load(config);
  try {
    await opening;
  } catch (error) {
    opening = undefined;
    throw new Error(`GraphiQL cannot be loaded; load this page anew: ${error.message}`);
  }
};

// renew lets GraphiQL ask for the schema again, and forget what it shows.
export const renew = () => page?.draw();
