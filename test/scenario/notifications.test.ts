import { createHmac } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../../src/document/json.ts';
import { type CommandResult, runCommand } from '../support/command.ts';
import { type RawServer, startRawServer } from '../support/raw-server.ts';

const secret = 'canary-of-the-webhook';
let folder: string;
let webhook: RawServer;
let refusals = 0;
beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'snaps-notify-'));
  webhook = await startRawServer(() => {
    refusals -= 1;
    return refusals >= 0
      ? 'HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n'
      : 'HTTP/1.1 204 Done\r\ncontent-length: 0\r\n\r\n';
  });
  // The command keeps what it is told beside itself.
  writeFileSync(
    path.join(folder, 'keep.cjs'),
    `require('fs').appendFileSync(${JSON.stringify(path.join(folder, 'told'))}, require('fs').readFileSync(0, 'utf8') + '\\n')`,
  );
  writeFileSync(
    path.join(folder, 'snaps.config.json'),
    JSON.stringify({
      notifications: [
        { on: ['failed', 'recovered'], webhook: webhook.origin },
        { on: ['failed'], command: [process.execPath, path.join(folder, 'keep.cjs')] },
        { on: ['failed'], command: [path.join(folder, 'no-such-program')] },
      ],
    }),
  );
});
afterAll(async () => {
  await webhook.close();
  rmSync(folder, { recursive: true, force: true });
});

const run = async (lines: string): Promise<CommandResult> => {
  writeFileSync(path.join(folder, 'in.ndjson'), lines);
  const file = path.join(folder, 'nightly.pipeline.json');
  const snaps = [
    { id: 'read', snap: 'core.read-file', settings: { path: 'in.ndjson' } },
    { id: 'write', snap: 'core.write-file', settings: { path: 'out.ndjson' } },
  ];
  writeFileSync(file, JSON.stringify({ name: 'nightly', snaps, links: [['read', 'write']] }));
  const environment = {
    SNAPS_DATA_DIR: path.join(folder, 'data'),
    SNAPS_WEBHOOK_SECRET: secret,
    SNAPS_LOG_LEVEL: 'info',
  };
  return await runCommand(['run', file, '--json'], { directory: folder, environment });
};
const bodyOf = (request: string): string => request.slice(request.indexOf('\r\n\r\n') + 4);

describe('notifications', () => {
  it('tell a failure by webhook and command, a recovery once, and nothing of a run that is as good as the last', async () => {
    await run('{"n":1}\n');
    expect(webhook.requests).toEqual([]);

    refusals = 1;
    const failed = await run('no json\n');
    const { runId } = failed.json() as { runId: string };
    // The first attempt was refused with 503 and repeated.
    expect(webhook.requests).toHaveLength(2);
    const told = JSON.parse(bodyOf(webhook.requests[1] ?? '')) as JsonObject;
    expect(told).toMatchObject({ event: 'failed', runId, pipeline: 'nightly', state: 'failed' });
    expect(told.error).toMatchObject({ code: 'SNAP_DOCUMENT_INVALID', snap: 'read' });
    expect(JSON.parse(readFileSync(path.join(folder, 'told'), 'utf8'))).toEqual(told);

    await run('{"n":1}\n');
    expect(webhook.requests).toHaveLength(3);
    expect(JSON.parse(bodyOf(webhook.requests[2] ?? ''))).toMatchObject({ event: 'recovered', state: 'completed' });
    await run('{"n":1}\n');
    expect(webhook.requests).toHaveLength(3);
  });

  it('are signed with a secret that is in no line of the log and no request', async () => {
    const failed = await run('no json\n');
    const request = webhook.requests.at(-1) ?? '';
    const expected = createHmac('sha256', secret).update(bodyOf(request)).digest('hex');
    expect(/x-snaps-signature: sha256=(\w+)/iu.exec(request)?.[1]).toBe(expected);
    expect(request + failed.stderr + failed.stdout).not.toContain(secret);
  });

  it('that are not delivered are said in the log, and the run ends as it would have', async () => {
    const failed = await run('no json\n');
    expect(failed.code).toBe(1);
    const lines = failed.stderr
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as JsonObject);
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'the run ended', pipeline: 'nightly', state: 'failed' }),
    );
    expect(lines).toContainEqual(
      expect.objectContaining({ msg: 'a notification was not delivered', reason: expect.stringContaining('ENOENT') }),
    );
  });
});
