// Owns the scope list and the drill-down into what one scope permits.

import type { ScopeCatalog } from '../contract.ts';
import { routes } from '../routes.ts';
import { permissionsOf, scopeNames } from '../scope-catalog.ts';
import { type Answer, message, type SiteRoute } from '../site.ts';
import { html } from './html.ts';

export function scopeRoutes(catalog: ScopeCatalog): readonly SiteRoute[] {
  return [
    { method: 'GET', path: routes.scopes, answer: () => list(catalog) },
    { method: 'GET', path: `${routes.scopes}/:id`, answer: (visit) => show(catalog, visit.id) },
  ];
}

function list(catalog: ScopeCatalog): Answer {
  const rows = scopeNames(catalog).map((name) => {
    const objects = Object.keys(permissionsOf(catalog, name));
    return html`<tr><td><a href="${routes.scopes}/${name}"><code>${name}</code></a></td><td>${objects.join(', ') || '\u2013'}</td></tr>`;
  });
  const body = html`<div class="scroll"><table>
<thead><tr><th scope="col">Scope</th><th scope="col">Objects</th></tr></thead>
<tbody>${rows}</tbody></table></div>`;
  return { page: { title: 'Scopes', body } };
}

function show(catalog: ScopeCatalog, name: string): Answer {
  if (!scopeNames(catalog).includes(name)) return message(404, 'No such scope', `There is no scope ${name}.`);
  const objects = Object.entries(permissionsOf(catalog, name));
  const table = html`<div class="scroll"><table>
<thead><tr><th scope="col">API object</th><th scope="col">Permissions</th></tr></thead>
<tbody>${objects.map(([title, actions]) => html`<tr><td>${title}</td><td>${actions.join(', ')}</td></tr>`)}</tbody></table></div>`;
  const body = html`${objects.length > 0 ? table : html`<p>No API permissions are listed under this scope.</p>`}
<p><a href="${routes.scopes}">All scopes</a></p>`;
  return { page: { title: name, body } };
}
