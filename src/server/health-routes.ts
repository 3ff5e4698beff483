// Owns what machines ask: whether the host lives, whether it can work, and its numbers.
import type { FastifyInstance, FastifyReply } from 'fastify';
import type { Host } from '../host/host.ts';
import type { LiveRuns } from './live-runs.ts';
import { tag } from './schemas.ts';

/** Runs whose states are counted: the newest ones. */
const runsCountedMax = 500;

export function addHealthRoutes(server: FastifyInstance, host: Host, live: LiveRuns): void {
  server.get('/healthz', { schema: tag('Health', 'Tell that the process lives') }, async () => ({ status: 'ok' }));
  server.get(
    '/readyz',
    { schema: tag('Health', 'Tell whether the store answers') },
    async (_request, reply: FastifyReply) => {
      const isReady = await host.isReady();
      return reply.code(isReady ? 200 : 503).send({ status: isReady ? 'ok' : 'unavailable' });
    },
  );
  server.get(
    '/metrics',
    { schema: tag('Health', 'Give the numbers in the text form of Prometheus') },
    async (_request, reply) =>
      reply.type('text/plain; version=0.0.4; charset=utf-8').send(await metricsText(host, live)),
  );
}

async function metricsText(host: Host, live: LiveRuns): Promise<string> {
  const activity = host.activity();
  const [runs, accounts] = await Promise.all([host.runs.list({ limit: runsCountedMax }), host.accounts.list()]);
  const states = ['queued', 'running', 'stopping', 'completed', 'failed', 'stopped'] as const;
  const accountStates = ['new', 'authorized', 'needs-authorization', 'misconfigured'] as const;
  return [
    ...gauge('snaps_runs', `Runs by state, of the newest ${runsCountedMax}.`, [
      ...states.map((state) => [`{state="${state}"}`, runs.filter((run) => run.state === state).length] as const),
    ]),
    ...gauge('snaps_runs_active', 'Runs under way in this process that were started here.', [['', live.active]]),
    ...gauge('snaps_accounts', 'Accounts by state.', [
      ...accountStates.map(
        (state) => [`{state="${state}"}`, accounts.filter((account) => account.state === state).length] as const,
      ),
    ]),
    ...counter('snaps_requests_total', 'Requests sent, repetitions included.', activity.requests),
    ...counter('snaps_request_retries_total', 'Requests sent again.', activity.retries),
    ...counter('snaps_requests_refused_total', 'Requests refused for their rate (429).', activity.refusals),
    ...counter(
      'snaps_throttled_milliseconds_total',
      'Waited for rate limits, over all requests.',
      activity.throttledMs,
    ),
    ...counter('snaps_token_renewals_total', 'Access tokens obtained.', activity.renewals),
    ...counter('snaps_token_renewal_failures_total', 'Token requests that brought none.', activity.renewalFailures),
    ...gauge('snaps_schedule_lag_milliseconds', 'How late the last tick of a schedule was taken here.', [
      ['', activity.scheduleLagMs],
    ]),
    ...gauge('process_resident_memory_bytes', 'Resident memory in bytes.', [['', process.memoryUsage().rss]]),
    ...gauge('process_uptime_seconds', 'Seconds since the process started.', [['', Math.round(process.uptime())]]),
    '',
  ].join('\n');
}

function counter(name: string, help: string, value: number): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} counter`, `${name} ${value}`];
}

function gauge(name: string, help: string, values: readonly (readonly [labels: string, value: number])[]): string[] {
  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} gauge`,
    ...values.map(([labels, value]) => `${name}${labels} ${value}`),
  ];
}
