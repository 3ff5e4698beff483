import type { RunHandle, RunRequest } from './host.ts';

export class RunService {
  async start(_request: RunRequest): Promise<RunHandle> {
    throw new Error('not yet');
  }
  async close(): Promise<void> {}
}
