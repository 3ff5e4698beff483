import { describe, expect, it } from 'vitest';
import type { RunPoint, RunReport, RunSummary } from '../../src/host/host.ts';
import { cronWords } from '../../web/src/cron-words.ts';
import { documentsIn } from '../../web/src/documents-in.ts';
import { filterOf } from '../../web/src/pages/run-filters.tsx';
import { changeText, notableWords, snapDifferences } from '../../web/src/run-difference.ts';
import { overOneAxis, ratesOf } from '../../web/src/run-rates.ts';
import { withNewest } from '../../web/src/use-run-history.ts';

const report = (snaps: readonly object[], state: RunReport['state'] = 'completed') =>
  ({
    runId: 'run',
    pipeline: 'p',
    state,
    startedAt: null,
    finishedAt: null,
    snaps,
    outputs: [],
  }) as unknown as RunReport;

describe('comparing two runs', () => {
  const before = report([
    { id: 'read', input: 0, output: 1000, errors: 0, busyMs: 2000, waitMs: 0 },
    { id: 'write', input: 1000, output: 1000, errors: 0, busyMs: 2000, waitMs: 0 },
    { id: 'old', input: 1, output: 1, errors: 0, busyMs: 1, waitMs: 0 },
  ]);
  const now = report([
    { id: 'read', input: 0, output: 1010, errors: 0, busyMs: 9000, waitMs: 0 },
    { id: 'write', input: 1010, output: 400, errors: 3, busyMs: 2100, waitMs: 0 },
    { id: 'new', input: 1, output: 1, errors: 0, busyMs: 1, waitMs: 0 },
  ]);

  it('says what stands out and passes over the noise of any two runs', () => {
    expect(notableWords(now, before)).toEqual([
      'read took 9.0 s instead of 2.0 s.',
      'write: 400 documents instead of 1,000.',
      'write: 3 failed documents instead of 0.',
      'The snap new is new.',
      'The snap old is gone.',
    ]);
    expect(notableWords(before, before)).toEqual([]);
    expect(notableWords({ ...before, state: 'failed' }, before)).toEqual([
      'This run is failed; the other one is completed.',
    ]);
  });

  it('gives each figure of each snap with its change', () => {
    const [read, write, fresh, gone] = snapDifferences(now, before);
    expect(read && changeText(read.documents)).toBe('+1 %');
    expect(read && [read.rate.now, read.rate.before].map((rate) => Math.round(rate ?? 0))).toEqual([112, 500]);
    expect(write && changeText(write.errors)).toBe('+3');
    expect(fresh && changeText(fresh.errors)).toBe('new');
    expect(gone && changeText(gone.errors)).toBe('gone');
  });
});

describe('the rates of a run', () => {
  const at = (seconds: number, read: number): RunPoint => ({
    ...{ seconds, read, written: 0, errors: 0, requests: 0, throttledMs: 100 * seconds },
  });

  it('of two points are one level line', () => {
    const rates = ratesOf([at(0, 0), at(0.08, 120)]);
    expect(rates).toEqual({ times: [0, 0.08], read: [1500, 1500], written: [0, 0], waited: [0.1, 0.1] });
    expect(ratesOf([at(0, 0), at(0, 5)]).read).toEqual([5000, 5000]);
    expect(ratesOf([at(0, 0)]).read).toEqual([0]);
    expect(ratesOf([]).read).toEqual([]);
  });

  it('are taken over a second where points are closer, and from point to point where they are not', () => {
    const points = [at(0, 0), at(0.5, 0), at(1, 100), at(1.5, 100), at(2, 200), at(10, 1000)];
    expect(ratesOf(points).read).toEqual([0, 0, 100, 100, 100, 100]);
  });

  it('stand over one axis with those of another run', () => {
    const lines = [
      { times: [0, 2], values: [5, 6] },
      { times: [0, 1, 3], values: [7, 8, 9] },
    ];
    expect(overOneAxis(lines)).toEqual({
      times: [0, 1, 2, 3],
      values: [
        [5, null, 6, null],
        [7, 8, null, 9],
      ],
    });
  });
});

describe('the history of runs', () => {
  const runs = (...ids: readonly string[]): readonly RunSummary[] =>
    ids.map((runId) => ({ runId, state: 'completed' }) as unknown as RunSummary);
  const ids = ({ runs: list }: { readonly runs: readonly RunSummary[] | undefined }) => list?.map(({ runId }) => runId);

  it('puts new runs in front of the older ones that are known', () => {
    const known = { runs: runs('d', 'c', 'b', 'a'), hasMore: true };
    const fresh = withNewest(known, { runs: runs('e', 'd'), next: 'd' });
    expect(ids(fresh)).toEqual(['e', 'd', 'c', 'b', 'a']);
    expect(fresh.hasMore).toBe(true);
    expect(fresh.runs?.[1]).toBe(known.runs[0]);
  });

  it('drops a run that the filter no longer fits', () => {
    const known = { runs: runs('d', 'c', 'b', 'a'), hasMore: false };
    expect(ids(withNewest(known, { runs: runs('d', 'b'), next: 'b' }))).toEqual(['d', 'b', 'a']);
  });

  it('begins anew when runs are missing in between', () => {
    const fresh = withNewest({ runs: runs('b', 'a'), hasMore: false }, { runs: runs('f', 'e'), next: 'e' });
    expect(ids(fresh)).toEqual(['f', 'e']);
    expect(fresh.hasMore).toBe(true);
  });

  it('reads its filter from the address, and takes no nonsense from it', () => {
    const now = Date.parse('2026-11-25T12:00:00Z');
    const filter = (query: string) => filterOf(new URLSearchParams(query), now);
    expect(filter('pipeline=p&state=failed&time=day')).toEqual({
      pipeline: 'p',
      state: 'failed',
      since: '2026-11-24T12:00:00.000Z',
    });
    expect(filter('state=lost&time=ages&from=2026-11-01')).toEqual({});
    const { since = '', until = '' } = filter('time=between&from=2026-11-01&to=2026-11-02');
    expect(Date.parse(until) - Date.parse(since)).toBe(2 * 86_400_000);
    expect(filter('time=between&from=nonsense')).toEqual({});
  });
});

describe('cronWords', () => {
  it('says the usual patterns in words, and nothing about those beyond', () => {
    const said = ['0 2 * * *', '30 6 * * 1-5', '0 8,20 * * 0', '15 * * * *', '*/5 * * * *', '0 0 1 * *', '0 0 2 * * *'];
    expect(said.map(cronWords)).toEqual([
      'every day at 02:00',
      'Monday to Friday at 06:30',
      'every Sunday at 08:00 and 20:00',
      'every hour at minute 15',
      'every 5 minutes',
      'on day 1 of every month at 00:00',
      'every day at 02:00',
    ]);
    for (const other of ['', '0 2 * 1 *', '0 2 1 * 1', '0 2 L * *', 'every night', '1 2 3 4 5 6 7', '0-5 2 * * *'])
      expect(cronWords(other)).toBe('');
  });
});

describe('documentsIn', () => {
  it('reads JSON lines, arrays and CSV with quotes, other delimiters and a byte order mark', () => {
    expect(documentsIn('a.ndjson', '{"a":1}\n{"a":2}\n')).toEqual([{ a: 1 }, { a: 2 }]);
    expect(documentsIn('a.json', '[{"a":1},\n{"a":[2]}]\n')).toEqual([{ a: 1 }, { a: [2] }]);
    expect(documentsIn('a.csv.gz', '\uFEFFa;b\r\n"x;""y""\nz";2\r\n')).toEqual([{ a: 'x;"y"\nz', b: '2' }]);
  });

  it('leaves a text that holds no documents a text', () => {
    expect(documentsIn('a.xml', '<a>\n</a>')).toBeUndefined();
    expect(documentsIn('a.ndjson', '1\n2\n')).toBeUndefined();
    expect(documentsIn('a.ndjson', '')).toBeUndefined();
  });
});
