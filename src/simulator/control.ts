// Owns the control routes, with which a test plays faults and changes records. Answers only when the simulator was started with control.
import type { JsonObject, JsonValue } from '../document/json.ts';
import type { Authorization, RevokeRequest } from './authorization/contract.ts';
import { type FaultOrder, type Faults, faultKinds } from './faults.ts';
import { type Mutation, mutate, type SteadyMutation } from './mutate.ts';
import type { SimulatorStats } from './options.ts';
import type { World } from './records/world.ts';
import type { SteadyMutations } from './steady.ts';

/** What the control routes reach. */
export interface Controlled {
  readonly world: World;
  readonly faults: Faults;
  readonly steady: Pick<SteadyMutations, 'start'>;
  readonly authorization: Pick<Authorization, 'revoke'>;
  readonly now: () => number;
  stats(): SimulatorStats;
  reset(also: { readonly tokens: boolean }): void;
}

/** An answer of a control route, sent as JSON. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: unknown;
}

const refuse = (message: string): ControlAnswer => ({ status: 400, body: { error: message } });

/** Answers a control route. */
export function answerControl(controlled: Controlled, method: string, path: string, body: string): ControlAnswer {
  if (path === '/__control/stats' && method === 'GET') return { status: 200, body: controlled.stats() };
  if (method !== 'POST') return { status: 404, body: { error: `${method} ${path} is not a control route` } };
  let order: JsonValue;
  try {
    order = body === '' ? {} : (JSON.parse(body) as JsonValue);
  } catch {
    return refuse('the body is not JSON');
  }
  switch (path) {
    case '/__control/faults':
      return addFaults(controlled.faults, order);
    case '/__control/reset':
      controlled.reset({ tokens: isObject(order) && order.tokens === true });
      return { status: 200, body: {} };
    case '/__control/mutate':
      return playMutations(controlled, order);
    case '/__control/revoke':
      controlled.authorization.revoke(order as RevokeRequest);
      return { status: 200, body: {} };
    default:
      return { status: 404, body: { error: `${method} ${path} is not a control route` } };
  }
}

const listOf = (order: JsonValue): readonly JsonValue[] => (Array.isArray(order) ? order : [order]);
const isObject = (value: JsonValue): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function addFaults(faults: Faults, order: JsonValue): ControlAnswer {
  const orders = listOf(order);
  const isKnown = (one: JsonValue): boolean => isObject(one) && faultKinds.some((kind) => kind === one.fault);
  if (!orders.every(isKnown)) return refuse(`fault takes one of ${faultKinds.join(', ')}`);
  faults.add(orders as unknown as readonly FaultOrder[]);
  return { status: 200, body: { added: orders.length } };
}

function playMutations(controlled: Controlled, order: JsonValue): ControlAnswer {
  const mutations = listOf(order);
  if (!mutations.every((one) => isObject(one) && typeof one.resource === 'string'))
    return refuse('resource is missing');
  const isSteady = (one: JsonValue): boolean => isObject(one) && one.ratePerSecond !== undefined;
  if (mutations.some(isSteady)) {
    const refused = mutations.map((one) => controlled.steady.start(one as unknown as SteadyMutation)).find(Boolean);
    return refused === undefined ? { status: 200, body: {} } : refuse(refused);
  }
  const done = mutations.map((one) => mutate(controlled.world, one as unknown as Mutation, controlled.now()));
  const unknown = done.find((one) => typeof one === 'string');
  return unknown === undefined ? { status: 200, body: done } : refuse(unknown);
}
