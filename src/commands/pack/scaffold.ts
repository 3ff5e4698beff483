// Owns the files of a new snap pack: small, sound, and made to be changed.

const draft = 'http://json-schema.org/draft-07/schema#';
const text = (title: string, description: string, more: object = {}): object => ({
  title,
  description,
  type: 'string',
  minLength: 1,
  maxLength: 1000,
  ...more,
});

/** The files of a pack of that name, by path; `hostVersion` is the lowest host that it is for. */
export function packFiles(name: string, hostVersion: string): ReadonlyMap<string, string> {
  const call = { id: 'things.show', verb: 'GET', path: '/api/things/:id', action: 'show', kind: 'get' };
  const files: Record<string, unknown> = {
    'manifest.json': manifest(name, hostVersion),
    'schemas/oauth2.schema.json': settings(`${name}/account-types/oauth2`, ['host', 'clientId'], {
      host: text('Host', 'The name of the instance, as acme for acme.example.com.'),
      clientId: text('Client ID', 'Shown where the client was made.'),
      clientSecret: text('Client secret', 'Shown where the client was made.', { 'x-sensitive': true }),
      scopes: text('Scopes', 'Separated by spaces.'),
    }),
    'schemas/read.schema.json': settings(`${name}/settings/read`, ['resource', 'id'], {
      resource: text('Resource', 'What to read.', { 'x-literal': true }),
      id: text('ID', 'The ID of the record.'),
    }),
    'schemas/resources.json': [
      {
        key: 'things',
        title: 'Things',
        schema: 'objects/thing.schema.json',
        group: 'main',
        listable: false,
        cursorField: null,
        naturalKey: null,
        exportable: false,
        calls: [{ ...call, scope: 'things.read', scopeSource: 'documented' }],
      },
    ],
    'schemas/objects/thing.schema.json': {
      $schema: draft,
      $id: `${name}/objects/thing`,
      title: 'Thing',
      type: 'object',
      additionalProperties: true,
      properties: { id: { type: 'string' }, name: { type: ['string', 'null'] } },
    },
    'example.pipeline.json': {
      name: `${name}-example`,
      snaps: [
        { id: 'read', snap: `${name}.read`, account: name, settings: { resource: 'things', id: '1' } },
        { id: 'write', snap: 'core.write-file', settings: { path: 'things.ndjson', format: 'ndjson' } },
      ],
      links: [['read', 'write']],
    },
  };
  const written = Object.entries(files).map(
    ([file, value]) => [file, `${JSON.stringify(value, undefined, 2)}\n`] as const,
  );
  return new Map([...written, ['README.md', readme(name)]]);
}

function settings(id: string, required: readonly string[], properties: object): object {
  return {
    $schema: draft,
    $id: id,
    title: 'Settings',
    type: 'object',
    additionalProperties: false,
    required,
    properties,
  };
}

function manifest(name: string, hostVersion: string): object {
  return {
    manifestVersion: 1,
    pack: { name, version: '0.1.0', title: name, description: `Reads things of ${name}.`, hostVersion },
    accountTypes: [
      {
        id: `${name}.oauth2`,
        title: `${name} OAuth2`,
        description: 'A client with the client credentials grant.',
        settings: 'schemas/oauth2.schema.json',
        host: { setting: 'host', suffixes: ['example.com'] },
        oauth: {
          grants: ['client_credentials'],
          endpoints: { token: '{host}/oauth/token' },
          clientAuthentication: 'client_secret_post',
          pkce: 'none',
          scopes: { required: [], default: [] },
          refreshMarginSeconds: 120,
          tokenLifetimeSecondsMax: 86_400,
          settleSeconds: 0,
        },
        test: { path: '/api/things/1', acceptStatuses: [200, 403, 404] },
      },
    ],
    api: {
      baseUrl: '{host}',
      headers: { accept: 'application/json' },
      timeoutSeconds: 60,
      bodyBytesMax: 16_777_216,
      concurrency: 4,
      retry: { statuses: [429, 500, 502, 503, 504], attemptsMax: 4 },
      errorShapes: [{ format: 'json', at: '/message' }],
      errorRules: [
        {
          statuses: [401],
          class: 'auth',
          reason: 'refused the access token with {status}: {words}',
          resolution: 'run "snaps account test {account}"',
        },
      ],
    },
    resources: 'schemas/resources.json',
    operations: [
      {
        id: 'get',
        description: 'Reads one record by its ID.',
        call: 'get',
        idempotence: 'safe',
        idSetting: 'id',
        queryNames: 'as-written',
        query: {},
      },
    ],
    snaps: [
      {
        id: `${name}.read`,
        title: `${name} Read`,
        description: 'Reads one record.',
        category: 'read',
        views: { input: { min: 0, max: 1 }, output: { min: 0, max: 1 } },
        settings: 'schemas/read.schema.json',
        accountTypes: [`${name}.oauth2`],
        resourceSetting: 'resource',
        operations: [{ operation: 'get' }],
        preview: 'run',
      },
    ],
  };
}

const readme = (name: string): string => `# ${name}

A snap pack: data only. \`manifest.json\` says what there is, \`schemas/\` what each form and record holds.

1. Put the vendor's host suffix, token URL and paths into \`manifest.json\` and \`schemas/resources.json\`.
2. \`snaps pack check .\` names every fault at once.
3. \`snaps pipeline check example.pipeline.json --pack .\`
`;
