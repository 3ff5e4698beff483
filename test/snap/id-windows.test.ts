import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SnapError } from '../../src/errors.ts';
import { readIdWindows, type WindowRequest, type WindowSource } from '../../src/snap/id-windows.ts';
import type { Page } from '../../src/snap/page.ts';

/** A collection in memory that answers as a far side does, and can misbehave and change while it is read. */
class MemoryCollection implements WindowSource {
  ids: number[];
  requests: (WindowRequest | 'last')[] = [];
  pageCap = 50;
  activeMax = 0;
  #active = 0;
  /** Called before each answer; may change `ids` or replace the answer. */
  onRequest: (request: WindowRequest, answer: number[]) => number[] = (_request, answer) => answer;
  onChange: () => void = () => {};
  isComplete = true;
  delay: () => number = () => 0;
  highest = (ids: readonly number[]): number[] => ids.slice(-1);

  constructor(ids: readonly number[]) {
    this.ids = [...ids].sort((left, right) => left - right);
  }

  async window(request: WindowRequest): Promise<Page> {
    this.requests.push(request);
    await this.#turns();
    this.onChange();
    const { after = Number.NEGATIVE_INFINITY, skip, limit } = request;
    const behind = this.ids.filter((id) => id > after);
    return this.#page(this.onRequest(request, behind.slice(skip, skip + Math.min(limit, this.pageCap))));
  }

  async last(): Promise<Page> {
    this.requests.push('last');
    await this.#turns();
    return this.#page(this.highest(this.ids));
  }

  async #turns(): Promise<void> {
    this.activeMax = Math.max(this.activeMax, ++this.#active);
    for (let turn = this.delay(); turn >= 0; turn--) await Promise.resolve();
    this.#active--;
  }

  #page(ids: readonly number[]): Page {
    const isComplete = this.isComplete;
    return { records: ids.map((id) => ({ id, bytes: Buffer.from(`{"id":${id}}`) })), isComplete, name: '/api/things' };
  }
}

async function readAll(source: WindowSource, options: { after?: number; limit?: number; concurrency?: number } = {}) {
  const pages: number[][] = [];
  const { after, limit, concurrency = 8 } = options;
  const signal = new AbortController().signal;
  for await (const page of readIdWindows({ source, after, recordsPerPage: 50, concurrency, limit, signal })) {
    pages.push(page.map(({ id }) => id ?? Number.NaN));
  }
  return pages;
}

async function errorOf(run: Promise<unknown>): Promise<SnapError> {
  try {
    await run;
  } catch (thrown) {
    if (thrown instanceof SnapError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

const range = (count: number, step = 1) => Array.from({ length: count }, (_, index) => 1 + index * step);

/** Ids with runs and holes of very different density. */
const someIds = fc
  .array(fc.record({ run: fc.integer({ min: 1, max: 400 }), hole: fc.integer({ min: 0, max: 20_000 }) }), {
    maxLength: 12,
  })
  .map((parts) => {
    const ids: number[] = [];
    let next = 1;
    for (const { run, hole } of parts) {
      next += hole;
      for (let index = 0; index < run; index++) ids.push(next++);
    }
    return ids;
  });

const randomFrom = (seed: number) => {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
};

describe('reading by id windows', () => {
  it('gives every id once and in order, whatever the gaps, the page cap and the order of answers', async () => {
    await fc.assert(
      fc.asyncProperty(
        someIds,
        fc.integer(),
        fc.constantFrom(50, 20, 7, 1),
        fc.integer({ min: 1, max: 12 }),
        async (ids, seed, cap, concurrency) => {
          const source = new MemoryCollection(ids);
          const random = randomFrom(seed);
          source.pageCap = cap;
          source.delay = () => Math.floor(random() * 20);
          expect((await readAll(source, { concurrency })).flat()).toEqual(ids);
          expect(source.activeMax).toBeLessThanOrEqual(concurrency + 1);
        },
      ),
      { numRuns: 150 },
    );
  });

  it('neither loses nor doubles what stays while records are added and deleted during the read', async () => {
    await fc.assert(
      fc.asyncProperty(someIds, fc.integer(), fc.double({ min: 0, max: 1, noNaN: true }), async (ids, seed, share) => {
        const source = new MemoryCollection(ids);
        const random = randomFrom(seed);
        const stable = new Set(ids.filter(() => random() < share));
        source.delay = () => Math.floor(random() * 20);
        source.onChange = () => {
          for (let change = 0; change < 5; change++) {
            const at = Math.floor(random() * source.ids.length);
            const id = source.ids[at];
            if (id !== undefined && !stable.has(id)) source.ids.splice(at, 1);
          }
          const added = Math.floor(random() * 30_000);
          if (!source.ids.includes(added)) source.ids = [...source.ids, added].sort((a, b) => a - b);
        };
        const given = (await readAll(source)).flat();
        expect(given).toEqual([...new Set(given)].sort((left, right) => left - right));
        expect(given.filter((id) => stable.has(id))).toEqual([...stable].sort((left, right) => left - right));
      }),
      { numRuns: 150 },
    );
  });

  it('gives the rest when it goes on behind any page it has given', async () => {
    await fc.assert(
      fc.asyncProperty(someIds, fc.nat(), async (ids, cut) => {
        const pages = await readAll(new MemoryCollection(ids));
        const kept = pages.slice(0, pages.length === 0 ? 0 : cut % pages.length);
        const after = kept.at(-1)?.at(-1);
        const rest = await readAll(new MemoryCollection(ids), after === undefined ? {} : { after });
        expect([...kept, ...rest].flat()).toEqual(ids);
      }),
      { numRuns: 100 },
    );
  });

  it('takes a short page in the middle for no end', async () => {
    const source = new MemoryCollection(range(3000, 3));
    let answers = 0;
    source.onRequest = (_request, answer) => (++answers % 3 === 0 ? answer.slice(0, 1 + (answers % 40)) : answer);
    expect((await readAll(source)).flat()).toEqual(range(3000, 3));
  });

  it('asks again when a page is empty before the known end', async () => {
    const source = new MemoryCollection(range(120));
    let answers = 0;
    source.onRequest = (_request, answer) => (++answers % 2 === 0 ? [] : answer);
    expect((await readAll(source, { concurrency: 1 })).flat()).toEqual(range(120));
  });

  it('survives one page that repeats an earlier one', async () => {
    const source = new MemoryCollection(range(1000));
    let answers = 0;
    source.onRequest = (_request, answer) => (++answers === 5 ? range(50) : answer);
    expect((await readAll(source)).flat()).toEqual(range(1000));
  });

  it('stops within three answers when the far side ignores the id it is asked to go behind', async () => {
    const source = new MemoryCollection(range(1000));
    source.onRequest = (request, answer) => (request.after === undefined ? answer : range(50));
    const error = await errorOf(readAll(source, { concurrency: 1 }));
    expect(error.code).toBe('SNAP_PAGING_STUCK');
    expect(error.reason).toBe('id 1 came after 50; ids must ascend, so the page is repeated or out of order');
    expect(source.requests).toHaveLength(2 + 3);
  });

  it('stops when pages come in falling order', async () => {
    const source = new MemoryCollection(range(1000));
    source.onRequest = (_request, answer) => answer.reverse();
    expect((await errorOf(readAll(source))).code).toBe('SNAP_PAGING_STUCK');
  });

  it('reads to the empty page when the far side does not obey the falling order of the highest id', async () => {
    const source = new MemoryCollection(range(1234, 2));
    source.highest = (ids) => ids.slice(0, 1);
    expect((await readAll(source)).flat()).toEqual(range(1234, 2));
  });

  it('stays right when the far side ignores how many records to skip', async () => {
    const source = new MemoryCollection(range(2000));
    source.onRequest = ({ after = 0, limit }) => source.ids.filter((id) => id > after).slice(0, limit);
    expect((await readAll(source)).flat()).toEqual(range(2000));
  });

  it('does not believe an empty answer whose end is not certain', async () => {
    const source = new MemoryCollection([]);
    source.isComplete = false;
    const error = await errorOf(readAll(source));
    expect(error.code).toBe('SNAP_ANSWER_MALFORMED');
    expect(source.requests.filter((request) => request !== 'last')).toHaveLength(3);
  });

  it('leaves out what was added behind the highest id after the read began', async () => {
    const source = new MemoryCollection(range(500));
    source.onChange = () => source.ids.push((source.ids.at(-1) ?? 0) + 1);
    const given = (await readAll(source)).flat();
    expect(given).toEqual(range(given.length));
    // The first answers race with the question for the highest id; what comes later is left out.
    expect(given.length).toBeLessThanOrEqual(502);
    expect(source.ids.length).toBeGreaterThan(502);
  });

  it('asks for at most one percent more pages than the records fill', async () => {
    const source = new MemoryCollection(range(30_000, 7));
    expect((await readAll(source)).flat()).toHaveLength(30_000);
    expect(source.requests.length).toBeLessThanOrEqual(606);
    expect(source.activeMax).toBeLessThanOrEqual(9);
  });

  it('reads no more than the limit, and does not run ahead of it', async () => {
    const source = new MemoryCollection(range(100_000));
    expect((await readAll(source, { limit: 120 })).flat()).toEqual(range(120));
    expect(source.requests.length).toBeLessThanOrEqual(6);
    const few = new MemoryCollection(range(100_000));
    await readAll(few, { limit: 3 });
    expect(few.requests.filter((request) => request !== 'last')).toMatchObject([{ limit: 3 }]);
  });

  it('does not read on while nobody takes what it has', async () => {
    const source = new MemoryCollection(range(1_000_000));
    const signal = new AbortController().signal;
    const pages = readIdWindows({ source, after: undefined, recordsPerPage: 50, concurrency: 4, signal });
    await pages.next();
    let before = -1;
    while (before !== source.requests.length) {
      before = source.requests.length;
      for (let turn = 0; turn < 2000; turn++) await Promise.resolve();
    }
    expect(before).toBeLessThanOrEqual(4 * 2 * 16);
    await pages.return(undefined);
  });

  it('leaves the event loop free while probes wait for a slow answer', async () => {
    const source = new MemoryCollection(range(2000));
    const window = source.window.bind(source);
    // One answer that is not the head's comes by a timer: it can only come when nobody spins.
    source.window = async (request) => {
      if (request.skip > 0) await new Promise((resolve) => setTimeout(resolve, 1));
      return window(request);
    };
    expect((await readAll(source)).flat()).toEqual(range(2000));
  });

  it('passes a failure of the far side on after the pages before it', async () => {
    const source = new MemoryCollection(range(5000));
    const failure = new SnapError('SNAP_UNREACHABLE', 'x', { reason: 'x', resolution: 'x' });
    let answers = 0;
    source.onRequest = (_request, answer) => {
      if (++answers > 20) throw failure;
      return answer;
    };
    const given: number[] = [];
    const signal = new AbortController().signal;
    const read = async () => {
      for await (const page of readIdWindows({
        source,
        after: undefined,
        recordsPerPage: 50,
        concurrency: 4,
        signal,
      })) {
        given.push(...page.map(({ id }) => id ?? 0));
      }
    };
    expect(await errorOf(read())).toBe(failure);
    expect(given).toEqual(range(given.length));
  });

  it('tells how many records it expects', async () => {
    const source = new MemoryCollection(range(5000, 3));
    const estimates: number[] = [];
    const signal = new AbortController().signal;
    const onEstimate = (records: number) => estimates.push(records);
    for await (const _page of readIdWindows({
      source,
      after: undefined,
      recordsPerPage: 50,
      concurrency: 8,
      signal,
      onEstimate,
    }));
    expect(Math.abs((estimates[0] ?? 0) - 5000)).toBeLessThan(100);
  });
});
