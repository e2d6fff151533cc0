// The platform's own page: which plugins there are, how they are, what they could not
// process, whose the fields are. GraphiQL is its other view.

import { ask, credential, forget, keep, load } from "/api.js";
import { byId, element, link, time } from "/element.js";
import { open, renew } from "/explorer.js";
import { showLetters } from "/letters.js";

const say = (text, failed = false) => {
  byId("status").textContent = text;
  byId("status").className = failed ? "failed" : "";
};

const pageQuery = `query Plugins($nextToken: String) {
  Platform_plugins(limit: 100, nextToken: $nextToken) {
    items {
      id version previousVersion status stack fields lastSeen message reason uiBundleUrl
      deadLetters { part messages } deadLettersAt
    }
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

const show = (items) => {
  byId("plugins").tBodies[0].replaceChildren(...items.map(row));
  showOwners(items);
  const letters = showLetters(items);
  const wrong = items.filter((plugin) => plugin.status !== "CONNECTED").length;
  say(`${items.length} plugins${wrong ? `, ${wrong} of them not connected` : ""}${letters ? `; dead letters: ${letters}` : ""}`, letters > 0);
};

const refresh = async () => {
  if (!credential()) {
    say("Give an API key or a token to see the plugins.");
    return;
  }
  say("Loading…");
  try {
    show(await plugins());
  } catch (error) {
    say(error.message, true);
  }
};

// clear takes away all that was read with the credential.
const clear = () => {
  show([]);
  byId("events").replaceChildren();
  byId("history").hidden = true;
};

// view shows the view that the address names.
const view = async (config) => {
  const explorer = location.hash === "#graphiql";
  byId("overview").hidden = explorer;
  byId("graphiql-view").hidden = !explorer;
  for (const [id, current] of [["to-graphiql", explorer], ["to-overview", !explorer]]) {
    if (current) byId(id).setAttribute("aria-current", "page"); else byId(id).removeAttribute("aria-current");
  }
  if (explorer) await open(config).catch((error) => say(error.message, true));
};

const listen = (config) => {
  byId("sign-in").addEventListener("submit", (event) => {
    event.preventDefault();
    keep(byId("credential").value.trim());
    byId("credential").value = "";
    renew();
    refresh();
  });
  byId("forget").addEventListener("click", () => {
    forget();
    clear();
    renew();
    refresh();
  });
  byId("refresh").addEventListener("click", refresh);
  addEventListener("hashchange", () => view(config));
};

try {
  const config = await load();
  document.title = config.platform;
  byId("title").textContent = config.platform;
  byId("credential-label").textContent = config.authenticationModes.includes("API_KEY") ? "API key or token" : "Token";
  listen(config);
  view(config);
  await refresh();
} catch (error) {
  say(error.message, true);
}
