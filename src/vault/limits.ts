// Owns the bounds of the vault.
import type { VaultLimits } from './contract.ts';

/** Figures are ms. The lease outlives the call by what a commit may take; patience outlives a dead holder's lease. */
export const defaultLimits: VaultLimits = {
  callDeadlineMs: 20_000,
  leaseTtlMs: 30_000,
  patienceMsMax: 75_000,
  coolDownMsMin: 30_000,
  coolDownMsMax: 900_000,
  memoryMsMax: 10_000,
};
