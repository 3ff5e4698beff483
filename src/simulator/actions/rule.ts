// Owns what an action of the API is: from which states to which, with which fields. The tables are data; what data cannot say is an effect.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import type { Writer } from '../api/write.ts';
import type { FileLibrary } from '../files/library.ts';
import type { Entity } from '../records/entity.ts';
import type { Families } from '../records/families.ts';

/** What actions reach beside what writing reaches. */
export interface Desk extends Writer {
  readonly families: Families;
  readonly files: FileLibrary;
  /** The instant of the request, as records show it. */
  readonly at: string;
}

/** What a field becomes: a value, or one computed from the record and the instant. */
export type Setting = JsonValue | ((entity: Entity, at: string) => JsonValue);

/** Does what a table cannot say; gives the record to answer when it is another one. */
export type Effect = (desk: Desk, entity: Entity, input: JsonObject) => Entity | undefined;

/** One action. */
export interface ActionRule {
  /** States it may start from; any when absent. */
  readonly from?: readonly string[];
  /** The state it leads to; the same when absent. */
  readonly to?: string;
  readonly set?: Readonly<Record<string, Setting>>;
  /** Whether elements of the body are laid over the record. */
  readonly takesBody?: boolean;
  readonly effect?: Effect;
  /**
   * The record it is about when its path names none: `made` makes one of the body, `named` finds the one whose id the body
   * or the query gives, `cart` is the caller's cart, `none` is no record. `named` where a path is without id by default.
   */
  readonly subject?: 'made' | 'named' | 'cart' | 'none';
}

/** Rules by action. */
export type ActionRules = Readonly<Record<string, ActionRule>>;

/** The instant of the request. */
export const now: Setting = (_, at) => at;

/** One more than the field was. */
export const oneMore =
  (field: string): Setting =>
  (entity) =>
    Number(entity.value(field) ?? 0) + 1;
