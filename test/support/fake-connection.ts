// A connection whose far side is a function: requests are kept, answers are made of status, body and headers.
import type { HttpAnswer, HttpRequest } from '../../src/http/contract.ts';
import type { Connection } from '../../src/snap/index.ts';

export interface FakeAnswer {
  readonly status?: number;
  readonly body: unknown;
  readonly isComplete?: boolean;
}

export interface FakeConnection extends Connection {
  readonly requests: HttpRequest[];
}

export function fakeConnection(answer: (url: URL, request: HttpRequest) => FakeAnswer): FakeConnection {
  const requests: HttpRequest[] = [];
  return {
    requests,
    account: 'acme',
    baseUrl: new URL('https://acme.example/'),
    send: async (request): Promise<HttpAnswer> => {
      requests.push(request);
      const { status = 200, body, isComplete = true } = answer(request.url, request);
      const text = typeof body === 'string' ? body : JSON.stringify(body);
      const traffic = request.traffic ?? { requests: 0, retries: 0, throttledMs: 0, bytesIn: 0, bytesOut: 0 };
      traffic.requests += 1;
      return { status, headers: {}, body: new TextEncoder().encode(text), isComplete, traffic };
    },
  };
}
