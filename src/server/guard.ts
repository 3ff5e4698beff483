// Decides, before any route runs, whether a request comes from our own page in our own browser window.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { sendProblem } from './problem.ts';
import type { Sessions } from './session.ts';

export const pageTokenHeader = 'x-snaps-page';

export interface GuardOptions {
  /** Values of the Host header that are ours, with port. */
  readonly hosts: ReadonlySet<string>;
  /** Origins that are ours. */
  readonly origins: ReadonlySet<string>;
  readonly cookieName: string;
  readonly sessions: Sessions;
  /** What a scraper of /metrics brings instead of a session; undefined when none may. */
  readonly metricsToken: string | undefined;
}

/** Paths that need no session: the page itself, sign-in, health checks, and callbacks, which a flow's own cookie guards. */
const openPaths = new Set(['/', '/healthz', '/readyz', '/api/session', '/oauth/callback', '/oauth/check']);
/** Files of the page; downloads and results of authorizations, whose address holds what only its owner knows. */
const openFolders = ['/assets/', '/downloads/', '/oauth/result/'];
const readingMethods = new Set(['GET', 'HEAD']);

/** Why a request is refused; the answer says no more than this. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 421;
  readonly message: string;
  readonly reason?: string;
}

/** Gives the reason to refuse a request, or undefined. Host first: a rebound name must not even reach sign-in. */
export function refusalOf(request: FastifyRequest, options: GuardOptions): Refusal | undefined {
  const { rawHeaders, url, method } = request.raw;
  const hosts = rawHeaders.filter((_, index) => index % 2 === 0 && rawHeaders[index]?.toLowerCase() === 'host');
  if (url === undefined || !url.startsWith('/') || hosts.length !== 1) {
    return { status: 400, message: 'The request must name a path and exactly one host.' };
  }
  if (!options.hosts.has(request.headers.host ?? '')) return { status: 421, message: 'This host serves another name.' };
  const path = url.split('?', 1)[0] ?? '';
  const isReading = readingMethods.has(method ?? '');
  const isOpenPath = openPaths.has(path) || (isReading && openFolders.some((folder) => path.startsWith(folder)));
  if (!isReading || !isOpenPath) {
    const site = request.headers['sec-fetch-site'];
    const origin = request.headers.origin;
    const isForeign =
      (site !== undefined && site !== 'same-origin') || (origin !== undefined && !options.origins.has(origin));
    if (isForeign || (!isReading && origin === undefined)) {
      return { status: 403, message: 'The request does not come from a page of this host.' };
    }
  }
  if (isOpenPath) return undefined;
  if (isReading && path === '/metrics' && isScraper(request, options.metricsToken)) return undefined;
  const pageToken = request.headers[pageTokenHeader];
  const isOpen = options.sessions.isOpen(
    cookieOf(request, options.cookieName),
    typeof pageToken === 'string' ? pageToken : undefined,
  );
  return isOpen ? undefined : { status: 401, message: 'Sign in with the address that "snaps serve" printed.' };
}

/** Compared as hashes, so that the time tells nothing of the token. */
function isScraper({ headers: { authorization } }: FastifyRequest, token: string | undefined): boolean {
  if (token === undefined || authorization === undefined) return false;
  return timingSafeEqual(hash(authorization), hash(`Bearer ${token}`));
}

const hash = (text: string): Buffer => createHash('sha256').update(text).digest();

/** The value of one cookie of the request. */
export function cookieOf(request: FastifyRequest, name: string): string | undefined {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1);
}

/** Answers a refusal in the one form of failures. */
export function answerRefusal(reply: FastifyReply, refusal: Refusal): FastifyReply {
  return sendProblem(reply, refusal.status, {
    code: 'SNAP_USAGE',
    message: refusal.message,
    reason: refusal.reason ?? `HTTP status ${refusal.status}`,
    resolution: 'open the newest address that "snaps serve" printed',
  });
}
