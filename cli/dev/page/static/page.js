// Shows the state of the local AWS, asked for again and again, and what happens, as it comes.
// Whatever plugins and functions say is put in as text, never as HTML.

const by = (id) => document.getElementById(id);
const stateInterval = 2000;
const keptLines = 500;

function element(name, text, className) {
  const made = document.createElement(name);
  if (text !== undefined) made.textContent = text;
  if (className) made.className = className;
  return made;
}

function list(items, make) {
  const made = element('ul');
  for (const item of items) {
    const line = element('li');
    line.append(make(item));
    made.append(line);
  }
  return made;
}

function row(...cells) {
  const made = element('tr');
  for (const cell of cells) {
    const td = element('td');
    td.append(cell);
    made.append(td);
  }
  return made;
}

function tableButton(plugin, table) {
  const button = element('button', `${table.name}: ${table.items}`);
  button.setAttribute('aria-label', `Show ${table.name} of ${plugin.name}, ${table.items} items`);
  button.addEventListener('click', () => showRows(`${plugin.name} ${table.name}`, table.table));
  return button;
}

async function showRows(title, table) {
  const response = await fetch(`/api/rows?table=${encodeURIComponent(table)}`);
  by('rows-title').textContent = title;
  by('rows').textContent = response.ok ? JSON.stringify(await response.json(), null, 2) : await response.text();
  by('rows-section').hidden = false;
}

const counts = (stack) => Object.entries(stack.changes ?? {}).map(([operation, count]) => `${count} ${operation}`).join(', ');

function show(state) {
  const failed = (state.deployment?.stacks ?? []).filter((stack) => stack.status === 'failed');
  const letters = state.plugins.flatMap((plugin) => plugin.queues).filter((queue) => queue.deadLetter && queue.messages > 0);
  by('status').textContent = state.problem
    ?? (`${state.plugins.length} plugins` + (failed.length ? `, ${failed.length} failed` : '') + (letters.length ? `, dead letters in ${letters.length} queues` : ''));
  by('addresses').replaceChildren(...state.addresses.map(({ name, url }) => Object.assign(element('a', name), { href: url })));
  by('stacks').tBodies[0].replaceChildren(...(state.deployment?.stacks ?? []).map((stack) => row(
    stack.name, element('span', stack.status, stack.status), stack.seconds.toFixed(1), stack.reason ?? counts(stack))));
  by('plugins').tBodies[0].replaceChildren(...state.plugins.map((plugin) => row(
    plugin.name, plugin.version, element('span', plugin.status, plugin.status),
    list(plugin.eventLogs, (table) => tableButton(plugin, table)),
    list(plugin.readModels, (table) => tableButton(plugin, table)),
    list(plugin.queues.filter((queue) => !queue.deadLetter), (queue) => `${queue.name}: ${queue.messages}`),
    list(plugin.queues.filter((queue) => queue.deadLetter && queue.messages > 0), (queue) => element('span', `${queue.name}: ${queue.messages}`, 'letters')))));
  by('owners').replaceChildren(...state.plugins.flatMap((plugin) => [element('dt', plugin.name), element('dd', plugin.fields.join(', ') || 'none')]));
}

async function refresh() {
  try {
    const response = await fetch('/api/state');
    if (!response.ok) throw new Error(await response.text());
    show(await response.json());
  } catch (problem) {
    by('status').textContent = `no answer: ${problem.message}`;
  }
  setTimeout(refresh, stateInterval);
}

function happen(happening) {
  const lines = by('happenings');
  const follows = lines.scrollTop + lines.clientHeight >= lines.scrollHeight - 20;
  const line = element('li', undefined, happening.kind);
  const data = happening.data === undefined ? '' : ' ' + JSON.stringify(happening.data);
  line.append(new Date(happening.time).toLocaleTimeString() + ' ', element('span', happening.source, 'source'), ` ${happening.text}${data}`);
  lines.append(line);
  while (lines.children.length > keptLines) lines.firstChild.remove();
  if (follows) lines.scrollTop = lines.scrollHeight;
}

for (const kind of ['event', 'log', 'deployment']) {
  by(`show-${kind}`).addEventListener('change', ({ target }) => by('happenings').classList.toggle(`no-${kind}`, !target.checked));
}
new EventSource('/api/happenings').addEventListener('message', ({ data }) => happen(JSON.parse(data)));
refresh();
