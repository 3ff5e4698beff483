// Owns playing one action: its rule is found, the record it is about, and whether the record's state allows it.
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { readEntity } from '../api/read.ts';
import { readValues } from '../api/values.ts';
import { createRecord } from '../api/write.ts';
import { problem } from '../query/problem.ts';
import type { Entity, Value } from '../records/entity.ts';
import { stateField } from '../records/lifecycles.ts';
import { documentRules } from './documents.ts';
import { make } from './effects.ts';
import { operationRules } from './operations.ts';
import type { ActionRule, Desk } from './rule.ts';

/** Gives the rule of an action, or undefined when the tables have none. */
export const ruleOf = (object: string, action: string): ActionRule | undefined =>
  (documentRules[object] ?? operationRules[object])?.[action];

/** One action, as asked for. */
export interface ActionRequest {
  readonly action: string;
  /** The id in the path, when there is one. */
  readonly id: string | undefined;
  /** The body, and under it what the path and the query say. */
  readonly input: JsonObject;
  readonly parent: Entity | undefined;
}

/** Plays an action and gives the record to answer, or undefined when it is about none. Throws an ApiProblem with status 404 or 422. */
export function applyAction(desk: Desk, request: ActionRequest): Entity | undefined {
  const rule = ruleOf(desk.collection.type.name, request.action);
  if (!rule) throw problem(404, `${request.action} is not an action here`);
  const subject = subjectOf(desk, rule, request);
  if (!subject) return undefined;
  const isMade = rule.subject === 'made';
  if (!isMade) refuseState(desk, rule, subject, request.action);
  const taken = rule.takesBody ? readValues(request.input, { ...desk, updated: subject }) : [];
  const values = new Map<string, () => Value>([...taken, ['updated-at', () => desk.at]]);
  if (rule.to !== undefined) {
    const { to } = rule;
    values.set(stateField(subject.type.facts.fields), () => to);
  }
  for (const [field, setting] of Object.entries(rule.set ?? {})) {
    const value: JsonValue = typeof setting === 'function' ? setting(subject, desk.at) : setting;
    values.set(field, () => value);
  }
  // The effect comes last: the last approval given decides over the state that the rule has set.
  desk.collection.change(subject.id, values);
  const changed = readEntity(desk.collection, String(subject.id));
  const other = rule.effect?.(desk, changed, request.input);
  return other ?? readEntity(desk.collection, String(subject.id));
}

function refuseState(desk: Desk, rule: ActionRule, entity: Entity, action: string): void {
  if (!rule.from) return;
  const field = stateField(entity.type.facts.fields);
  const state = entity.value(field);
  if (rule.from.some((one) => one === state)) return;
  const object = entity.type.name.replaceAll('-', ' ');
  const allowed = rule.from.join(', ');
  throw problem(
    desk.status,
    `does not allow ${action.replaceAll('_', ' ')}: the ${object} is ${String(state)}, and must be one of ${allowed}`,
    field.replace('@', ''),
  );
}

function subjectOf(desk: Desk, rule: ActionRule, { id, input, parent }: ActionRequest): Entity | undefined {
  if (rule.subject === 'none') return undefined;
  if (rule.subject === 'made') return createRecord(desk, input, parent);
  if (rule.subject === 'cart') return cartOf(desk);
  if (id !== undefined) return readEntity(desk.collection, id);
  const named = input.id ?? input[`${desk.collection.type.name}-id`];
  if (typeof named !== 'number' && typeof named !== 'string') throw problem(desk.status, "can't be blank", 'id');
  return readEntity(desk.collection, String(named));
}

/** A caller has one cart; the simulator keeps one for all. */
function cartOf(desk: Desk): Entity {
  const cart = desk.collection.written().findLast((entity) => entity.value('status') === 'cart');
  return (
    cart ?? make(desk, desk.collection.type.name, { status: 'cart', 'requisition-lines': [], 'custom-fields': {} })
  );
}
