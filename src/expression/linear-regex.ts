// Owns the regular expressions of JSONata: RE2's, which take linear time whatever the pattern.
import { RE2JS } from 're2js';

/** The part of RegExp that JSONata uses, over RE2. Throws on look-around and back references, which RE2 does not have. */
export class LinearRegex {
  lastIndex = 0;
  readonly #pattern: RE2JS;

  constructor(pattern: RegExp) {
    this.#pattern = RE2JS.compile(RE2JS.translateRegExp(pattern));
  }

  exec(text: string): (string[] & { index: number }) | null {
    const matcher = this.#pattern.matcher(text);
    if (this.lastIndex > text.length || !matcher.find(this.lastIndex)) {
      this.lastIndex = 0;
      return null;
    }
    this.lastIndex = matcher.end();
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? '');
    return Object.assign(groups, { index: matcher.start() });
  }
}
