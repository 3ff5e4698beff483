// Owns the sessions of people in the simulator's pages and the token that ties each form to its session.
// Never knows what a page does.

import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { findPerson, type Person } from './people.ts';

export interface PersonSession {
  readonly id: string;
  /** Comes back with every form; a form without it is refused. */
  readonly csrf: string;
  readonly person: Person | undefined;
}

const sessionsMax = 10_000;

export class PersonSessions {
  readonly #sessions = new Map<string, PersonSession>();

  /** The session of a request; a browser seen for the first time gets a new one with its cookie. */
  open(req: IncomingMessage, res: ServerResponse): PersonSession {
    const name = cookieName(req);
    const found = this.#sessions.get(cookieOf(req, name) ?? '');
    return found ?? this.#start(req, res, undefined);
  }

  /** Starts a fresh session at login, so that an id planted before it is worth nothing. */
  login(old: PersonSession, login: string, exchange: { req: IncomingMessage; res: ServerResponse }): void {
    this.#sessions.delete(old.id);
    this.#start(exchange.req, exchange.res, findPerson(login));
  }

  logout(session: PersonSession): void {
    this.#sessions.delete(session.id);
  }

  clear(): void {
    this.#sessions.clear();
  }

  #start(req: IncomingMessage, res: ServerResponse, person: Person | undefined): PersonSession {
    const session = { id: randomBytes(24).toString('base64url'), csrf: randomBytes(24).toString('base64url'), person };
    if (this.#sessions.size >= sessionsMax) {
      for (const oldest of this.#sessions.keys()) {
        this.#sessions.delete(oldest);
        break;
      }
    }
    this.#sessions.set(session.id, session);
    res.appendHeader('set-cookie', `${cookieName(req)}=${session.id}; Path=/; HttpOnly; SameSite=Lax`);
    return session;
  }
}

/** Whether a form carries the token of its session. */
export function hasToken(session: PersonSession, form: URLSearchParams): boolean {
  const given = Buffer.from(form.get('csrf') ?? '');
  const wanted = Buffer.from(session.csrf);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

// Browsers share cookies between the ports of one host, so the name carries the port.
function cookieName(req: IncomingMessage): string {
  return `simulator_person_${req.socket.localPort ?? 0}`;
}

function cookieOf(req: IncomingMessage, name: string): string | undefined {
  for (const pair of (req.headers.cookie ?? '').split(';')) {
    const [key, value] = pair.trim().split('=', 2);
    if (key === name) return value;
  }
  return undefined;
}
