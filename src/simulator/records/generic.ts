// Owns the fields that no domain declares: a plausible value by kind and name, or empty, as in most tenants.
// Never fills a reference to an object without a domain unless it is required: it would say nothing.
import type { JsonValue } from '../../document/json.ts';
import { formatInstant, instantField } from './calendar.ts';
import { drawBelow } from './draw.ts';
import { Entity, type FieldGenerator } from './entity.ts';
import type { FieldFact } from './facts.ts';
import { by, constant, type Kit, money, placeOf } from './kit.ts';
import { lifecycles, stateField } from './lifecycles.ts';
import { companyNames, sentences } from './words.ts';

/** References that stay empty although their object is known: parents and people in a process that is not played. */
const emptyReference = /^(?:parent|override|original|current|master|previous|delegate|approved|resolved|third-party)/u;
/** Moments of steps that most records have not taken. */
const isSettledLater = /(?:exported|deleted|cancell?ed|rejected|resolved|end-)/u;
const textEndings: readonly (readonly [RegExp, (kit: Kit, fact: FieldFact) => FieldGenerator])[] = [
  [
    /(?:^|-)(?:number|code|key|reference|ref|num)$/u,
    (kit, fact) => kit.serial(`${initialsOf(kit.facts.name)}-`, fact.lengthMax && fact.lengthMax < 12 ? 4 : 6),
  ],
  [
    /(?:^|-)email$/u,
    (kit) => by((entity) => `desk${entity.ordinal + 1}@${initialsOf(kit.facts.name).toLowerCase()}.example`),
  ],
  [
    /^(?:description|comments|comment|note|notes|message|justification|summary|internal-note)$/u,
    (kit, fact) => kit.one(fact.name, sentences),
  ],
  [/^(?:status|state)$/u, (kit, fact) => kit.one(fact.name, ['active', 'pending', 'closed'])],
  [/(?:^|-)(?:name|title|subject|label)$/u, (kit, fact) => named(kit, fact.name)],
];

/**
 * Gives the generator of a field that no domain declares. In an object that has a domain it stays empty unless it must not:
 * a drawn amount or date would contradict the ones that are declared.
 */
export function genericField(kit: Kit, fact: FieldFact, hasDomain: (object: string) => boolean): FieldGenerator {
  const drawn = lifecycles[kit.facts.name]?.drawn ?? [];
  if (drawn.length > 0 && fact.name === stateField(kit.facts.fields)) return kit.one(fact.name, drawn);
  const sibling = siblingOf(kit, fact);
  if (sibling) return sibling;
  if (hasDomain(kit.facts.name) && !fact.isRequired && !fact.isUnique) return emptyField(fact);
  // Some documented words contradict the documented type; the type is what a reader checks.
  const words = fact.kind === 'integer' ? fact.words.filter((word) => typeof word === 'number') : fact.words;
  if (words.length > 0 && fact.kind !== 'collection') return kit.one(fact.name, words);
  switch (fact.kind) {
    case 'integer':
    case 'number':
      return fact.isRequired || /(?:position|version|revision|progress|percentage|count|line-num)$/u.test(fact.name)
        ? kit.whole(fact.name, 1, 9)
        : constant(null);
    case 'decimal':
      return amountField(kit, fact.name);
    case 'boolean':
      return fact.name === 'active' ? kit.often(fact.name, 96) : kit.often(fact.name, 30);
    case 'date-time':
      return isSettledLater.test(fact.name) && !fact.isRequired
        ? constant(null)
        : instantField(laterInstant(kit, fact.name));
    case 'date': {
      const instantOf = laterInstant(kit, fact.name);
      return by((entity) => formatInstant(instantOf(entity)).slice(0, 10));
    }
    case 'string':
      return textField(kit, fact);
    case 'reference':
      return fact.target !== undefined &&
        (fact.isRequired || (hasDomain(fact.target) && !emptyReference.test(fact.name)))
        ? kit.some(fact.name, fact.target)
        : constant(null);
    case 'collection':
      return constant([]);
    case 'object':
      return constant(fact.name === 'custom-fields' ? {} : null);
    case 'any':
      return constant(null);
  }
}

function emptyField(fact: FieldFact): FieldGenerator {
  if (fact.kind === 'boolean') return constant(fact.name === 'active');
  if (fact.kind === 'collection') return constant([]);
  return constant(fact.name === 'custom-fields' ? {} : null);
}

/** `supplier-id` and `supplier-name` say what `supplier` refers to, so the three never disagree. */
function siblingOf(kit: Kit, fact: FieldFact): FieldGenerator | undefined {
  const found = /^(?<reference>.+)-(?<part>id|name|number|code)$/u.exec(fact.name)?.groups;
  if (!found || kit.facts.fields.get(found.reference ?? '')?.kind !== 'reference') return undefined;
  return by((entity) => {
    const reference = entity.value(found.reference ?? '');
    if (!(reference instanceof Entity)) return null;
    const value = reference.value(found.part ?? '');
    return fact.kind === 'string' && typeof value === 'number' ? String(value) : scalarOf(value);
  });
}

const scalarOf = (value: unknown): JsonValue =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? value : null;

function textField(kit: Kit, fact: FieldFact): FieldGenerator {
  const segment = /^segment-(\d+)$/u.exec(fact.name)?.[1];
  if (segment !== undefined && Number(segment) <= 3) return kit.one(fact.name, ['100', '200', '300', '400']);
  const found = textEndings.find(([ending]) => ending.test(fact.name));
  if (found && (fact.isRequired || fact.isUnique || !/-/u.test(fact.name))) return found[1](kit, fact);
  if (fact.isUnique) return kit.serial(`${initialsOf(kit.facts.name)}-`, 6);
  return fact.isRequired ? kit.one(fact.name, companyNames.slice(0, 12)) : constant(null);
}

function named(kit: Kit, use: string): FieldGenerator {
  const salt = kit.salt(use);
  return by((entity) => {
    const word = companyNames[drawBelow(salt, placeOf(entity), companyNames.length)];
    return `${word} ${kit.facts.name.replaceAll('-', ' ')} ${entity.ordinal + 1}`;
  });
}

function amountField(kit: Kit, use: string): FieldGenerator {
  if (/(?:rate|percent|pct)/u.test(use)) return kit.one(use, ['0.0', '2.5', '5.0']);
  if (/(?:tier|weight|discount|handling|misc|distribution)/u.test(use)) return constant(null);
  const salt = kit.salt(use);
  return by((entity) => money(100 * (1 + drawBelow(salt, placeOf(entity), 5000))));
}

/** A moment between creation and the last change. */
function laterInstant(kit: Kit, use: string): (entity: Entity) => number {
  const salt = kit.salt(use);
  const calendar = kit.world.calendar(kit.facts.name);
  return (entity) => {
    const place = entity.parent?.ordinal ?? entity.ordinal;
    const created = calendar.createdMs(place);
    const share = drawBelow(salt, place, 1000) / 1000;
    return created + Math.floor(((calendar.updatedMs(place) - created) * share) / 1000) * 1000;
  };
}

const initialsOf = (object: string): string =>
  object
    .split('-')
    .map((word) => word.charAt(0).toUpperCase())
    .join('')
    .padEnd(2, 'X');
