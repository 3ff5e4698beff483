import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DocumentedCall, DocumentedCalls } from '../../support/documented-calls.ts';
import { Tenant } from '../support.ts';

const records = 60;
const documented = new DocumentedCalls(records);

let tenant: Tenant;
beforeAll(async () => {
  tenant = await Tenant.start({ records, control: true });
});
afterAll(() => tenant.close());

const form = (): { readonly type: string; readonly body: string } => ({
  type: 'multipart/form-data; boundary=xx',
  body: [
    '--xx\r\nContent-Disposition: form-data; name="attachment[type]"\r\n\r\nfile\r\n',
    '--xx\r\nContent-Disposition: form-data; name="attachment[file]"; filename="a.txt"\r\nContent-Type: text/plain\r\n\r\nhello\r\n',
    '--xx--\r\n',
  ].join(''),
});

async function callOnce(one: DocumentedCall) {
  for (const { mutate, call } of documented.preparationsOf(one)) {
    if (mutate !== undefined) await tenant.control('mutate', mutate);
    if (call !== undefined) await tenant.write(call.method, call.path, {});
  }
  const url = documented.fill(one);
  const method = one.call.verb as 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  if (one.call.kind === 'upload') {
    const { type, body } = form();
    return tenant.ask(url, { method, headers: { 'content-type': type }, body });
  }
  const body = documented.bodyOf(one);
  return body === undefined ? tenant.ask(url, { method }) : tenant.write(method as 'POST', url, body);
}

describe('every documented call', () => {
  it('succeeds once over real sockets', async () => {
    const failed: string[] = [];
    for (const one of documented.all) {
      const { status, text } = await callOnce(documented.homeOf(one));
      if (![200, 201, 204].includes(status))
        failed.push(`${one.call.id} ${one.call.verb} ${one.call.path}: ${status} ${text.slice(0, 200)}`);
      await tenant.control('reset', {});
    }
    process.stdout.write(
      `${documented.all.length - failed.length} of ${documented.all.length} documented calls succeeded\n`,
    );
    expect(failed).toEqual([]);
    expect(documented.all).toHaveLength(626);
  }, 120_000);

  it('has a rule for each documented action', () => {
    const actions = documented.all.filter(({ call }) => call.kind === 'action' && !call.action.endsWith('_delete'));
    expect(actions.filter((one) => !documented.hasRule(one)).map(({ call }) => call.id)).toEqual([]);
  });
});
