import { describe, expect, it } from 'vitest';
import { packPage } from '../../src/host/pack-page.ts';
import { loadPack } from '../../src/pack/index.ts';
import { runCommand } from '../support/command.ts';

describe('the reference page of a pack', () => {
  it('names every account type, snap, setting and resource', async () => {
    const pack = await loadPack('packs/servicenow');
    const page = packPage(pack);
    const settings = [...pack.snaps.values()].flatMap(({ settingsSchema }) =>
      Object.keys(settingsSchema.properties ?? {}),
    );
    for (const name of [...pack.accountTypes.keys(), ...pack.snaps.keys(), ...pack.resources.keys(), ...settings]) {
      expect(page).toContain(`\`${name}\``);
    }
  });

  it('is what "snaps pack docs" prints, and a folder without a pack is refused', async () => {
    const docs = await runCommand(['pack', 'docs', 'packs/core', '--json']);
    expect(docs.json()).toEqual({ name: 'core', page: packPage(await loadPack('packs/core')) });
    const wrong = await runCommand(['pack', 'docs', 'docs', '--json']);
    expect(wrong.code).toBe(2);
    expect(wrong.json()).toMatchObject({ error: { code: 'SNAP_PACK_NOT_FOUND' } });
  });
});
