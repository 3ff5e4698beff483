// Owns taking back out of an answer what its request carried: servers repeat headers and forms in error pages, and people print those.
import { ExecutionError } from '../errors.ts';
import type { AnswerReceiver, HttpAnswer } from './contract.ts';
import { createScrubber } from './scrub.ts';

/** Fields of a token request whose values are secrets. */
const secretFields = ['client_secret', 'refresh_token', 'code', 'code_verifier', 'device_code', 'token'];

/** Masks the bearer token: in a refusal in every form it can be written in, elsewhere where it stands as it is. */
export function withoutToken(answer: HttpAnswer, token: string): HttpAnswer {
  const bytes = Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.byteLength);
  return answer.status >= 400 || bytes.includes(token, 0, 'latin1') ? masked(answer, [token]) : answer;
}

/** A body that is passed on while it comes cannot be masked, for it may be a file: one with the token in it is refused. */
export function refusingToken(receiver: AnswerReceiver, token: string): AnswerReceiver {
  return { ...receiver, receive: (head, pieces) => receiver.receive(head, piecesWithout(pieces, token)) };
}

async function* piecesWithout(pieces: AsyncIterable<Uint8Array>, token: string): AsyncGenerator<Uint8Array> {
  let before = Buffer.alloc(0);
  for await (const piece of pieces) {
    const joined = Buffer.concat([before, piece]);
    if (joined.includes(token, 0, 'latin1')) {
      throw new ExecutionError('SNAP_ANSWER_MALFORMED', 'An answer was not taken.', {
        reason: 'it repeats the access token that the request carried',
        resolution: 'ask whoever runs the far side or a proxy before it; then revoke the token',
      });
    }
    before = Buffer.from(joined.subarray(Math.max(0, joined.length - token.length + 1)));
    yield piece;
  }
}

/** Masks in a refusal what the token request proved itself with. An answer with new tokens stays as it is. */
export function withoutCredentials(
  answer: HttpAnswer,
  request: { readonly headers: Readonly<Record<string, string>>; readonly body?: string | Uint8Array },
): HttpAnswer {
  if (answer.status < 400) return answer;
  const form = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  const authorization = request.headers.authorization ?? '';
  const credentials = authorization.slice(authorization.indexOf(' ') + 1);
  const [, password = ''] = Buffer.from(credentials, 'base64').toString().split(/:(.*)/su);
  return masked(answer, [
    ...secretFields.map((name) => form.get(name) ?? ''),
    credentials,
    password,
    decodeForm(password),
  ]);
}

function masked(answer: HttpAnswer, secrets: readonly string[]): HttpAnswer {
  const scrubber = createScrubber();
  for (const secret of secrets) scrubber.add(secret);
  // One character a byte, so that a body in whatever encoding keeps all its other bytes.
  const text = Buffer.from(answer.body.buffer, answer.body.byteOffset, answer.body.byteLength).toString('latin1');
  const scrubbed = scrubber.scrub(text);
  return scrubbed === text ? answer : { ...answer, body: Buffer.from(scrubbed, 'latin1') };
}

/** RFC 6749, section 2.3.1: id and secret are form-encoded before they are joined. */
const decodeForm = (text: string): string => new URLSearchParams(`text=${text}`).get('text') ?? '';
