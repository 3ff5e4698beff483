// A small table service of another vendor, over a real socket: one table, encoded queries, pages by offset, a token endpoint.
import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';

export type TableRecord = Readonly<Record<string, string>>;

export interface FakeServiceNow {
  readonly url: string;
  /** Decoded `sysparm_query` of every list request. */
  readonly queries: readonly string[];
  close(): Promise<void>;
}

const choices = [
  { value: '1', label: 'New' },
  { value: '2', label: 'In Progress' },
];

export const clientSecret = 'canary-table-secret';

export async function startFakeServiceNow(records: readonly TableRecord[]): Promise<FakeServiceNow> {
  const queries: string[] = [];
  const attachments = new Map<string, Buffer>();
  const server = createServer((request, response) => {
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
    const url = new URL(request.url ?? '/', 'http://fake');
    void bytesOf(request).then(async (bytes) => {
      const body = bytes.toString();
      if (url.pathname === '/oauth_token.do') {
        const isRight = new URLSearchParams(body).get('client_secret') === clientSecret;
        return isRight
          ? answer(200, { access_token: 'table-token', token_type: 'Bearer', expires_in: 1800, scope: 'useraccount' })
          : answer(401, { error: 'invalid_client' });
      }
      if (request.headers.authorization !== 'Bearer table-token') {
        return answer(401, { error: { message: 'User Not Authenticated', detail: 'no token' }, status: 'failure' });
      }
      if (url.pathname === '/api/now/table/sys_choice') {
        const query = url.searchParams.get('sysparm_query') ?? '';
        queries.push(query);
        return answer(200, { result: query.includes('^element=state^') ? choices : [] });
      }
      if (url.pathname === '/api/now/attachment/upload') {
        const type = request.headers['content-type'] ?? '';
        const form = await new Response(new Uint8Array(bytes), { headers: { 'content-type': type } }).formData();
        const file = form.get('uploadFile');
        if (!(file instanceof File))
          return answer(400, { error: { message: 'no file', detail: 'uploadFile is missing' } });
        const [table, record] = ['table_name', 'table_sys_id'].map((name) => String(form.get(name)));
        const sysId = `a${attachments.size}`;
        attachments.set(sysId, Buffer.from(await file.arrayBuffer()));
        const made = { sys_id: sysId, file_name: file.name, content_type: file.type, table_name: table };
        return answer(201, { result: { ...made, table_sys_id: record } });
      }
      const attachment = /^\/api\/now\/attachment\/([^/]+)\/file$/.exec(url.pathname)?.[1];
      if (attachment !== undefined) {
        return response.writeHead(200, { 'content-type': 'application/pdf' }).end(attachments.get(attachment));
      }
      const id = /^\/api\/now\/table\/incident\/([^/]+)$/.exec(url.pathname)?.[1];
      if (id === undefined) {
        queries.push(url.searchParams.get('sysparm_query') ?? '');
        return answer(200, { result: page(records, url.searchParams) });
      }
      const found = records.find((record) => record.sys_id === id);
      return found === undefined
        ? answer(404, { error: { message: 'No Record found', detail: `no incident ${id}` }, status: 'failure' })
        : answer(200, { result: found });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    queries,
    close: async () => {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

/** Conditions joined by ^ (doubled inside values), and an order. */
function page(records: readonly TableRecord[], parameters: URLSearchParams): TableRecord[] {
  const terms = (parameters.get('sysparm_query') ?? '').replaceAll('^^', '\0').split('^');
  const conditions = terms.map((term) => /^(\w+)(=|!=)(.*)$/.exec(term.replaceAll('\0', '^'))).filter((each) => each);
  const fields = parameters.get('sysparm_fields')?.split(',');
  const matching = records.filter((record) =>
    conditions.every((each) => (record[each?.[1] ?? ''] === each?.[3]) === (each?.[2] === '=')),
  );
  const ordered = matching.toSorted((left, right) => ((left.sys_id ?? '') < (right.sys_id ?? '') ? -1 : 1));
  const offset = Number(parameters.get('sysparm_offset') ?? 0);
  return ordered
    .slice(offset, offset + Number(parameters.get('sysparm_limit') ?? 10_000))
    .map((record) =>
      fields === undefined ? record : Object.fromEntries(fields.map((field) => [field, record[field] ?? ''])),
    );
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}
