// The platform's own page: which plugins there are, how they are, whose the fields are.
// Data comes into the page as text only, never as HTML.

import { ask, credential, forget, keep, load } from "/api.js";

const byId = (id) => document.getElementById(id);

// element makes an element with a text or with children.
const element = (name, content = "", attributes = {}) => {
  const made = document.createElement(name);
  made.append(...(Array.isArray(content) ? content : [content ?? ""]));
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

const say = (text, failed = false) => {
  byId("status").textContent = text;
  byId("status").className = failed ? "failed" : "";
};

const pageQuery = `query Plugins($nextToken: String) {
  Platform_plugins(limit: 100, nextToken: $nextToken) {
    items { id version previousVersion status stack fields lastSeen message reason uiBundleUrl }
    nextToken
  }
}`;

// plugins reads all pages.
const plugins = async () => {
  const items = [];
  let nextToken = null;
  do {
    const { Platform_plugins: page } = await ask(pageQuery, { nextToken });
    items.push(...page.items);
    nextToken = page.nextToken;
  } while (nextToken);
  return items.sort((a, b) => a.id.localeCompare(b.id));
};

// link is a link to an address of http or https, and plain text of anything else.
const link = (address) => {
  if (!address) return element("span", "–");
  let url;
  try { url = new URL(address); } catch { return element("span", address); }
  if (url.protocol !== "https:" && url.protocol !== "http:") return element("span", address);
  return element("a", address, { href: url.href, rel: "noreferrer noopener", target: "_blank" });
};

const time = (text) => text ? element("time", new Date(text).toLocaleString(), { datetime: text }) : element("span", "–");

const row = (plugin) => {
  const events = element("button", "Show", { type: "button", "aria-label": `Show the events of ${plugin.id}` });
  events.addEventListener("click", () => showEvents(plugin.id).catch((error) => say(error.message, true)));
  const version = plugin.previousVersion ? `${plugin.version} (before: ${plugin.previousVersion})` : plugin.version;
  return element("tr", [
    element("th", plugin.id, { scope: "row" }),
    element("td", element("span", plugin.status, { class: plugin.status })),
    element("td", version), element("td", plugin.stack ?? "–"), element("td", [time(plugin.lastSeen)]),
    element("td", [plugin.message, plugin.reason].filter(Boolean).join("; ") || "–"),
    element("td", [link(plugin.uiBundleUrl)]), element("td", [events]),
  ]);
};

const showOwners = (items) => {
  const entries = items.filter((plugin) => plugin.fields.length > 0).flatMap((plugin) => [
    element("dt", plugin.id), element("dd", [...plugin.fields].sort().join(", ")),
  ]);
  byId("owners").replaceChildren(...entries);
};

const showEvents = async (id) => {
  const data = await ask(`query Events($id: ID!) {
    Platform_pluginEvents(id: $id, limit: 25) { items { number type time version detail } }
  }`, { id });
  const items = data.Platform_pluginEvents.items.map((event) => element("li", [
    element("strong", event.type), " ", time(event.time), event.version ? ` ${event.version} ` : " ", element("code", event.detail ?? ""),
  ], { value: event.number }));
  byId("events").replaceChildren(...items);
  byId("history-heading").textContent = `Events of ${id}, newest first`;
  byId("history").hidden = false;
  byId("history-heading").focus();
};

const refresh = async () => {
  if (!credential()) {
    say("Give an API key or a token to see the plugins.");
    return;
  }
  say("Loading…");
  try {
    const items = await plugins();
    byId("plugins").tBodies[0].replaceChildren(...items.map(row));
    showOwners(items);
    const wrong = items.filter((plugin) => plugin.status !== "CONNECTED").length;
    say(`${items.length} plugins` + (wrong ? `, ${wrong} of them not connected` : ""));
  } catch (error) {
    say(error.message, true);
  }
};

const send = async () => {
  const answer = byId("answer");
  answer.textContent = "…";
  try {
    const variables = byId("variables").value.trim();
    answer.textContent = JSON.stringify(await ask(byId("query").value, variables ? JSON.parse(variables) : {}), null, 2);
  } catch (error) {
    answer.textContent = error.message;
  }
};

const listen = () => {
  byId("sign-in").addEventListener("submit", (event) => {
    event.preventDefault();
    keep(byId("credential").value.trim());
    byId("credential").value = "";
    refresh();
  });
  byId("forget").addEventListener("click", () => {
    forget();
    byId("plugins").tBodies[0].replaceChildren();
    byId("owners").replaceChildren();
    byId("events").replaceChildren();
    byId("history").hidden = true;
    refresh();
  });
  byId("refresh").addEventListener("click", refresh);
  byId("query-form").addEventListener("submit", (event) => { event.preventDefault(); send(); });
  byId("query").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); send(); }
  });
};

try {
  const config = await load();
  document.title = config.platform;
  byId("title").textContent = config.platform;
  byId("credential-label").textContent = config.authenticationModes.includes("API_KEY") ? "API key or token" : "Token";
  listen();
  await refresh();
} catch (error) {
  say(error.message, true);
}
