// What callers hand to the HTTP client: where tokens come from and when a request may leave.

/** An access token as the vault knows it. `version` names the token set it belongs to; `issuedAt` is ms since the epoch. */
export interface AccessToken {
  readonly value: string;
  readonly version: number;
  readonly issuedAt: number;
}

export interface TokenRequest {
  /** The token set version that the far side just refused with 401; asks for a newer one. */
  readonly rejectedVersion?: number;
  readonly signal?: AbortSignal;
}

/** Resolves a token valid for at least the account type's refresh margin. Throws SNAP_ACCOUNT_* and SNAP_TOKEN_UNAVAILABLE. */
export type TokenSource = (request?: TokenRequest) => Promise<AccessToken>;

/** The pace of one tenant, shared by everything that calls it. */
export interface Budget {
  /** Waits until one request may leave; resolves the time waited in ms. Rejects when the signal aborts. */
  take(signal?: AbortSignal): Promise<number>;
  /** Stops everybody for this long: the far side said so (429, Retry-After). */
  pause(delayMs: number): void;
}

/** The bucket of a tenant as every process sees it that uses the tenant's rate, by a clock that they share. */
export interface SharedBucket {
  /** Puts requests into it, each of which fills it for `intervalMs`; gives the ms until what was in it before has drained. */
  fill(requests: number, intervalMs: number): Promise<number>;
  /** Keeps it filled for this long at least. */
  pause(delayMs: number): Promise<void>;
}

/** How far a failed request came: `no` nothing left this machine, `answered` the far side answered, `unknown` neither is sure. */
export type Sent = 'no' | 'unknown' | 'answered';

/** What requests cost. bytesIn and bytesOut count bodies as they are on the wire, before decoding. */
export interface HttpTraffic {
  requests: number;
  retries: number;
  /** Waited for the budget or because the far side said so, in ms. */
  throttledMs: number;
  bytesIn: number;
  bytesOut: number;
}

/** A body that is made anew for each attempt and is never whole in memory. */
export interface StreamedBody {
  /** Its exact length, in bytes. */
  readonly bytes: number;
  /** Gives the body from its beginning. One of our errors that it throws ends the request: the far side never gets it whole. */
  open(): AsyncIterable<Uint8Array>;
}

export type RequestBody = string | Uint8Array | StreamedBody;

/** What is known of an answer before its body comes. */
export interface AnswerHead {
  readonly status: number;
  /** Names in lower case; repeated headers joined by a comma. */
  readonly headers: Readonly<Record<string, string>>;
  /** False when only the end of the connection ends the body: it may be cut, so it must not be believed to be whole. */
  readonly isComplete: boolean;
}

/** Takes the body of a successful answer while it comes, so that it is never whole in memory. */
export interface AnswerReceiver {
  /** Bound of the body, before and after decoding. */
  readonly bytesMax: number;
  /** Bound of the whole attempt once its answer has begun, in ms; the request's own bound when left out. */
  timeoutMs?(head: AnswerHead): number;
  /**
   * Called for each attempt that is answered with a status of 200 to 299; the body comes decoded, at the pace in which it is
   * read. It is to be read to its end. What this throws ends the attempt and is thrown to whoever sent the request.
   */
  receive(head: AnswerHead, pieces: AsyncIterable<Uint8Array>): Promise<void>;
}

/**
 * What happens to a request on its way, for whoever keeps a log or counts. `sent`: an attempt left. `throttled`: it waited for the
 * budget. `refused`: the far side refused it for its rate, and everybody pauses. `retry`: it is sent again after a wait.
 * `token-refused`: a 401 asked for another token. `down`: the tenant is down and the request waits, one in `retryMs` is tried; `up`: it
 * answers again. Never holds a secret, a header or a query.
 */
export type HttpEvent =
  | { readonly kind: 'sent' }
  | { readonly kind: 'throttled'; readonly waitedMs: number }
  | { readonly kind: 'refused'; readonly delayMs: number }
  | { readonly kind: 'retry'; readonly delayMs: number; readonly reason: string }
  | { readonly kind: 'token-refused' }
  | { readonly kind: 'down'; readonly reason: string; readonly retryMs: number }
  | { readonly kind: 'up'; readonly waitedMs: number };

export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: RequestBody;
  /** Where the body of a success goes; the answer's own `body` is empty then. */
  readonly receiver?: AnswerReceiver;
  /** Whether sending it twice does no harm: the operation's own word, never guessed from the method. */
  readonly repeatable: boolean;
  /** Whether it waits while the tenant is down, as a run does; for a person who waits for the answer it fails instead. */
  readonly waitsForTenant?: boolean;
  /** Bound of one attempt: connecting, headers and body together, in ms. */
  readonly totalTimeoutMs?: number;
  /** Bound of the body, before and after decoding. */
  readonly bodyBytesMax?: number;
  /** Ends every attempt and every wait. */
  readonly signal?: AbortSignal;
  /** Counters to add to instead of fresh ones, so that what a failed request cost is counted too. */
  readonly traffic?: HttpTraffic;
  /**
   * Asked right before an attempt leaves: nothing when it may, else what resolves when it may. It rejects when the request may
   * not leave at all; that is thrown then.
   */
  readonly permit?: () => Promise<void> | undefined;
  /** Told what happens on the way; must not throw. */
  readonly observe?: (event: HttpEvent) => void;
}

export interface HttpAnswer extends AnswerHead {
  /** The decoded body. */
  readonly body: Uint8Array;
  readonly traffic: HttpTraffic;
}

/** A fetch over the guarded transport: no token, no repetition, no redirect. */
export type GuardedFetch = (url: string, init: FetchInit) => Promise<Response>;

export interface FetchInit {
  readonly method: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: URLSearchParams | string | Uint8Array | ReadableStream | null | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpClient {
  /**
   * Sends one request and receives the whole answer, whatever its status (a redirect excepted).
   * Throws HttpFailure, and what the TokenSource throws.
   */
  send(request: HttpRequest): Promise<HttpAnswer>;
  readonly fetch: GuardedFetch;
  /** Ends all connections at once. */
  close(): Promise<void>;
}
