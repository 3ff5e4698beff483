// Owns what an operation needs of an account: where the API is and how a request is sent. Tokens, pace and retries are behind it.
import type { HttpAnswer, HttpRequest } from '../http/contract.ts';

export interface Connection {
  /** The account's name, for messages. */
  readonly account: string;
  /** The API's base URL, on the account's own host. */
  readonly baseUrl: URL;
  /** Sends one request with the account's token, within the tenant's budget; repeats only what is repeatable. */
  send(request: HttpRequest): Promise<HttpAnswer>;
}
