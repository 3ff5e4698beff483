// Owns the name under which a process holds leases, and telling from it that a process of this machine is gone.
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/**
 * What process ids mean something in: this boot of this machine and, in it, this space of process ids (a container has its
 * own). Undefined where the system does not tell; then only the end of a lease tells that its holder is gone.
 */
function processSpace(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/** The owner that this process writes into leases. */
export function ownerName(): string {
  return [hostname(), process.pid, processSpace() ?? ''].join(' ');
}

/** How people are told of an owner. */
export function holderName(owner: string): string {
  const [host = '', pid = ''] = owner.split(' ');
  return `${host} (process ${pid})`;
}

/** Whether the owner was a process of this machine before it was started anew. */
export function hasMachineRestarted(owner: string): boolean {
  const boot = (name: string): string => name.split(' ')[2]?.split('/')[0] ?? '';
  const [here, there] = [boot(ownerName()), boot(owner)];
  return owner.split(' ')[0] === hostname() && here !== '' && there !== '' && here !== there;
}

/** Whether the owner was a process of this machine that has certainly ended, so that its lease need not be waited for. */
export function isOwnerGone(owner: string): boolean {
  const [, pid = '', space = ''] = owner.split(' ');
  if (space === '' || space !== processSpace()) return false;
  try {
    process.kill(Number(pid), 0);
    return false;
  } catch (thrown) {
    return thrown instanceof Error && 'code' in thrown && thrown.code === 'ESRCH';
  }
}

/** Whether nobody has what this owner holds: there is none, or it has certainly ended. */
export function isLeft(owner: string | null | undefined): boolean {
  return owner === null || owner === undefined || isOwnerGone(owner);
}
