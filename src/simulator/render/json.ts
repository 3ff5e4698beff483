// Owns the fast way from whole records to JSON bytes: what is the same for every record of an object is encoded once.
// Must give the same JSON as present.ts: a simulator that is slow to answer would be measured instead of its client.
import { Entity, type EntityType, type Value } from '../records/entity.ts';
import { ByteSink } from './byte-sink.ts';
import { ownedDepthMax, presentShallow } from './present.ts';

/** A run of bytes, or a field whose value goes there. */
type Piece = Buffer | { readonly field: string; readonly isOwned: boolean };

const referencesMax = 20_000;
const [opening, comma, closing] = [Buffer.from('['), Buffer.from(','), Buffer.from(']')];

/** Writes whole records as JSON. Remembers the bytes of references that are met again and again. */
export class JsonWriter {
  readonly #sink = new ByteSink();
  readonly #computed = new Map<EntityType, readonly Piece[]>();
  readonly #written = new Map<EntityType, readonly Piece[]>();
  readonly #references = new Map<EntityType, Map<number, Buffer>>();

  /** Gives one record with all its fields. */
  record(entity: Entity): Buffer {
    this.#whole(entity, ownedDepthMax);
    return this.#sink.take();
  }

  /** Gives a list of records with all their fields. */
  list(entities: readonly Entity[]): Buffer {
    this.#members(entities, ownedDepthMax + 1);
    return this.#sink.take();
  }

  #whole(entity: Entity, ownedDepth: number): void {
    for (const piece of this.#piecesOf(entity)) {
      if (Buffer.isBuffer(piece)) this.#sink.bytes(piece);
      else this.#value(entity.value(piece.field), piece.isOwned ? ownedDepth : 0);
    }
  }

  #value(value: Value, ownedDepth: number): void {
    if (typeof value === 'string') this.#sink.text(JSON.stringify(value));
    else if (value === null || typeof value !== 'object') this.#sink.text(String(value));
    else if (value instanceof Entity) {
      if (ownedDepth > 0) this.#whole(value, ownedDepth - 1);
      else this.#reference(value);
    } else if (Array.isArray(value)) this.#members(value as readonly Value[], ownedDepth);
    else this.#sink.text(JSON.stringify(value));
  }

  #members(members: readonly Value[], ownedDepth: number): void {
    this.#sink.bytes(opening);
    for (const [place, member] of members.entries()) {
      if (place > 0) this.#sink.bytes(comma);
      this.#value(member, ownedDepth);
    }
    this.#sink.bytes(closing);
  }

  #reference(entity: Entity): void {
    if (entity.changes || entity.parent) {
      this.#sink.text(JSON.stringify(presentShallow(entity)));
      return;
    }
    let known = this.#references.get(entity.type);
    if (!known || known.size >= referencesMax) {
      known = new Map();
      this.#references.set(entity.type, known);
    }
    let bytes = known.get(entity.id);
    if (bytes === undefined) {
      bytes = Buffer.from(JSON.stringify(presentShallow(entity)));
      known.set(entity.id, bytes);
    }
    this.#sink.bytes(bytes);
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
    pieces.push(Buffer.from(text), { field: fact.name, isOwned: generator?.isOwned === true });
    text = '';
  }
  return [...pieces, Buffer.from(`${text}}`)];
}
