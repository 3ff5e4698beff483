// Owns the files of the tenant: those that were uploaded, kept in memory, and those that come with computed records, made when asked for.
import { createHash } from 'node:crypto';
import { problem } from '../query/problem.ts';
import type { Entity } from '../records/entity.ts';
import { makePdf } from './pdf.ts';
import { makePng } from './png.ts';

/** A file with its bytes. */
export interface StoredFile {
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Buffer;
}

/** What is told of an uploaded file. */
export interface UploadedFile {
  /** `object/id/slot`. */
  readonly place: string;
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** What a record can hold: its own file, or one with a name of its own such as `image_scan`. */
export type Slot = string;

const keptBytesMax = 256 * 1024 * 1024;
const pictureSlots: ReadonlySet<Slot> = new Set(['avatar', 'image']);

/** Files by record and slot. */
export class FileLibrary {
  readonly #kept = new Map<string, StoredFile | null>();
  readonly #uploaded = new Map<string, UploadedFile>();
  #keptBytes = 0;

  /** Keeps a file. Throws an ApiProblem with status 422 when the memory for files is full. */
  keep(entity: Entity, slot: Slot, file: StoredFile): void {
    this.remove(entity, slot);
    if (this.#keptBytes + file.bytes.length > keptBytesMax) {
      throw problem(422, `the simulator keeps ${keptBytesMax} bytes of files at most`, 'file');
    }
    const place = keyOf(entity, slot);
    this.#kept.set(place, file);
    this.#keptBytes += file.bytes.length;
    const { name, bytes } = file;
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.#uploaded.set(place, { place, name, bytes: bytes.length, sha256 });
  }

  /** Takes a file away, a computed one too. */
  remove(entity: Entity, slot: Slot): void {
    const key = keyOf(entity, slot);
    this.#keptBytes -= this.#kept.get(key)?.bytes.length ?? 0;
    this.#kept.set(key, null);
    this.#uploaded.delete(key);
  }

  /** Gives a file, or undefined when the record has none: made records have what was uploaded alone. */
  read(entity: Entity, slot: Slot): StoredFile | undefined {
    const kept = this.#kept.get(keyOf(entity, slot));
    if (kept !== undefined) return kept ?? undefined;
    const isDocument = slot.startsWith('retrieve_') && slot !== 'retrieve_image_scan';
    return entity.isMade && !isDocument && slot !== 'download' ? undefined : computedFile(entity, slot);
  }

  /** The files that are kept, in the order in which they came. */
  get uploaded(): readonly UploadedFile[] {
    return [...this.#uploaded.values()];
  }

  reset(): void {
    this.#kept.clear();
    this.#uploaded.clear();
    this.#keptBytes = 0;
  }
}

const keyOf = ({ type, id }: Entity, slot: Slot): string => `${type.name}/${id}/${slot}`;

function computedFile(entity: Entity, slot: Slot): StoredFile {
  const { name: object } = entity.type;
  if (pictureSlots.has(slot)) {
    return { name: `${object}-${entity.id}.png`, contentType: 'image/png', bytes: makePng(entity.id) };
  }
  if (slot === 'retrieve_clearance_document') {
    const bytes = Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n<clearance document="${entity.id}"/>\n`);
    return { name: `clearance-${entity.id}.xml`, contentType: 'application/xml', bytes };
  }
  const title = slot === 'file' ? 'document' : slot.replace(/^retrieve_/u, '').replaceAll('_', '-');
  const number = ['invoice-number', 'po-number', 'number']
    .map((field) => entity.value(field))
    .find((value) => typeof value === 'string');
  const lines = [`${title} of ${object} ${entity.id}`, ...(typeof number === 'string' ? [number] : [])];
  return { name: `${title}-${entity.id}.pdf`, contentType: 'application/pdf', bytes: makePdf(lines) };
}
