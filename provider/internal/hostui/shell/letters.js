// The dead letters: how many, as of when, and the commands that deal with them.

import { byId, element, time } from "/element.js";

// command is what a shell runs. The platform's queues are found without a name.
const command = (verb, plugin, part) => {
  const owner = plugin.id === "Platform" ? "" : ` --plugin ${plugin.id}`;
  return element("code", `reventless dlq ${verb} ${part} --stack ${plugin.stack}${owner}`);
};

const row = (plugin, queue) => element("tr", [
  element("th", plugin.id, { scope: "row" }), element("td", queue.part),
  element("td", queue.messages === null ? "could not be counted" : String(queue.messages)), element("td", [time(plugin.deadLettersAt)]),
  element("td", [command("show", plugin, queue.part)]), element("td", [command("redrive", plugin, queue.part)]),
]);

// silent says of which plugins nothing is known that should have queues.
const silent = (items) => items.filter((plugin) => plugin.deadLetters === null && ["CONNECTED", "DISCONNECTED", "INACTIVE"].includes(plugin.status))
  .map((plugin) => plugin.id);

// showLetters shows the queues that have messages or could not be counted, and gives the
// number of messages.
export const showLetters = (items) => {
  const queues = items.flatMap((plugin) => (plugin.deadLetters ?? []).map((queue) => ({ plugin, queue })));
  const shown = queues.filter(({ queue }) => queue.messages !== 0);
  byId("letters").tBodies[0].replaceChildren(...shown.map(({ plugin, queue }) => row(plugin, queue)));
  byId("letters").hidden = shown.length === 0;
  const unknown = silent(items);
  byId("letters-note").textContent = [
    shown.length === 0 && queues.length > 0 ? "There are none." : "",
    unknown.length > 0 ? `Plugins tell their numbers with their heartbeats. Not known are those of ${unknown.join(", ")}.` : "",
  ].filter(Boolean).join(" ");
  return queues.reduce((sum, { queue }) => sum + (queue.messages ?? 0), 0);
};
