// Owns one API request from its token to its answer. Everything it needs is handed in; it never touches a socket.
import type { IncomingHttpHeaders } from 'node:http';
import type { Desk } from '../actions/rule.ts';
import type { Authorization } from '../authorization/contract.ts';
import { routes } from '../authorization/routes.ts';
import type { Bucket } from '../bucket.ts';
import type { FileLibrary, StoredFile } from '../files/library.ts';
import { answerGraphql } from '../graphql/answer.ts';
import { SortedOrdinals } from '../query/order.ts';
import { ApiProblem, problem } from '../query/problem.ts';
import { formatInstant } from '../records/calendar.ts';
import { type CatalogResource, objectOf } from '../records/facts.ts';
import type { World } from '../records/world.ts';
import { JsonWriter } from '../render/json.ts';
import { type Answer, answer, refusal } from './answer.ts';
import { answerCall } from './calls.ts';
import { type Format, readAccept, readBody } from './format.ts';
import { type Route, Routes } from './routes.ts';

/** How the API behaves; see SimulatorOptions. */
export interface ApiOptions {
  readonly world: World;
  readonly files: FileLibrary;
  readonly catalog: readonly CatalogResource[];
  readonly authorization: Pick<Authorization, 'verify'>;
  readonly bucket: Bucket;
  readonly retryAfter: 'none' | 'seconds' | 'date';
  readonly settleMs: number;
  readonly isStrict: boolean;
  readonly validationStatus: 400 | 422;
  readonly savedFilters: Readonly<Record<string, string>>;
  readonly now: () => number;
  /** Told of the records in each answer. */
  readonly onServed: (resource: string, ids: readonly number[]) => void;
}

/** One request as the API sees it. */
export interface ApiRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
  /** The parts of the body when it is a form. */
  readonly parts?: readonly UploadedPart[];
}

/** One part of a form: text, or a file. */
export interface UploadedPart {
  readonly name: string;
  readonly text: string;
  readonly file?: StoredFile;
}

/** The page that a request without a usable token is sent to, when it asks for a page. */
const loginPath = routes.login;

const graphqlPath = '/api/graphql';

/** Answers API requests. */
export class Api {
  readonly #options: ApiOptions;
  readonly #routes: Routes;
  readonly #writer = new JsonWriter();
  readonly #sorted = new SortedOrdinals();

  constructor(options: ApiOptions) {
    this.#options = options;
    this.#routes = new Routes(options.catalog);
  }

  /** Gives the answer; every refusal is an answer too. */
  answer(request: ApiRequest): Answer {
    const format = /\bjson\b/u.test(request.headers.accept ?? '') ? 'json' : 'xml';
    const waitMs = this.#options.bucket.take();
    if (waitMs > 0) return this.#overRate(waitMs, format);
    try {
      return this.#admitted(request);
    } catch (thrown) {
      if (thrown instanceof ApiProblem) return refusal(thrown, format);
      throw thrown;
    }
  }

  #admitted(request: ApiRequest): Answer {
    const bearer = this.#bearerOf(request.headers);
    if (!bearer && /\btext\/html\b/u.test(request.headers.accept ?? '')) {
      return { status: 302, headers: { location: loginPath }, body: '' };
    }
    const route = this.#routes.find(request.method, request.url.pathname);
    const carriesFile = route?.call.kind === 'download' || route?.call.kind === 'upload';
    const format = carriesFile && !/\bxml\b/u.test(request.headers.accept ?? '') ? 'json' : readAccept(request.headers);
    if (!bearer) {
      const refused = refusal(problem(401, 'the access token is missing, expired, revoked or too young'), format);
      return { ...refused, headers: { ...refused.headers, 'www-authenticate': 'Bearer error="invalid_token"' } };
    }
    if (request.method === 'POST' && request.url.pathname === graphqlPath) return this.#graphql(request, bearer.scopes);
    if (!route) throw problem(404, `${request.method} ${request.url.pathname} is not an API call`);
    if (!bearer.scopes.includes(route.call.scope)) {
      throw problem(403, `the access token lacks the scope ${route.call.scope}`);
    }
    const desk = this.#deskFor(route, format);
    const given = answerCall(desk, route, request);
    if (given.ids) this.#options.onServed(desk.key, given.ids);
    return given;
  }

  #graphql(request: ApiRequest, scopes: readonly string[]): Answer {
    const { world, catalog, savedFilters, isStrict, onServed } = this.#options;
    const said = answerGraphql(
      {
        catalog,
        collectionOf: (object) => world.collection(object),
        sorted: this.#sorted,
        query: { typeOf: (object) => world.type(object), savedFilters, isStrict },
        scopes,
        onServed,
      },
      readBody(request.headers, request.body, 'json'),
    );
    return answer(200, 'json', JSON.stringify(said));
  }

  #deskFor({ object, resource, parents }: Pick<Route, 'object' | 'resource' | 'parents'>, format: Format): Desk {
    const { world, files, savedFilters, isStrict, validationStatus, now } = this.#options;
    const typeOf = (name: string) => world.type(name);
    const isOwn = object === objectOf(resource);
    return {
      key: isOwn
        ? resource.key
        : object === 'attachment'
          ? 'attachments'
          : `${parents.at(-1)?.object ?? ''}/${object}s`,
      collection: world.collection(object),
      naturalKey: isOwn ? (resource.naturalKey ?? []) : [],
      format,
      writer: this.#writer,
      sorted: this.#sorted,
      query: { typeOf, savedFilters, isStrict },
      typeOf,
      collectionOf: (name) => world.collection(name),
      families: world.families,
      files,
      status: validationStatus,
      now,
      at: formatInstant(now()),
    };
  }

  #bearerOf(headers: IncomingHttpHeaders) {
    const token = /^Bearer +(\S+)$/iu.exec(headers.authorization ?? '')?.[1];
    const bearer = token === undefined ? undefined : this.#options.authorization.verify(token);
    const isSettled = bearer && this.#options.now() - bearer.issuedAt >= this.#options.settleMs;
    return isSettled ? bearer : undefined;
  }

  #overRate(waitMs: number, format: Format): Answer {
    const refused = refusal(problem(429, 'too many requests: the instance takes no more for now'), format);
    const { retryAfter, now } = this.#options;
    if (retryAfter === 'none') return refused;
    const value =
      retryAfter === 'seconds' ? String(Math.ceil(waitMs / 1000)) : new Date(now() + waitMs + 999).toUTCString();
    return { ...refused, headers: { ...refused.headers, 'retry-after': value } };
  }
}
