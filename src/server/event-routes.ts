// Owns /api/runs/:id/events: the events of a run as they come, and those that a lost connection missed.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import type { JsonObject } from '../document/json.ts';
import { ExecutionError } from '../errors.ts';
import type { Host, RunReport } from '../host/host.ts';
import type { RunEvent } from './contract.ts';
import type { LiveRuns } from './live-runs.ts';
import { sendProblem } from './problem.ts';
import { idParameter, tag } from './schemas.ts';

const streamsMax = 200;
const heartbeatMs = 15_000;
/** How often the store is asked about a run that works in another process. */
const pollMs = 1_000;
const lastStates = new Set(['completed', 'failed', 'stopped']);

/** Adds the stream. `signal` ends all of them when the server closes. */
export function addEventRoutes(server: FastifyInstance, host: Host, live: LiveRuns): void {
  let streams = 0;
  const closing = new AbortController();
  server.addHook('preClose', async () => closing.abort());
  server.get<{ Params: { id: string } }>(
    '/api/runs/:id/events',
    {
      schema: {
        ...tag('Runs', 'Follow a run by server-sent events; Last-Event-ID continues behind that event'),
        params: idParameter,
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      const report = await host.runs.show(id);
      if (streams >= streamsMax) {
        const error = new ExecutionError('SNAP_LIMIT_REACHED', 'The run cannot be followed now.', {
          reason: `${streamsMax} pages follow runs already`,
          resolution: 'close some of them',
        });
        return sendProblem(reply, 429, error.toJSON());
      }
      const last = Number(request.headers['last-event-id'] ?? 0);
      reply.hijack();
      const response = reply.raw;
      const gone = new AbortController();
      response.on('close', () => gone.abort());
      const signal = AbortSignal.any([gone.signal, closing.signal]);
      streams += 1;
      try {
        response.writeHead(200, {
          ...headersOf(reply.getHeaders()),
          'content-type': 'text/event-stream; charset=utf-8',
        });
        response.write(': the events of a run\n\n');
        const after = Number.isSafeInteger(last) ? last : 0;
        await (live.feed(id) === undefined
          ? followStore(response, { host, report, after, signal })
          : followFeed(response, { host, live, runId: id, after, signal }));
        if (!signal.aborted) response.write('event: end\ndata: {}\n\n');
      } catch {
        // The page asks again behind the last event that it has seen.
      } finally {
        streams -= 1;
        response.end();
      }
      return reply;
    },
  );
}

interface FeedFollow {
  readonly host: Host;
  readonly live: LiveRuns;
  readonly runId: string;
  readonly after: number;
  readonly signal: AbortSignal;
}

async function followFeed(response: ServerResponse, { host, live, runId, after, signal }: FeedFollow): Promise<void> {
  let last = after;
  while (!signal.aborted) {
    const feed = live.feed(runId);
    if (feed === undefined) return;
    const { isEnded } = feed;
    for (const event of feed.after(last)) {
      last = event.id;
      // The report of a feed is that of the run's end; what followed since, such as replays, stands in the store alone.
      const data = event.type === 'report' ? ((await host.runs.show(runId)) as unknown as JsonObject) : event.data;
      await writeEvent(response, { ...event, data }, signal);
    }
    if (isEnded) return;
    const beat = AbortSignal.any([signal, AbortSignal.timeout(heartbeatMs)]);
    await feed.changed(beat);
    if (beat.aborted && !signal.aborted) response.write(': still here\n\n');
  }
}

interface StoreFollow {
  readonly host: Host;
  readonly report: RunReport;
  readonly after: number;
  readonly signal: AbortSignal;
}

/** A run of another process, or one that has ended: its report whenever it changes. */
async function followStore(response: ServerResponse, { host, report, after, signal }: StoreFollow): Promise<void> {
  let current = report;
  let told = '';
  let id = after;
  let quietMs = 0;
  while (!signal.aborted) {
    const text = JSON.stringify(current);
    quietMs += pollMs;
    if (text !== told) {
      told = text;
      id += 1;
      quietMs = 0;
      await writeEvent(response, { id, type: 'report', data: current as unknown as JsonObject }, signal);
    } else if (quietMs >= heartbeatMs) {
      quietMs = 0;
      response.write(': still here\n\n');
    }
    if (lastStates.has(current.state)) return;
    await delay(pollMs, undefined, { signal }).catch(() => undefined);
    current = await host.runs.show(report.runId);
  }
}

/** Waits while the reader is slow, so that a stalled page holds one event and not all of them. */
async function writeEvent(response: ServerResponse, event: RunEvent, signal: AbortSignal): Promise<void> {
  const isTaken = response.write(`id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify(event.data)}\n\n`);
  if (!isTaken) await once(response, 'drain', { signal });
}

function headersOf(headers: Readonly<Record<string, number | string | string[] | undefined>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}
