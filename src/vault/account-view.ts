// Shows an account to people: what is set and how long it lasts, never a secret.
import type { TokenSetView } from '../store/contract.ts';
import type { AccountPolicy, AccountView, TokenView } from './contract.ts';

/** An authorization that ends this soon is warned about. */
const warningMs = 14 * 86_400_000;

const toIso = (time: number): string => new Date(time).toISOString();

/** Gives the outside form of an account. An account whose pack is not loaded is shown all the same. */
export function toAccountView(view: TokenSetView, policyOf: (type: string) => AccountPolicy): AccountView {
  const { account } = view;
  const isSet = (field: string): boolean => account.secrets?.fields[field] !== undefined;
  const fields = secretFieldsOf(view, policyOf);
  return {
    id: account.id,
    name: account.name,
    type: account.type,
    settings: account.settings,
    secrets: Object.fromEntries(fields.map((field) => [field, { set: isSet(field) }])),
    state: hasTokens(view, policyOf) ? account.state : 'authorized',
    stateReason: account.stateReason,
    stateAt: toIso(account.stateAt),
    createdAt: toIso(account.createdAt),
    updatedAt: toIso(account.updatedAt),
    token: toTokenView(view),
    warnings: warn(view),
  };
}

function hasTokens({ account }: TokenSetView, policyOf: (type: string) => AccountPolicy): boolean {
  try {
    return policyOf(account.type).hasTokens;
  } catch {
    return true;
  }
}

function secretFieldsOf({ account }: TokenSetView, policyOf: (type: string) => AccountPolicy): readonly string[] {
  try {
    return policyOf(account.type).secretFields;
  } catch {
    return Object.keys(account.secrets?.fields ?? {});
  }
}

function toTokenView({ set }: TokenSetView): TokenView | null {
  if (set === undefined) return null;
  return {
    version: set.version,
    scopes: set.scopes ?? null,
    issuedAt: toIso(set.issuedAt),
    expiresAt: toIso(set.expiresAt),
    hasRefreshToken: set.sealed.fields.refresh !== undefined,
    refreshExpiresAt: set.refreshExpiresAt === undefined ? null : toIso(set.refreshExpiresAt),
  };
}

function warn({ set, renewal, account, now }: TokenSetView): readonly string[] {
  const warnings: string[] = [];
  const endsInMs = set?.refreshExpiresAt === undefined ? Number.POSITIVE_INFINITY : set.refreshExpiresAt - now;
  if (endsInMs <= 0) {
    warnings.push(`the authorization has ended; run "snaps account authorize ${account.name}"`);
  } else if (endsInMs < warningMs) {
    const days = Math.ceil(endsInMs / 86_400_000);
    warnings.push(`the authorization ends in ${days} days; run "snaps account authorize ${account.name}" before that`);
  }
  if (renewal.failures === 0 && renewal.lastFailure !== '') {
    warnings.push(`the last token answer was used but has flaws: ${renewal.lastFailure}`);
  }
  if (renewal.failures > 0)
    warnings.push(
      `${renewal.failures === 1 ? 'the last renewal' : `the last ${renewal.failures} renewals`} failed: ${renewal.lastFailure}`,
    );
  if (renewal.sentFromVersion !== undefined) warnings.push('a renewal was sent and its answer is not here (yet)');
  return warnings;
}
