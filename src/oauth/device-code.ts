// Owns the device authorization grant (RFC 8628): the code a person types elsewhere, and asking until it is typed.
import * as oauth from 'oauth4webapi';
import { receive, refusal } from './answer.ts';
import { libraryParts } from './client.ts';
import type { OauthContext, TokenAnswer } from './contract.ts';
import { OauthFailure } from './failure.ts';
import { plainText } from './text.ts';
import { readTokenAnswer } from './token-answer.ts';

const intervalSecondsDefault = 5;
const intervalSecondsMax = 60;
/** RFC 8628, section 3.5: what slow_down adds. */
const slowDownSeconds = 5;
/** No code is waited for longer, whatever expires_in says. */
const expiresInSecondsMax = 3_600;

export interface DeviceAuthorization {
  /** A secret until it is exchanged. */
  readonly deviceCode: string;
  readonly userCode: string;
  readonly verificationUri: string;
  /** The same address with the code in it, where the server gives one. */
  readonly verificationUriComplete: string | undefined;
  readonly expiresInSeconds: number;
  readonly intervalSeconds: number;
}

/** Asks for a code that a person can type. Throws OauthFailure. */
export async function requestDeviceAuthorization(
  context: OauthContext,
  scopes: readonly string[],
): Promise<DeviceAuthorization> {
  const parts = libraryParts(context);
  const secrets = [context.client.clientSecret];
  const parameters: Record<string, string> = scopes.length > 0 ? { scope: scopes.join(' ') } : {};
  const raw = await receive(() =>
    oauth.deviceAuthorizationRequest(parts.server, parts.client, parts.authentication, parameters, parts.options),
  );
  if (raw.status !== 200) throw refusal(raw, secrets);
  const answer = await oauth
    .processDeviceAuthorizationResponse(parts.server, parts.client, raw.response)
    .catch(() => undefined);
  const verificationUri = answer && webAddress(answer.verification_uri);
  if (!answer || verificationUri === undefined) throw refusal(raw, secrets);
  return {
    deviceCode: answer.device_code,
    userCode: plainText(answer.user_code, secrets),
    verificationUri,
    verificationUriComplete: webAddress(answer.verification_uri_complete ?? ''),
    expiresInSeconds: Math.min(answer.expires_in, expiresInSecondsMax),
    intervalSeconds: Math.min(Math.max(answer.interval ?? intervalSecondsDefault, 1), intervalSecondsMax),
  };
}

/** People are sent there, so that it must be a page and nothing else. */
function webAddress(text: string): string | undefined {
  const url = URL.parse(text);
  return url && /^https?:$/u.test(url.protocol) && url.href.length <= 2_048 ? url.href : undefined;
}

/** Asks once whether the person has allowed it. Throws OauthFailure; its `error` is `authorization_pending` while not. */
export async function requestDeviceToken(context: OauthContext, deviceCode: string): Promise<TokenAnswer> {
  const parts = libraryParts(context);
  const raw = await receive(() =>
    oauth.deviceCodeGrantRequest(parts.server, parts.client, parts.authentication, deviceCode, parts.options),
  );
  return readTokenAnswer(raw, parts, [context.client.clientSecret, deviceCode]);
}

/** Time, handed in: monotonic ms, and a wait that ends early when the signal aborts. */
export interface PollClock {
  monotonic(): number;
  wait(delayMs: number, signal?: AbortSignal): Promise<void>;
}

/**
 * Asks at the server's interval until the person has allowed it, slower when told so or when the server is away. Throws
 * OauthFailure: `authorization-refused` when the person denies or the code ends, `temporary` when the signal aborts.
 */
export async function pollDeviceToken(
  context: OauthContext,
  device: DeviceAuthorization,
  clock: PollClock,
): Promise<TokenAnswer> {
  const endsAt = clock.monotonic() + device.expiresInSeconds * 1_000;
  let intervalSeconds = device.intervalSeconds;
  while (clock.monotonic() + intervalSeconds * 1_000 <= endsAt) {
    await clock.wait(intervalSeconds * 1_000, context.signal);
    if (context.signal?.aborted) throw ended('temporary', undefined, 'nobody waits for the device code any more');
    try {
      return await requestDeviceToken(context, device.deviceCode);
    } catch (error) {
      if (!(error instanceof OauthFailure)) throw error;
      intervalSeconds = nextInterval(error, intervalSeconds);
    }
  }
  throw ended('authorization-refused', 'expired_token', 'the code ended before anybody allowed it');
}

/** The interval before the next question; throws when there is none to ask. */
function nextInterval(failure: OauthFailure, intervalSeconds: number): number {
  if (failure.error === 'authorization_pending') return intervalSeconds;
  if (failure.error === 'slow_down') return Math.min(intervalSeconds + slowDownSeconds, intervalSecondsMax);
  // RFC 8628, section 3.5: after a connection timeout clients slow down by themselves.
  if (failure.kind === 'temporary') return Math.min(intervalSeconds * 2, intervalSecondsMax);
  if (failure.error === 'access_denied') throw ended('authorization-refused', failure.error, 'the person denied it');
  if (failure.error === 'expired_token')
    throw ended('authorization-refused', failure.error, 'the code ended before anybody allowed it');
  throw failure;
}

function ended(kind: 'temporary' | 'authorization-refused', error: string | undefined, description: string) {
  return new OauthFailure({ kind, error, description, sent: 'answered' });
}
