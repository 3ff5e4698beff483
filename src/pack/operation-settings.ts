// Owns which settings an operation reads.
import type { Operation } from '../generated/host/manifest.ts';

/** The names of all settings that an operation reads, besides the resource. */
export function settingsOf(operation: Operation): string[] {
  return [
    ...Object.values(operation.query).map((parameter) => parameter.setting),
    ...[operation.idSetting, operation.filters?.setting, operation.order?.setting, operation.limitSetting],
  ].filter((name) => name !== undefined);
}
