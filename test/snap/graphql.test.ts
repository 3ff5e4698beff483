import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { createHttpClient } from '../../src/http/client.ts';
import type { HttpClient } from '../../src/http/contract.ts';
import { loadPack, type Pack } from '../../src/pack/index.ts';
import { checkSettings, createQueryExecutor } from '../../src/snap/index.ts';
import { type FakeContextOptions, fakeContext } from '../support/fake-context.ts';

let pack: Pack;
let server: Server;
let client: HttpClient;
let baseUrl: URL;
const asked: JsonObject[] = [];
const answers = new Map<string, { readonly status?: number; readonly body: string }>();

beforeAll(async () => {
  pack = await loadPack(path.join(import.meta.dirname, '../..'));
  server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const question = JSON.parse(body) as { query: string; variables?: JsonObject };
    asked.push(question);
    const { status = 200, body: answer } = answers.get(question.query) ?? { body: '{}' };
    response.writeHead(status, { 'content-type': 'application/json' }).end(answer);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  baseUrl = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  client = createHttpClient({ allowedHosts: ['127.0.0.1'] });
});
afterAll(async () => {
  await client.close();
  server.close();
});

async function ask(settings: JsonObject, more: Omit<FakeContextOptions, 'settings'> = {}) {
  const snap = pack.snaps.get('coupa.graphql');
  if (snap === undefined) throw new Error('no coupa.graphql');
  expect(checkSettings(pack, snap, settings)).toEqual([]);
  const context = fakeContext({ settings, ...more });
  await createQueryExecutor({ pack, snap, connect: async () => ({ account: 'a', baseUrl, send: client.send }) }).run(
    context,
  );
  return context;
}

describe('asking a query', () => {
  it('gives each record of the one list that was found, exact to the digit', async () => {
    answers.set('{ invoices { id total } }', {
      body: '{"data":{"invoices":[{"id":1,"total":12345678901234567.89},{"id":2}]}}',
    });
    const { emitted } = await ask({ query: '{ invoices { id total } }' });
    expect(JSON.stringify(emitted)).toBe('[{"id":1,"total":12345678901234567.89},{"id":2}]');
  });

  it('gives what was found as one record when it is not one list', async () => {
    answers.set('{ a { id } b { id } }', { body: '{"data":{"a":[{"id":1}],"b":[]},"errors":[]}' });
    expect((await ask({ query: '{ a { id } b { id } }' })).emitted).toEqual([{ a: [{ id: 1 }], b: [] }]);
  });

  it('makes an error document of errors with status 200, and goes on with the next document', async () => {
    answers.set('bad', { body: '{"data":null,"errors":[{"message":"Field \'x\' does not exist"}]}' });
    answers.set('good', { body: '{"data":{"suppliers":[{"id":7}]}}' });
    const { emitted, failures } = await ask(
      { query: 'good' },
      { input: [{ q: 'bad' }, { q: 'good' }], resolve: (document) => ({ query: String(document?.value.q) }) },
    );
    expect(emitted).toEqual([{ id: 7 }]);
    expect(failures).toHaveLength(1);
    expect(failures[0]?.document).toEqual({ q: 'bad' });
    expect(failures[0]?.error).toMatchObject({
      code: 'SNAP_RECORD_REFUSED',
      reason: expect.stringContaining("Field 'x' does not exist"),
    });
  });

  it('sends the variables, and leaves them out when there are none', async () => {
    answers.set('v', { body: '{"data":{"n":1}}' });
    asked.length = 0;
    await ask({ query: 'v', variables: { id: 5 } });
    await ask({ query: 'v' });
    expect(asked).toEqual([{ query: 'v', variables: { id: 5 } }, { query: 'v' }]);
  });

  it('fails on an answer without data and on a refusal, in the words of the far side', async () => {
    answers.set('empty', { body: '{}' });
    await expect(ask({ query: 'empty' })).rejects.toMatchObject({ code: 'SNAP_ANSWER_MALFORMED' });
    answers.set('refused', { status: 403, body: '{"error":"not for you"}' });
    await expect(ask({ query: 'refused' })).rejects.toMatchObject({ reason: expect.stringContaining('not for you') });
  });
});
