// Writes schemas/host/openapi.json, the description of the web host's API, from the routes themselves.
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openHost, resolveConfig } from '../src/host.ts';
import { buildServer } from '../src/server/server.ts';
import { Sessions } from '../src/server/session.ts';
import { printJson } from './print-json.ts';

/** The description as text, as it is checked in. */
export async function openApiText(): Promise<string> {
  const host = await openHost(await resolveConfig({ directory: tmpdir() }));
  const server = await buildServer(host, {
    guard: {
      hosts: new Set(),
      origins: new Set(),
      cookieName: '',
      metricsToken: undefined,
      sessions: new Sessions(Date.now),
    },
    onTokenGone: () => undefined,
    now: Date.now,
    pageFolder: '',
  });
  try {
    await server.ready();
    return printJson(JSON.parse(JSON.stringify(server.swagger())));
  } finally {
    await server.close();
    await host.close();
  }
}

if (import.meta.main) {
  writeFileSync(path.join(import.meta.dirname, '..', 'schemas', 'host', 'openapi.json'), await openApiText());
}
