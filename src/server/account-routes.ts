// Owns the routes of accounts: list, add, change, test, remove. Secrets come in and never go out.
import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../document/json.ts';
import type { Host } from '../host/host.ts';
import { idParameter, tag, texts } from './schemas.ts';

interface Named {
  readonly Params: { readonly id: string };
}

interface Change {
  readonly settings: JsonObject;
  readonly secrets?: Readonly<Record<string, string>>;
}

const nameLengthMax = 200;
const change = {
  settings: { type: 'object', maxProperties: 100, additionalProperties: { type: ['string', 'number', 'boolean'] } },
  secrets: { ...texts, additionalProperties: { type: 'string', maxLength: 65_536 } },
} as const;

export function addAccountRoutes(server: FastifyInstance, host: Host): void {
  const { accounts } = host;
  server.get('/api/accounts', { schema: tag('Accounts', 'List the accounts, without secrets') }, async () =>
    accounts.list(),
  );
  server.get<Named>(
    '/api/accounts/:id',
    { schema: { ...tag('Accounts', 'Show an account, without secrets'), params: idParameter } },
    async (request) => accounts.show(await accountNameOf(host, request.params.id)),
  );
  server.post<{ Body: Change & { readonly name: string; readonly type: string } }>(
    '/api/accounts',
    {
      schema: {
        ...tag('Accounts', 'Add an account by the form of its type'),
        body: {
          type: 'object',
          required: ['name', 'type', 'settings'],
          additionalProperties: false,
          properties: {
            name: { type: 'string', maxLength: nameLengthMax },
            type: { type: 'string', maxLength: nameLengthMax },
            ...change,
          },
        },
      },
    },
    async (request, reply) => {
      const account = await accounts.add({ ...request.body, secrets: request.body.secrets ?? {} });
      return reply.code(201).send(account);
    },
  );
  server.put<Named & { Body: Change }>(
    '/api/accounts/:id',
    {
      schema: {
        ...tag('Accounts', 'Replace the settings of an account; secrets that are absent, empty or masked stay'),
        params: idParameter,
        body: { type: 'object', required: ['settings'], additionalProperties: false, properties: change },
      },
    },
    async (request) =>
      accounts.update(await accountNameOf(host, request.params.id), {
        settings: request.body.settings,
        secrets: request.body.secrets ?? {},
        isWhole: true,
      }),
  );
  server.delete<Named>(
    '/api/accounts/:id',
    { schema: { ...tag('Accounts', 'Revoke and remove an account'), params: idParameter } },
    async (request) => {
      const name = await accountNameOf(host, request.params.id);
      return { name, removed: true, ...(await accounts.remove(name)) };
    },
  );
  server.post<Named>(
    '/api/accounts/:id/test',
    { schema: { ...tag('Accounts', 'Make one cheap call with an account'), params: idParameter } },
    async (request) => accounts.test(await accountNameOf(host, request.params.id)),
  );
}

/** The name of the account that a path names by its id or by its name. Throws SNAP_ACCOUNT_NOT_FOUND later, by its use. */
export async function accountNameOf({ accounts }: Host, idOrName: string): Promise<string> {
  const all = await accounts.list();
  return all.find(({ id }) => id === idOrName)?.name ?? idOrName;
}
