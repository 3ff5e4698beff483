import type { ReactElement } from 'react';
import type { AccountView, RunState } from '../../../src/host/host.ts';

export type Tone = 'good' | 'warn' | 'bad' | 'busy' | 'calm';

export function Badge({ tone, children }: { readonly tone: Tone; readonly children: string }): ReactElement {
  return <span className={`badge badge-${tone}`}>{children}</span>;
}

const runTones: Readonly<Record<RunState, Tone>> = {
  queued: 'calm',
  running: 'busy',
  stopping: 'busy',
  completed: 'good',
  failed: 'bad',
  stopped: 'warn',
};

export function RunBadge({ state }: { readonly state: RunState }): ReactElement {
  return <Badge tone={runTones[state]}>{state}</Badge>;
}

const accountWords: Readonly<Record<AccountView['state'], readonly [Tone, string]>> = {
  new: ['calm', 'not authorized yet'],
  authorized: ['good', 'authorized'],
  'needs-authorization': ['bad', 'needs you'],
  misconfigured: ['bad', 'needs a change'],
};

/** The state of an account in words; one that needs no token, such as a database, is ready as it is. */
export function AccountBadge({
  account: { state, token },
}: {
  readonly account: Pick<AccountView, 'state' | 'token'>;
}): ReactElement {
  const [tone, words] = state === 'authorized' && token === null ? (['good', 'ready'] as const) : accountWords[state];
  return <Badge tone={tone}>{words}</Badge>;
}
