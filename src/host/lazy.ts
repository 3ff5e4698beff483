// Owns making something once, when it is first asked for.

export interface Lazy<Value> {
  /** The value; everybody who asks shares one attempt. A failed attempt is not kept. */
  get(): Promise<Value>;
  /** The value if somebody asked for it and it was made. */
  made(): Promise<Value | undefined>;
}

export function lazy<Value>(make: () => Promise<Value>): Lazy<Value> {
  let attempt: Promise<Value> | undefined;
  return {
    get: () => {
      attempt ??= make().catch((thrown: unknown) => {
        attempt = undefined;
        throw thrown;
      });
      return attempt;
    },
    made: async () => await attempt?.catch(() => undefined),
  };
}
