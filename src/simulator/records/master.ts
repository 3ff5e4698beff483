// Owns master data: the people, places, accounts and terms that business records refer to.
import { drawBelow } from './draw.ts';
import type { Entity } from './entity.ts';
import { by, constant, type Domain, type Kit, placeOf } from './kit.ts';
import {
  commodityNames,
  countryFacts,
  currencyFacts,
  departmentNames,
  firstNames,
  itemNames,
  lastNames,
  paymentTermFacts,
  shippingTermCodes,
  streets,
  unitFacts,
} from './words.ts';

/** A share of the number of invoices, but never fewer than `min`. */
export const share =
  (divisor: number, min: number) =>
  (records: number): number =>
    Math.max(min, Math.ceil(records / divisor));
const fixed = (count: number) => (): number => count;

const countryAt = (entity: Entity): (typeof countryFacts)[number] =>
  countryFacts[entity.ordinal % countryFacts.length] ?? countryFacts[0];

/** The ordinal of a currency code in the list of currencies. */
export const currencyOrdinal = (code: string): number => currencyFacts.findIndex(([known]) => known === code);

const byFact = <T>(facts: readonly T[], read: (fact: T) => string | number | boolean) =>
  by((entity) => {
    const fact = facts[entity.ordinal % facts.length];
    return fact === undefined ? null : read(fact);
  });

/** A fact that names its record, findable by it. */
const byCode = <T>(facts: readonly T[], read: (fact: T) => string) => ({
  ...byFact(facts, read),
  ordinalOf: (value: string): number | undefined => {
    const ordinal = facts.findIndex((fact) => read(fact) === value);
    return ordinal < 0 ? undefined : ordinal;
  },
});

const currency: Domain = {
  object: 'currency',
  count: fixed(currencyFacts.length),
  period: 'master',
  fields: () => ({
    code: byCode(currencyFacts, ([code]) => code),
    name: byFact(currencyFacts, ([, name]) => name),
    symbol: byFact(currencyFacts, ([, , symbol]) => symbol),
    decimals: byFact(currencyFacts, ([, , , decimals]) => decimals),
    'enabled-flag': constant(true),
  }),
};

const country: Domain = {
  object: 'country',
  count: fixed(countryFacts.length),
  period: 'master',
  fields: () => ({
    code: byCode(countryFacts, ([code]) => code),
    name: byFact(countryFacts, ([, name]) => name),
  }),
};

const exchangeRate: Domain = {
  object: 'exchange-rate',
  count: fixed((currencyFacts.length - 1) * 60),
  period: 'master',
  fields: (kit) => {
    const pairs = currencyFacts.length - 1;
    const salt = kit.salt('rate');
    return {
      'from-currency': by(() => kit.world.collection('currency').at(0)),
      'to-currency': by((entity) => kit.world.collection('currency').at(1 + (entity.ordinal % pairs))),
      'rate-date': by((entity) => {
        const day = Math.floor(entity.ordinal / pairs);
        return `${new Date(Date.UTC(2025, 8, 1 + day)).toISOString().slice(0, 10)}T00:00:00+00:00`;
      }),
      rate: by((entity) => {
        const base = currencyFacts[1 + (entity.ordinal % pairs)]?.[4] ?? 10_000;
        const moved = Math.round(base * (980 + drawBelow(salt, entity.ordinal, 41)));
        return `${Math.floor(moved / 10_000_000)}.${String(moved % 10_000_000)
          .padStart(7, '0')
          .slice(0, 6)}`;
      }),
    };
  },
};

const user: Domain = {
  object: 'user',
  count: share(200, 25),
  period: 'master',
  fields: (kit) => {
    const first = firstNames.length;
    const names = (entity: Entity): readonly [string, string] => [
      firstNames[entity.ordinal % first] ?? '',
      lastNames[(Math.floor(entity.ordinal / first) + entity.ordinal * 3) % lastNames.length] ?? '',
    ];
    const login = (entity: Entity): string => {
      const [firstname, lastname] = names(entity);
      return `${firstname}.${lastname}.${entity.ordinal + 1}`.toLowerCase();
    };
    return {
      login: {
        of: login,
        ordinalOf: (value) => {
          const number = /\.(\d+)$/u.exec(value)?.[1];
          return number === undefined || Number(number) < 1 ? undefined : Number(number) - 1;
        },
      },
      email: by((entity) => `${login(entity)}@buyer.example`),
      firstname: by((entity) => names(entity)[0]),
      lastname: by((entity) => names(entity)[1]),
      fullname: by((entity) => names(entity).join(' ')),
      'mention-name': by((entity) => login(entity).replaceAll('.', '')),
      'employee-number': kit.serial('E', 6),
      'default-locale': constant('en'),
      'authentication-method': constant('coupa_credentials'),
    };
  },
};

const accountType: Domain = {
  object: 'account-type',
  count: fixed(3),
  period: 'master',
  fields: (kit) => ({
    name: byFact(['SAP EMEA', 'SAP Americas', 'NetSuite APAC'], (name) => name),
    'legal-entity-name': byFact(['Buyer Europe B.V.', 'Buyer Inc.', 'Buyer Asia K.K.'], (name) => name),
    currency: by((entity) => kit.world.collection('currency').at([1, 0, 3][entity.ordinal % 3] ?? 0)),
    active: constant(true),
    'dynamic-flag': constant(false),
  }),
};

const account: Domain = {
  object: 'account',
  count: share(100, 40),
  period: 'master',
  fields: (kit) => {
    const segments = (entity: Entity): readonly string[] => [
      String(100 + 10 * (entity.ordinal % departmentNames.length)),
      String(4000 + Math.floor(entity.ordinal / departmentNames.length)),
      ['EMEA', 'AMER', 'APAC'][entity.ordinal % 3] ?? '',
    ];
    return {
      name: by((entity) => `${departmentNames[entity.ordinal % departmentNames.length]} ${segments(entity)[1]}`),
      code: by((entity) => segments(entity).join('-')),
      'segment-1': by((entity) => segments(entity)[0] ?? null),
      'segment-2': by((entity) => segments(entity)[1] ?? null),
      'segment-3': by((entity) => segments(entity)[2] ?? null),
      'account-type': by((entity) => kit.world.collection('account-type').at(entity.ordinal % 3)),
      active: constant(true),
    };
  },
};

const address: Domain = {
  object: 'address',
  count: share(500, 24),
  period: 'master',
  fields: (kit) => ({
    name: by((entity) => `${countryAt(entity)[3]} site ${Math.floor(entity.ordinal / countryFacts.length) + 1}`),
    'location-code': kit.serial('LOC-', 5),
    street1: by((entity) => `${1 + (placeOf(entity) % 180)} ${streets[entity.ordinal % streets.length]}`),
    city: by((entity) => countryAt(entity)[3]),
    'postal-code': by((entity) => countryAt(entity)[4]),
    country: by((entity) => kit.world.collection('country').at(entity.ordinal % countryFacts.length)),
    'vat-country': constant(null),
    active: constant(true),
    'local-tax-number': by((entity) => `${countryAt(entity)[0]}${100_000_000 + entity.ordinal}`),
  }),
};

const item: Domain = {
  object: 'item',
  count: share(20, 60),
  period: 'master',
  fields: (kit) => ({
    name: by((entity) => {
      const round = Math.floor(entity.ordinal / itemNames.length);
      return `${itemNames[entity.ordinal % itemNames.length]}${round === 0 ? '' : `, variant ${round}`}`;
    }),
    'item-number': kit.serial('ITM-', 6),
    description: by((entity) => itemNames[entity.ordinal % itemNames.length] ?? null),
    commodity: by((entity) => kit.world.collection('commodity').at(entity.ordinal % commodityNames.length)),
    uom: by((entity) => kit.world.collection('unit-of-measure').at(entity.ordinal % unitFacts.length)),
    active: constant(true),
  }),
};

const simple = (object: string, count: number, fields: (kit: Kit) => ReturnType<Domain['fields']>): Domain => ({
  object,
  count: fixed(count),
  period: 'master',
  fields,
});

/** Master data, in no order that matters. */
export const masterDomains: readonly Domain[] = [
  currency,
  country,
  exchangeRate,
  user,
  accountType,
  account,
  address,
  item,
  simple('department', departmentNames.length, () => ({
    name: byCode(departmentNames, (name) => name),
    active: constant(true),
  })),
  simple('commodity', commodityNames.length, () => ({
    name: byCode(commodityNames, (name) => name),
    'translated-name': byFact(commodityNames, (name) => name),
    parent: constant(null),
    active: constant(true),
  })),
  simple('payment-term', paymentTermFacts.length, () => ({
    code: byCode(paymentTermFacts, ([code]) => code),
    description: byFact(paymentTermFacts, ([code]) => code),
    'days-for-net-payment': byFact(paymentTermFacts, ([, days]) => days),
    active: constant(true),
  })),
  simple('shipping-term', shippingTermCodes.length, () => ({
    code: byCode(shippingTermCodes, (code) => code),
    description: byFact(shippingTermCodes, (code) => code),
    active: constant(true),
  })),
  simple('unit-of-measure', unitFacts.length, () => ({
    code: byCode(unitFacts, ([code]) => code),
    name: byFact(unitFacts, ([, name]) => name),
    active: constant(true),
  })),
  simple('business-group', 4, () => ({
    name: byFact(['Everyone', 'Europe', 'Americas', 'Asia Pacific'], (name) => name),
  })),
];
