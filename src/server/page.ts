// Owns the web host's page: a shell, a style sheet and a script. The page holds its token itself and fetches all data.
import type { FastifyInstance } from 'fastify';

const html = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>snaps</title>
<link rel="stylesheet" href="/app.css">
<script type="module" src="/app.js"></script>
</head>
<body>
<header><h1>snaps</h1></header>
<main>
<p id="message" role="status">Loading</p>
<section aria-labelledby="runs-title"><h2 id="runs-title">Runs</h2><table id="runs"></table></section>
<section aria-labelledby="accounts-title"><h2 id="accounts-title">Accounts</h2><table id="accounts"></table></section>
</main>
</body>
</html>
`;

const css = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; }
table { border-collapse: collapse; width: 100%; }
th, td { border-bottom: 1px solid color-mix(in srgb, currentColor 20%, transparent); padding: .4rem .6rem; text-align: left; }
`;

const js = `const storageKey = 'snaps-page-token';
const message = document.getElementById('message');

async function call(path, body) {
  const headers = { 'x-snaps-page': sessionStorage.getItem(storageKey) ?? '' };
  if (body) headers['content-type'] = 'application/json';
  const answer = await fetch(path, { headers, method: body ? 'POST' : 'GET', body: body && JSON.stringify(body) });
  const json = await answer.json();
  if (!answer.ok) throw new Error(json.error.message);
  return json;
}

// Text only: names and messages come from records and must never become markup.
function fill(id, columns, rows) {
  const table = document.getElementById(id);
  const line = (tag, texts) => {
    const row = document.createElement('tr');
    for (const text of texts) {
      const cell = document.createElement(tag);
      cell.textContent = text ?? '';
      row.append(cell);
    }
    return row;
  };
  table.replaceChildren(line('th', columns), ...rows.map((row) => line('td', columns.map((column) => row[column]))));
}

async function start() {
  const signIn = new URLSearchParams(location.hash.slice(1)).get('sign-in');
  if (signIn) {
    history.replaceState(null, '', '/');
    const { pageToken } = await call('/api/session', { token: signIn });
    sessionStorage.setItem(storageKey, pageToken);
  }
  const [runs, accounts] = await Promise.all([call('/api/runs'), call('/api/accounts')]);
  fill('runs', ['runId', 'pipeline', 'state', 'startedAt', 'finishedAt'], runs);
  fill('accounts', ['name', 'type', 'state'], accounts);
  message.textContent = runs.length === 0 ? 'No run yet. Start one with: snaps run FILE' : '';
}

start().catch((error) => { message.textContent = error.message; });
`;

/** Adds the page and its two files. They say nothing about anybody's data and need no session. */
export function addPage(server: FastifyInstance): void {
  server.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(html));
  server.get('/app.css', async (_request, reply) => reply.type('text/css; charset=utf-8').send(css));
  server.get('/app.js', async (_request, reply) => reply.type('text/javascript; charset=utf-8').send(js));
}
