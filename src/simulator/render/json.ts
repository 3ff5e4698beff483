// Owns the fast way from a whole record to JSON text: what is the same for every record of an object is written once.
// Must give the same JSON as present.ts: a simulator that is slow to answer would be measured instead of its client.
import { Entity, type EntityType, type Value } from '../records/entity.ts';
import { ownedDepthMax, presentShallow } from './present.ts';

/** A run of text, or the name of a field whose value goes there. */
type Piece = string | { readonly field: string; readonly isOwned: boolean };

const shallowTextsMax = 20_000;

/** Writes whole records as JSON text. Remembers the text of references that are met again and again. */
export class JsonWriter {
  readonly #computed = new Map<EntityType, readonly Piece[]>();
  readonly #written = new Map<EntityType, readonly Piece[]>();
  readonly #shallow = new Map<EntityType, Map<number, string>>();

  /** Gives a record with all its fields. */
  whole(entity: Entity, ownedDepth = ownedDepthMax): string {
    let text = '';
    for (const piece of this.#piecesOf(entity)) {
      text +=
        typeof piece === 'string' ? piece : this.#value(entity.value(piece.field), piece.isOwned ? ownedDepth : 0);
    }
    return text;
  }

  #value(value: Value, ownedDepth: number): string {
    if (typeof value === 'string') return JSON.stringify(value);
    if (value === null || typeof value !== 'object') return String(value);
    if (value instanceof Entity) return ownedDepth > 0 ? this.whole(value, ownedDepth - 1) : this.#reference(value);
    if (Array.isArray(value)) {
      return `[${(value as readonly Value[]).map((member) => this.#value(member, ownedDepth)).join(',')}]`;
    }
    return JSON.stringify(value);
  }

  #reference(entity: Entity): string {
    if (entity.changes || entity.parent) return JSON.stringify(presentShallow(entity));
    let texts = this.#shallow.get(entity.type);
    if (!texts || texts.size >= shallowTextsMax) {
      texts = new Map();
      this.#shallow.set(entity.type, texts);
    }
    let text = texts.get(entity.id);
    if (text === undefined) {
      text = JSON.stringify(presentShallow(entity));
      texts.set(entity.id, text);
    }
    return text;
  }

  #piecesOf(entity: Entity): readonly Piece[] {
    // The constants of the seed do not hold for a record that was written to.
    const known = entity.changes ? this.#written : this.#computed;
    let pieces = known.get(entity.type);
    if (!pieces) {
      pieces = compile(entity.type, !entity.changes);
      known.set(entity.type, pieces);
    }
    return pieces;
  }
}

function compile(type: EntityType, foldsConstants: boolean): readonly Piece[] {
  const pieces: Piece[] = [];
  let text = '';
  for (const fact of type.facts.fields.values()) {
    if (!fact.isReturned) continue;
    text += `${text === '' && pieces.length === 0 ? '{' : ','}${JSON.stringify(fact.name)}:`;
    const generator = type.generators.get(fact.name);
    if (foldsConstants && generator?.constant !== undefined) {
      text += JSON.stringify(generator.constant);
      continue;
    }
    pieces.push(text, { field: fact.name, isOwned: generator?.isOwned === true });
    text = '';
  }
  return [...pieces, `${text}}`];
}
