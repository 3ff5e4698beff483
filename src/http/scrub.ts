// Owns taking secrets out of text by value, in every form in which they travel. It keeps them in memory only.

/** What stands in the place of a secret; of one length, so that it tells nothing. */
export const mask = '[secret]';

/** Shorter values stand in ordinary words too often to be taken out of them. */
const secretLengthMin = 6;
/** Secrets kept at once; the oldest go first. */
const secretsMax = 1_000;

export interface Scrubber {
  /** Takes note of a secret. A client ID makes the `Basic` form of the pair known too. */
  add(secret: string, options?: { readonly clientId?: string }): void;
  /** Gives the text with each known secret masked, however it is written. */
  scrub(text: string): string;
}

/** Makes a scrubber that knows nothing yet. */
export function createScrubber(): Scrubber {
  const forms = new Map<string, readonly string[]>();
  let index: ReadonlyMap<string, readonly string[]> | undefined;
  return {
    add: (secret, { clientId } = {}) => {
      if (secret.length < secretLengthMin) return;
      const known = new Set([...(forms.get(secret) ?? []), ...formsOf(secret)]);
      if (clientId !== undefined) {
        for (const form of base64Forms(`${clientId}:${secret}`)) known.add(form);
        for (const form of base64Forms(`${formEncode(clientId)}:${formEncode(secret)}`)) known.add(form);
      }
      forms.delete(secret);
      forms.set(secret, [...known]);
      const [oldest] = forms.keys();
      if (forms.size > secretsMax && oldest !== undefined) forms.delete(oldest);
      index = undefined;
    },
    scrub: (text) => {
      index ??= indexByStart([...forms.values()].flat());
      return index.size === 0 ? text : replaceAll(text, index);
    },
  };
}

/** The forms by their first characters, so that a line costs one look-up a character however many secrets there are. */
function indexByStart(values: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  // The longest first: a secret may begin with another.
  for (const value of [...new Set(values)].toSorted((a, b) => b.length - a.length)) {
    const start = value.slice(0, secretLengthMin);
    index.set(start, [...(index.get(start) ?? []), value]);
  }
  return index;
}

function replaceAll(text: string, index: ReadonlyMap<string, readonly string[]>): string {
  let scrubbed = '';
  let copied = 0;
  for (let at = 0; at + secretLengthMin <= text.length; at += 1) {
    const found = index.get(text.slice(at, at + secretLengthMin))?.find((value) => text.startsWith(value, at));
    if (found === undefined) continue;
    scrubbed += `${text.slice(copied, at)}${mask}`;
    copied = at + found.length;
    at = copied - 1;
  }
  return scrubbed + text.slice(copied);
}

function formsOf(secret: string): readonly string[] {
  const json = JSON.stringify(secret).slice(1, -1);
  const escaped = json.replaceAll('/', '\\/');
  const percent = encodeURIComponent(secret);
  const forms = [
    secret,
    json,
    escaped,
    JSON.stringify(json).slice(1, -1),
    percent,
    formEncode(secret),
    strictPercent(secret),
  ];
  const lower = forms.map((form) => form.replace(/%[0-9A-F]{2}/gu, (code) => code.toLowerCase()));
  return [...forms, ...lower, ...base64Forms(secret), Buffer.from(secret).toString('hex')];
}

/**
 * Base64 depends on what stands before: the three offsets give three texts, of which only the middle is sure. The ends
 * that share bits with their neighbours are left out.
 */
function base64Forms(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const whole = bytes.toString('base64');
  const shifted = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/u, '');
    const start = offset === 0 ? 0 : offset + 1;
    const end = (offset + bytes.length) % 3 === 0 ? text.length : text.length - 1;
    return text.slice(start, end);
  });
  const forms = [whole, ...shifted.filter((form) => form.length >= secretLengthMin)];
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/u, ''))];
}

function formEncode(value: string): string {
  return new URLSearchParams({ v: value }).toString().slice(2);
}

function strictPercent(value: string): string {
  return encodeURIComponent(value).replace(
    /[!'()*]/gu,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
