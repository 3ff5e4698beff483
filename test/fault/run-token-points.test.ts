import { afterEach, describe, expect, it } from 'vitest';
import { errorTable } from '../../src/errors.ts';
import { faultScopes, readCase } from '../support/fault-cases.ts';
import { type Fault, FaultLine } from '../support/fault-line.ts';
import { type FaultTenant, openFaultTenant, type Started } from '../support/fault-tenant.ts';

const hour = 3_600_000;

let tenant: FaultTenant | undefined;
afterEach(async () => {
  await tenant?.close();
  tenant = undefined;
});

/** Of a server that rotates refresh tokens, a run of this pipeline renews: its token is due, and still good for three hours. */
async function killRenewing(fault: Omit<Fault, 'nth'>, reuseGraceSeconds = 0) {
  tenant = await openFaultTenant({ records: 60, scopes: faultScopes, rotateRefreshTokens: true, reuseGraceSeconds });
  const { pipeline } = readCase;
  const bench = await readCase.begin(tenant, 'person');
  bench.pass(21 * hour);
  const killed = await bench.start({ pipeline, line: new FaultLine({ ...fault, nth: 1 }) });
  expect(killed.line.diedAt).toBeDefined();
  const resumed = await bench.start({ pipeline, resume: (await bench.runId()) ?? '' });
  expect(resumed.report?.state).toBe('completed');
  // The old access token has ended for good: now the account lives by its refresh token alone.
  bench.pass(4 * hour);
  const later = await bench.start({ pipeline });
  return { killed, resumed, later, reuses: tenant.simulator.stats().authorization.reuses };
}

const tokenRequests = ({ line }: Started): number =>
  line.calls.filter(({ point, detail }) => point === 'wire' && detail.startsWith('POST /oauth2/token')).length;

const answered = { point: 'wire', detail: /^POST \/oauth2\/token/u, edge: 'after' } as const;
const uncommitted = { point: 'tokenSets.commit', edge: 'before' } as const;

describe('a run that renews its token and dies', () => {
  it('(K4) when the renewal is noted and not sent costs nothing', async () => {
    const { killed, resumed, later, reuses } = await killRenewing({ point: 'tokenSets.noteSent', edge: 'after' });
    expect([killed, resumed, later].map(tokenRequests)).toEqual([0, 0, 1]);
    expect(later.report?.state).toBe('completed');
    expect(reuses).toBe(0);
  }, 60_000);

  it.each([
    ['(K5) when the server has rotated and its answer is not here', answered],
    ['(K6) when the answer is here and not committed', uncommitted],
  ] as const)(
    '%s goes on with its old access token, and then a person is asked with the reason',
    async (_when, fault) => {
      const { killed, resumed, later } = await killRenewing(fault);
      expect([killed, resumed, later].map(tokenRequests)).toEqual([1, 0, 1]);
      expect(later.report).toMatchObject({ state: 'failed', error: { code: 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION' } });
      expect(later.report?.error?.reason).toContain('got no answer that was kept');
      expect(errorTable.SNAP_ACCOUNT_NEEDS_AUTHORIZATION.exitCode).toBe(3);
    },
    60_000,
  );

  it.each([
    ['(K5) when the server has rotated and its answer is not here', answered],
    ['(K6) when the answer is here and not committed', uncommitted],
  ] as const)(
    '%s needs nobody where the server forgives a refresh token that comes again',
    async (_when, fault) => {
      const { killed, resumed, later } = await killRenewing(fault, 3600);
      expect([killed, resumed, later].map(tokenRequests)).toEqual([1, 0, 1]);
      expect(later.report?.state).toBe('completed');
    },
    60_000,
  );

  it('(K7) when the new tokens are committed asks for none when it is resumed', async () => {
    const { killed, resumed, later, reuses } = await killRenewing({ point: 'tokenSets.commit', edge: 'after' });
    expect([killed, resumed, later].map(tokenRequests)).toEqual([1, 0, 0]);
    expect(later.report?.state).toBe('completed');
    expect(reuses).toBe(0);
  }, 60_000);
});
