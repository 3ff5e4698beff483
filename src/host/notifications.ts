// Owns telling people how runs ended: a command or a webhook that the operator names. A lost notification never fails a run.
import { spawn } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createFetch } from '../http/fetch.ts';
import { createTransport } from '../http/transport.ts';
import type { RunState } from '../store/contract.ts';
import type { RunReport } from './host.ts';
import type { Log } from './log.ts';

export type NotificationEvent = 'failed' | 'recovered' | 'needs-authorization';

/** Who is told about what. Exactly one of command and webhook stands in it. */
export interface NotificationRule {
  readonly on: readonly NotificationEvent[];
  /** A program and its arguments; it gets the notification as JSON on its standard input. */
  readonly command?: readonly string[];
  /** An address that gets the notification as a POST of JSON. */
  readonly webhook?: string;
}

export interface NotificationOptions {
  readonly rules: readonly NotificationRule[];
  /** Signs webhooks; without it they are not signed. */
  readonly secret: string | undefined;
  readonly log: Log;
}

const commandMsMax = 30_000;
const webhookMsMax = 10_000;
/** Waits before a webhook is tried again, in ms. */
const webhookWaitsMs = [500, 3_000];

/**
 * Tells what came of a run: `failed`, `needs-authorization` when it failed for want of a person, `recovered` when it completed
 * and the run of its pipeline before it had failed. Each is told once, by the process that ended the run; if that is killed in between, nobody is told.
 */
export class Notifications {
  readonly #options: NotificationOptions;

  constructor(options: NotificationOptions) {
    this.#options = options;
  }

  get isEmpty(): boolean {
    return this.#options.rules.length === 0;
  }

  /** Resolves when everybody was told or given up on; never rejects. `before` is how the pipeline's last run ended. */
  async tell(report: RunReport, before: RunState | undefined): Promise<void> {
    const events = eventsOf(report, before);
    const rules = this.#options.rules.filter(({ on }) => on.some((event) => events.includes(event)));
    const body = JSON.stringify({ event: events.at(-1), ...report, parameters: undefined, snaps: undefined });
    await Promise.all(rules.map((rule) => this.#tellOne(rule, body, report)));
  }

  async #tellOne({ command, webhook }: NotificationRule, body: string, { runId, pipeline }: RunReport): Promise<void> {
    try {
      if (command !== undefined) await runCommand(command, body);
      if (webhook !== undefined) await this.#post(webhook, body);
    } catch (thrown) {
      const reason = thrown instanceof Error ? thrown.message : String(thrown);
      this.#options.log.warn({ runId, pipeline, reason }, 'a notification was not delivered');
    }
  }

  async #post(webhook: string, body: string): Promise<void> {
    const url = new URL(webhook);
    const { secret } = this.#options;
    // The operator named this very address, so its host is allowed wherever it leads.
    const transport = createTransport({ allowedHosts: [url.hostname], connectionsMax: 1 });
    const fetch = createFetch(transport.exchange, webhookMsMax);
    const signature = secret === undefined ? {} : { 'x-snaps-signature': `sha256=${sign(body, secret)}` };
    try {
      for (const wait of [...webhookWaitsMs, undefined]) {
        const outcome = await fetch(webhook, {
          method: 'POST',
          headers: { 'content-type': 'application/json', ...signature },
          body,
        }).then(
          ({ status }) => (status < 300 ? undefined : `the webhook answered ${status}`),
          (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
        );
        if (outcome === undefined) return;
        if (wait === undefined) throw new Error(outcome);
        await delay(wait);
      }
    } finally {
      await transport.close();
    }
  }
}

function eventsOf({ state, error }: RunReport, before: RunState | undefined): NotificationEvent[] {
  if (state === 'completed') return before === 'failed' ? ['recovered'] : [];
  if (state !== 'failed') return [];
  return error?.code === 'SNAP_ACCOUNT_NEEDS_AUTHORIZATION' ? ['failed', 'needs-authorization'] : ['failed'];
}

function sign(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}

function runCommand([program = '', ...rest]: readonly string[], input: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      stdio: ['pipe', 'ignore', 'ignore'],
      // Its own timeout would keep the process alive after a program that was not found.
      signal: AbortSignal.timeout(commandMsMax),
      killSignal: 'SIGKILL',
    });
    child.on('error', (error) => reject(error));
    child.on('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`the command ended with ${code ?? signal}`));
    });
    // A command that reads nothing closes its input early; its exit code tells whether it worked.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
