// Owns putting an answer together as bytes. Runs of text that never change are copied as bytes, which is many times
// faster than joining a page of strings and encoding it afterwards.

const bytesAtFirst = 1024 * 1024;

/** A growing run of bytes, used again for each answer. */
export class ByteSink {
  #buffer = Buffer.allocUnsafe(bytesAtFirst);
  #length = 0;

  /** Adds text as UTF-8. */
  text(text: string): void {
    // A UTF-16 unit takes at most three bytes.
    this.#reserve(text.length * 3);
    this.#length += this.#buffer.write(text, this.#length, 'utf8');
  }

  bytes(bytes: Buffer): void {
    this.#reserve(bytes.length);
    this.#length += bytes.copy(this.#buffer, this.#length);
  }

  /** Gives a copy of what was added and starts anew. */
  take(): Buffer {
    const taken = Buffer.from(this.#buffer.subarray(0, this.#length));
    this.#length = 0;
    return taken;
  }

  #reserve(bytes: number): void {
    if (this.#length + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.#length + bytes));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }
}
