// Owns what follows from the deaths of a run's process: which document is to blame, if one is. Runs nothing.
import type { JsonObject } from '../document/json.ts';
import { ExecutionError } from '../errors.ts';
import type { CarefulRun, InHand } from '../pipeline/careful-turn.ts';
import { type Place, placeKey } from '../pipeline/place.ts';
import type { PipelinePlan } from '../pipeline/plan.ts';
import type { SetAside } from '../pipeline/set-aside.ts';
import type { RunRow } from '../store/contract.ts';
import type { RunJournal } from './run-journal.ts';
import { hasMachineRestarted } from './run-owner.ts';

/** A run that died this often is set aside, or the document that did it: either would end the next process too. */
export const deathsMax = 3;
/** Of the deaths that a document is blamed for, those with nothing else in hand; one may be chance. */
const aloneMin = 2;
/** Documents of a run that are set aside before the run itself is: each costs three processes. */
const setAsideMax = 10;
/** What a source may have given behind what was last written of it: as much as it gives in this time, within bounds. */
const reachMs = 5_000;
const reachDocumentsMin = 1_000;
/** The most that lie between two checkpoints; also where nothing was written yet. */
const reachDocumentsMax = 20_000;

/** A document that was alone in hand when the process died. */
interface Suspect {
  readonly place: Place;
  readonly alone: number;
}

/**
 * What is known of a run from its deaths. The first one tells nothing but how far the sources had come (`reach`); up to there the
 * run then goes on carefully, with one document in hand at a time, and every further death there names one (a suspect) or none
 * (a source read, a snap began or ended, a checkpoint was taken). One that the machine's own restart explains names none.
 * At the third death a document is set aside that was alone in hand at two of them; the count begins anew, and the run goes on.
 * Three deaths that no single document explains set the run aside. So an innocent one is taken for guilty only if the process
 * was killed by chance while it was under way, and twice more in the moments when it was in hand.
 */
export interface Care extends Pick<CarefulRun, 'reach' | 'setAside'> {
  readonly suspects: readonly Suspect[];
  /** Documents set aside since a person last started or resumed the run. */
  readonly found: number;
}

const noCare: Care = { reach: {}, setAside: [], suspects: [], found: 0 };

export interface Judged {
  readonly care: Care;
  /** Deaths that are not explained yet. */
  readonly deaths: number;
  readonly isRunGuilty: boolean;
}

/** What one more death tells. `deaths` counts it already; `place` is the document that was alone in hand. */
export function judgeDeath(care: Care, { deaths, place }: { deaths: number; place: Place | undefined }): Judged {
  const suspects = place === undefined ? care.suspects : counted(care.suspects, place);
  const prime = suspects.toSorted((left, right) => right.alone - left.alone)[0];
  const { alone = 0 } = prime ?? {};
  const isFound = deaths >= deathsMax && alone >= aloneMin;
  if (prime === undefined || !isFound || care.found >= setAsideMax) {
    return { care: { ...care, suspects }, deaths, isRunGuilty: isFound || deaths - alone >= deathsMax };
  }
  const setAside: readonly SetAside[] = [...care.setAside, { ...prime, deaths }];
  return { care: { ...care, suspects: [], setAside, found: care.found + 1 }, deaths: 0, isRunGuilty: false };
}

function counted(suspects: readonly Suspect[], place: Place): readonly Suspect[] {
  const key = placeKey(place);
  const before = suspects.find((suspect) => placeKey(suspect.place) === key)?.alone ?? 0;
  return [...suspects.filter((suspect) => placeKey(suspect.place) !== key), { place, alone: before + 1 }];
}

export interface Resumed {
  readonly row: RunRow;
  readonly plan: PipelinePlan;
  /** False when a person resumes it: whoever has looked at a run begins its count anew. */
  readonly isTakenOver: boolean;
  /** This very process had the run until its lease was lost: nothing in hand ended it. */
  readonly wasOutlived: boolean;
}

/** What a run goes on with. */
export interface Resuming {
  readonly deaths: number;
  /** Undefined while its process has not died. */
  readonly care: Care | undefined;
}

/** How a run goes on that this process has just taken. Throws SNAP_RUN_SET_ASIDE when it must not by itself. */
export async function careAfter(journal: RunJournal, resumed: Resumed): Promise<Resuming> {
  const { row, plan, isTakenOver, wasOutlived } = resumed;
  // Nobody who starts a run pays for what only a resumed one needs.
  if (row.attempt === 0 && row.state === 'queued') return { deaths: 0, care: undefined };
  const kept = await journal.readCare();
  const before = (kept?.care ?? noCare) as unknown as Care;
  if (row.state !== 'running' && row.state !== 'stopping') {
    const deaths = isTakenOver ? row.crashes : 0;
    if (kept === undefined) return { deaths, care: undefined };
    // It ended or was given back: what it had in hand then ended nothing.
    const care = isTakenOver ? before : { ...before, suspects: [], found: 0 };
    await journal.putCare(care as unknown as JsonObject);
    return { deaths, care };
  }
  const inHand = kept?.inHand as unknown as (InHand & { readonly owner: string }) | undefined | null;
  const isExplained = wasOutlived || (inHand?.owner !== undefined && hasMachineRestarted(inHand.owner));
  const judged = judgeDeath(before, {
    deaths: row.crashes + 1,
    place: isExplained ? undefined : inHand?.place,
  });
  if (judged.isRunGuilty && isTakenOver) throw setAside(row);
  const reach = further(before.reach, inHand?.given ?? reachOf(row, plan));
  const care = { ...judged.care, reach, ...(judged.isRunGuilty ? { suspects: [], found: 0 } : {}) };
  await journal.putCare(care as unknown as JsonObject);
  return { deaths: judged.isRunGuilty ? 0 : judged.deaths, care };
}

/** How far each source can have come in a run that was not careful. */
function reachOf({ snaps }: RunRow, { snaps: planned, links }: PipelinePlan): Record<string, number> {
  const written = new Map(snaps.map((row) => [String(row.id), row]));
  const sources = planned.filter(
    ({ id, execution }) => execution !== 'disabled' && !links.some((link) => link.to === id),
  );
  return Object.fromEntries(sources.map(({ id }) => [id, reachBehind(written.get(id) ?? {})]));
}

function reachBehind({ output, waitMs, busyMs }: JsonObject): number {
  const [given, ms] = [Number(output ?? 0), Number(waitMs ?? 0) + Number(busyMs ?? 0)];
  if (given === 0 || ms === 0) return given + reachDocumentsMax;
  return given + Math.min(Math.max(Math.ceil((given / ms) * reachMs), reachDocumentsMin), reachDocumentsMax);
}

function further(one: Care['reach'], other: Care['reach']): Record<string, number> {
  const ids = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return Object.fromEntries(ids.map((id) => [id, Math.max(one[id] ?? 0, other[id] ?? 0)]));
}

function setAside({ runId, crashes }: RunRow): ExecutionError {
  return new ExecutionError('SNAP_RUN_SET_ASIDE', 'The run was set aside.', {
    reason: `its process died ${crashes + 1} times while it ran, and no document was in hand at enough of them to be the cause`,
    resolution: `see "snaps runs show ${runId}" for how far it came; with the cause mended: snaps run FILE --resume ${runId}`,
  });
}
