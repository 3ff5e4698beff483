import type { PackRegistry } from '../pack/index.ts';
import type { Store } from '../store/contract.ts';
import type { Vault } from '../vault/contract.ts';
import type { Connections } from './connections.ts';
import type { CheckOptions, PipelineCheck, RunHandle, RunRequest } from './host.ts';

export interface PipelinesOptions {
  readonly registry: PackRegistry;
  readonly connections: Connections;
  readonly openStore: () => Promise<Store>;
  readonly openVault: () => Promise<Vault>;
}
export class Pipelines {
  constructor(_options: PipelinesOptions) {}
  async check(file: string, _options?: CheckOptions): Promise<PipelineCheck> {
    return { file, pipeline: '', faults: [] };
  }
  async start(_request: RunRequest): Promise<RunHandle> {
    throw new Error('not yet');
  }
  async close(): Promise<void> {}
}
