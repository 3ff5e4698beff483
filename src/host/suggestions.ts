// Owns asking packs and accounts what may stand in a setting. One account is asked the same thing once a minute at most.
import type { JsonObject } from '../document/json.ts';
import { ConfigurationError } from '../errors.ts';
import type { LoadedSnap, PackRegistry } from '../pack/index.ts';
import { type Suggestion, suggestWords } from '../snap/index.ts';
import { notInCatalog } from './catalog.ts';
import type { Connections } from './connections.ts';
import type { SuggestionRequest, Suggestions } from './suggestion-contract.ts';

const keptMs = 60_000;
/** A refusal is kept for less, so that whoever mends the account sees it soon; still a form that asks at every key stroke asks once. */
const refusalKeptMs = 5_000;
const answersMax = 200;

interface Answer {
  readonly words: Promise<readonly Suggestion[]>;
  /** By the clock of this process, in ms. */
  expiresAt: number;
}

export interface SuggestionOptions {
  readonly registry: PackRegistry;
  readonly connections: Connections;
  readonly now?: () => number;
}

export class SuggestionService {
  readonly #registry: PackRegistry;
  readonly #connections: Connections;
  readonly #now: () => number;
  readonly #answers = new Map<string, Answer>();

  constructor({ registry, connections, now = Date.now }: SuggestionOptions) {
    this.#registry = registry;
    this.#connections = connections;
    this.#now = now;
  }

  /** Throws SNAP_PACK_NOT_FOUND for an unknown snap, SNAP_USAGE for an unknown setting; what is wrong with the account is told beside the pack's words. */
  async suggest({ snap: id, setting, settings, account, text = '' }: SuggestionRequest): Promise<Suggestions> {
    const snap = this.#registry.snap(id);
    if (snap === undefined) throw notInCatalog('snap', id, this.#registry.snaps.keys());
    const found = await suggestWords({
      pack: this.#registry.pack(snap.pack),
      snap,
      settings,
      setting,
      text,
      ask:
        account === undefined
          ? undefined
          : ({ key, ask }) =>
              this.#once(JSON.stringify([account, key]), async () => {
                const type = await this.#connections.typeOf(account);
                const taken: readonly string[] = snap.declaration.accountTypes ?? [];
                if (!taken.includes(type)) throw wrongType(snap, account, type);
                return await ask(await this.#connections.connect(account));
              }),
    });
    const { values, isAsked, more } = found;
    const problem =
      found.problem ?? (values.length === 0 ? unknownResource(this.#registry, snap, settings) : undefined);
    return {
      values,
      from: isAsked ? 'account' : 'pack',
      more,
      ...(problem === undefined ? {} : { problem: problem.toJSON() }),
    };
  }

  /** The answer of the last minute, or a fresh one that everybody who asks meanwhile shares. */
  #once(key: string, ask: () => Promise<readonly Suggestion[]>): Promise<readonly Suggestion[]> {
    const now = this.#now();
    const known = this.#answers.get(key);
    if (known !== undefined && known.expiresAt > now) return known.words;
    const answer: Answer = { words: ask(), expiresAt: now + keptMs };
    answer.words.catch(() => {
      answer.expiresAt = Math.min(answer.expiresAt, this.#now() + refusalKeptMs);
    });
    this.#answers.delete(key);
    this.#answers.set(key, answer);
    const [oldest] = this.#answers.keys();
    if (this.#answers.size > answersMax && oldest !== undefined) this.#answers.delete(oldest);
    return answer.words;
  }
}

/** Why a setting that depends on the resource has no words. */
function unknownResource(
  registry: PackRegistry,
  { pack, declaration }: LoadedSnap,
  settings: JsonObject,
): ConfigurationError | undefined {
  const key = settings[declaration.resourceSetting ?? ''];
  const { resources } = registry.pack(pack);
  return typeof key === 'string' && !resources.has(key) ? notInCatalog('resource', key, resources.keys()) : undefined;
}

function wrongType({ id, declaration }: LoadedSnap, account: string, type: string): ConfigurationError {
  return new ConfigurationError('SNAP_ACCOUNT_INVALID', `The account "${account}" does not serve ${id}.`, {
    reason: `it is of type ${type}; the snap takes ${(declaration.accountTypes ?? []).join(', ') || 'no account'}`,
    resolution: 'name an account of such a type',
  });
}
