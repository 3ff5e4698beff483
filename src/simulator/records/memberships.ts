// Owns the objects whose natural key is a pair of references: each pair stands once.
import type { FieldGenerator } from './entity.ts';
import { by, type Domain, type Kit } from './kit.ts';
import { share } from './master.ts';

/** Two references that together meet each pair once, as long as there are no more records than pairs. */
export function pairOf(kit: Kit, first: string, second: string): readonly [FieldGenerator, FieldGenerator] {
  const firsts = () => kit.world.collection(first);
  const seconds = () => kit.world.collection(second);
  return [
    by(({ ordinal }) => firsts().at(ordinal % firsts().computedCount)),
    by(({ ordinal }) => {
      const count = firsts().computedCount;
      return seconds().at(((ordinal % count) * 3 + Math.floor(ordinal / count)) % seconds().computedCount);
    }),
  ];
}

const membership = (object: string, group: string): Domain => ({
  object,
  count: share(20, 40),
  period: 'master',
  fields: (kit) => {
    const [groupField, user] = pairOf(kit, group, 'user');
    return { [group]: groupField, user };
  },
});

/** Who belongs to what, and one risk feed for each supplier. */
export const membershipDomains: readonly Domain[] = [
  membership('user-group-membership', 'user-group'),
  membership('project-membership', 'project'),
  {
    object: 'supplier-risk-aware-feed',
    count: share(50, 20),
    period: 'master',
    fields: (kit) => ({ supplier: by(({ ordinal }) => kit.world.collection('supplier').at(ordinal)) }),
  },
];
