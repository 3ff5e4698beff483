// Owns the simulator's public door.
export type { DemonstrationAccount } from './demonstration.ts';
export { demonstrationAccount, demonstrationClient } from './demonstration.ts';
export type * from './options.ts';
export { startSimulator } from './server.ts';
