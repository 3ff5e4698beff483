// The contract of saved pipelines, for every database.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/contract.ts';
import type { DatabaseUnderTest } from './support.ts';

export function describePipelines(database: DatabaseUnderTest): void {
  let store: Store;

  beforeEach(async () => {
    store = await database.open(await database.create());
  });

  afterEach(() => store.close());

  const save = (pipeline: string, basedOn: number, layout?: { x: number }) =>
    store.pipelines.save({ name: 'one', pipeline: { name: 'one', description: pipeline }, layout, basedOn });

  describe('saved pipelines', () => {
    it('keeps every version that differs, and the layout apart from them', async () => {
      expect(await save('first', 0, { x: 1 })).toBe('done');
      expect(await save('first', 1, { x: 2 })).toBe('done');
      expect(await save('second', 1)).toBe('done');
      expect(await store.pipelines.find('one')).toMatchObject({
        version: 2,
        newest: 2,
        pipeline: { description: 'second' },
        layout: { x: 2 },
      });
      expect(await store.pipelines.find('one', 1)).toMatchObject({
        version: 1,
        newest: 2,
        pipeline: { description: 'first' },
      });
      expect((await store.pipelines.versions('one', 10)).map(({ version }) => version)).toEqual([2, 1]);
    });

    it('lets one of two savers through that began from the same version', async () => {
      await save('first', 0);
      const outcomes = await Promise.all([save('mine', 1), save('yours', 1)]);
      expect(outcomes.toSorted()).toEqual(['done', 'stale']);
      expect((await store.pipelines.versions('one', 10)).length).toBe(2);
    });

    it('does not write over a pipeline whose name is taken', async () => {
      await save('first', 0);
      expect(await save('other', 0)).toBe('exists');
      expect(await store.pipelines.find('one')).toMatchObject({ pipeline: { description: 'first' } });
    });

    it('removes a pipeline with its versions', async () => {
      await save('first', 0);
      expect(await store.pipelines.remove('one')).toBe(true);
      expect(await store.pipelines.remove('one')).toBe(false);
      expect(await store.pipelines.list()).toEqual([]);
      expect(await store.pipelines.versions('one', 10)).toEqual([]);
    });
  });
}
