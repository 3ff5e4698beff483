// Puts the files that this process writes below one folder under a fault line, and under a disk that can lose its power.
import fs, { type FileHandle } from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import path from 'node:path';
import type { FaultLine } from './fault-line.ts';
import { SimulatedDisk } from './simulated-disk.ts';

type Method = (this: unknown, ...given: unknown[]) => Promise<unknown>;
type Methods = Record<string, Method>;

const handleMethods = ['write', 'writeFile', 'truncate', 'datasync', 'sync'] as const;

interface Watch {
  readonly folder: string;
  readonly line: FaultLine;
  readonly disk: SimulatedDisk;
}

/** States: installed (calls are looked at), watching (those below a folder go through a line), closed. */
export class WatchedFiles {
  readonly #originals: (() => void)[] = [];
  readonly #paths = new WeakMap<object, string>();
  #watch: Watch | undefined;

  static async install(): Promise<WatchedFiles> {
    const files = new WatchedFiles();
    const probe = await fs.open(process.execPath);
    const handle = Object.getPrototypeOf(probe) as Methods;
    await probe.close();
    files.#replace(fs as unknown as Methods, handle);
    syncBuiltinESMExports();
    return files;
  }

  /** From now on files below the folder are under this line; what is there is durable. Gives the disk below. */
  watch(folder: string, line: FaultLine): SimulatedDisk {
    const disk = new SimulatedDisk(folder);
    this.#watch = { folder, line, disk };
    return disk;
  }

  unwatch(): void {
    this.#watch = undefined;
  }

  close(): void {
    for (const restore of this.#originals) restore();
    syncBuiltinESMExports();
  }

  #replace(calls: Methods, handle: Methods): void {
    const paths = this.#paths;
    this.#wrap(calls, 'open', (work, name, [flags]) =>
      this.#open(name, async (disk) => {
        const opened = (await work()) as FileHandle;
        paths.set(opened, String(name));
        if (flags !== 'r') disk?.opened(String(name));
        return opened;
      }),
    );
    this.#wrap(calls, 'mkdir', (work, name) =>
      this.#pass('file.mkdir', name, async (disk) => {
        const first = await work();
        disk?.made(String(name));
        return first;
      }),
    );
    this.#wrap(calls, 'rename', (work, name, [to]) =>
      this.#pass('file.rename', name, async (disk) => {
        await work();
        disk?.renamed(String(name), String(to));
      }),
    );
    this.#wrap(calls, 'rm', (work, name) =>
      this.#pass('file.rm', name, async (disk) => {
        await work();
        disk?.removed(String(name));
      }),
    );
    for (const method of handleMethods) {
      const original = handle[method] as Method;
      const pass = this.#pass.bind(this);
      handle[method] = function (...given: unknown[]) {
        const name = paths.get(this as object);
        return pass(`file.${method}`, name, async (disk) => {
          const result = await original.apply(this, given);
          if (method.endsWith('sync')) disk?.synced(String(name));
          return result;
        });
      };
      this.#originals.push(() => {
        handle[method] = original;
      });
    }
  }

  /** A handle that its opener never got, for it had died, is closed. */
  async #open(name: unknown, work: (disk: SimulatedDisk | undefined) => Promise<FileHandle>): Promise<unknown> {
    let opened: FileHandle | undefined;
    try {
      return await this.#pass('file.open', name, async (disk) => {
        opened = await work(disk);
        return opened;
      });
    } catch (thrown) {
      await opened?.close();
      throw thrown;
    }
  }

  #wrap(
    calls: Methods,
    name: string,
    around: (work: () => Promise<unknown>, file: unknown, rest: readonly unknown[]) => Promise<unknown>,
  ): void {
    const original = calls[name] as Method;
    calls[name] = (file, ...rest) => around(() => original.call(calls, file, ...rest), file, rest);
    this.#originals.push(() => {
      calls[name] = original;
    });
  }

  /** A call about a file elsewhere is none of ours. */
  #pass(point: string, file: unknown, work: (disk: SimulatedDisk | undefined) => Promise<unknown>): Promise<unknown> {
    const watch = this.#watch;
    const name = String(file);
    if (watch === undefined || (name !== watch.folder && !name.startsWith(`${watch.folder}${path.sep}`))) {
      return work(undefined);
    }
    return watch.line.pass(point, path.relative(watch.folder, name), () => work(watch.disk));
  }
}
