// Owns the answers of the API as values: status, headers and body. Sending them is server.ts's.
import type { ApiProblem } from '../query/problem.ts';
import { errorsXml } from '../render/xml.ts';
import type { Format } from './format.ts';

/** An answer ready to be sent. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
  /** Ids of the records in it, for the ledger. */
  readonly ids?: readonly number[];
}

const types: Readonly<Record<Format, string>> = {
  json: 'application/json; charset=utf-8',
  xml: 'application/xml; charset=utf-8',
};

/** An answer in a format. */
export const answer = (status: number, format: Format, body: string | Buffer, ids?: readonly number[]): Answer => ({
  status,
  headers: { 'content-type': types[format] },
  body,
  ...(ids ? { ids } : {}),
});

/** A refusal in the API's shape: JSON `{"errors":{field:[message]}}`, XML `<errors><error>`. */
export function refusal(problem: ApiProblem, format: Format): Answer {
  if (format === 'json') return answer(problem.status, format, JSON.stringify({ errors: problem.errors }));
  const messages = Object.entries(problem.errors).flatMap(([field, texts]) =>
    texts.map((text) => (field === 'base' ? text : `${field} ${text}`)),
  );
  return answer(problem.status, format, errorsXml(messages));
}
