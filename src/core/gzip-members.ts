// Owns packing a text that must be resumable: gzip members that end at fixed places of the text, so that a run which
// was killed and resumed gives the same bytes as one that was not.
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

/** The unpacked bytes of a member. Members are one file to every reader (RFC 1952, section 2.2); smaller ones pack worse. */
const memberBytes = 256 * 1024;

const pack = promisify(gzip);
const unpack = promisify(gunzip);

/** The text behind the last whole member, packed and in base64: at most a few hundred kilobytes in a checkpoint. */
export interface GzipState {
  readonly pending: string;
  readonly hasMember: boolean;
}

/** `write` gives the packed bytes that a text completes; `end` gives the rest. An empty text is one empty member. */
export class GzipMembers {
  #restored: string | undefined;
  #hasMember: boolean;
  #pending: Buffer[] = [];
  #pendingBytes = 0;

  constructor(state?: GzipState) {
    this.#restored = state?.pending;
    this.#hasMember = state?.hasMember ?? false;
  }

  async write(text: string | Buffer): Promise<Buffer> {
    await this.#restore();
    this.#keep(typeof text === 'string' ? Buffer.from(text) : text);
    if (this.#pendingBytes < memberBytes) return Buffer.alloc(0);
    const all = Buffer.concat(this.#pending);
    const members: Buffer[] = [];
    let at = 0;
    for (; at + memberBytes <= all.length; at += memberBytes) {
      members.push(await pack(all.subarray(at, at + memberBytes)));
    }
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#keep(Buffer.from(all.subarray(at)));
    this.#hasMember = true;
    return Buffer.concat(members);
  }

  async end(text: string): Promise<Buffer> {
    const members = await this.write(text);
    const last =
      this.#pendingBytes > 0 || !this.#hasMember ? await pack(Buffer.concat(this.#pending)) : Buffer.alloc(0);
    this.#pending = [];
    this.#pendingBytes = 0;
    this.#hasMember = true;
    return Buffer.concat([members, last]);
  }

  async snapshot(): Promise<GzipState> {
    await this.#restore();
    const pending = await pack(Buffer.concat(this.#pending));
    return { pending: pending.toString('base64'), hasMember: this.#hasMember };
  }

  #keep(bytes: Buffer): void {
    if (bytes.length === 0) return;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
  }

  async #restore(): Promise<void> {
    if (this.#restored === undefined) return;
    const bytes = await unpack(Buffer.from(this.#restored, 'base64'), { maxOutputLength: memberBytes });
    this.#restored = undefined;
    this.#keep(bytes);
  }
}
