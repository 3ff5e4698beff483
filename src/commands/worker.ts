import { Flags } from '@oclif/core';
import type { WorkerEvent } from '../host/host.ts';
import { BaseCommand } from './base-command.ts';
import { tell } from './failure.ts';
import { interrupted } from './interrupt.ts';

const concurrencyMax = 64;
const graceSecondsMax = 3_600;

interface WorkerSummary {
  readonly worker: string;
  /** Runs that it began or went on with. */
  readonly taken: number;
  /** Of these, by the state that they ended in; `queued` are those that it gave back. */
  readonly states: Readonly<Record<string, number>>;
}

export class Worker extends BaseCommand {
  static override summary = 'Join the fleet: take runs that wait in the store (PostgreSQL), until told to end.';
  static override description =
    'Ctrl-C or SIGTERM drains the worker: it takes no more runs, gives those under way a grace, and gives back what is left.';
  static override flags = {
    concurrency: Flags.integer({ description: 'runs at once', default: 4, min: 1, max: concurrencyMax }),
    grace: Flags.integer({
      description: 'seconds that runs under way may go on when the worker is told to end',
      default: 10,
      min: 0,
      max: graceSecondsMax,
    }),
  };

  readonly #states: Record<string, number> = {};
  #taken = 0;

  async run(): Promise<WorkerSummary> {
    const { flags } = await this.parse(Worker);
    return await this.withHost(flags, async (host) => {
      const ended = interrupted();
      const worker = await host.work({
        concurrency: flags.concurrency,
        graceMs: flags.grace * 1000,
        onEvent: (event) => this.#tell(event),
      });
      tell(`The worker ${worker.name} takes up to ${flags.concurrency} runs at once; Ctrl-C ends it.`);
      await ended;
      process.once('SIGINT', endNow).once('SIGTERM', endNow);
      tell(`The worker ends: ${worker.active} runs are under way.`);
      await worker.close();
      return { worker: worker.name, taken: this.#taken, states: this.#states };
    });
  }

  #tell(event: WorkerEvent): void {
    if (event.kind === 'taken') this.#taken += 1;
    if (event.kind === 'ended') this.#states[event.state] = (this.#states[event.state] ?? 0) + 1;
    tell(wordsOf(event));
  }
}

function wordsOf(event: WorkerEvent): string {
  if (event.kind === 'waiting') return event.reason;
  const run = `the run ${event.runId} of ${event.pipeline}`;
  if (event.kind === 'taken') return `Took ${run}${event.attempt > 1 ? `, attempt ${event.attempt}` : ''}.`;
  return event.state === 'queued' ? `Gave back ${run}.` : `Ended ${run}: ${event.state}.`;
}

/** A second signal does not wait. */
function endNow(): never {
  process.exit(130);
}
