// Owns suppliers and what belongs to them: their names, countries, terms, items and contracts.
import { drawBelow, saltOf } from './draw.ts';
import type { Entity } from './entity.ts';
import { by, constant, type Domain, money } from './kit.ts';
import { currencyOrdinal, share } from './master.ts';
import { pairOf } from './memberships.ts';
import { supplierCountry } from './trade.ts';
import { companyNames, companyTrades, itemNames } from './words.ts';

const combinations = companyNames.length * companyTrades.length;

/** A company name that no other supplier of the seed has. */
function companyName(seed: string, ordinal: number): string {
  // 7 has no divisor in common with the number of combinations, so the walk meets each once before it repeats.
  const place = (ordinal * 7 + saltOf(seed)) % combinations;
  const round = Math.floor(ordinal / combinations);
  const name = `${companyNames[place % companyNames.length]} ${companyTrades[Math.floor(place / companyNames.length)]}`;
  return round === 0 ? name : `${name} ${round + 1}`;
}

const supplier: Domain = {
  object: 'supplier',
  count: share(50, 20),
  period: 'master',
  fields: (kit) => {
    const name = (entity: Entity): string => companyName(kit.world.seed, entity.ordinal);
    const host = (entity: Entity): string =>
      `${name(entity)
        .toLowerCase()
        .replace(/[^a-z0-9]+/gu, '-')}.example`;
    return {
      name: by(name),
      'display-name': by(name),
      number: kit.serial('SUP-', 6),
      status: by((entity) => (entity.ordinal % 17 === 16 ? 'inactive' : 'active')),
      'account-number': by((entity) => String(700_000 + entity.ordinal)),
      'po-email': by((entity) => `orders@${host(entity)}`),
      website: by((entity) => `https://www.${host(entity)}`),
      'tax-id': by((entity) => `${supplierCountry(entity.ordinal)[0]}${300_000_000 + entity.ordinal}`),
      'invoice-matching-level': kit.one('invoice-matching-level', ['2-way', '3-way', 'none']),
      'payment-method': constant('invoice'),
      'po-method': kit.one('po-method', ['email', 'cxml', 'prompt']),
      'payment-term': kit.some('payment-term', 'payment-term'),
      'shipping-term': kit.some('shipping-term', 'shipping-term'),
      'on-hold': constant(false),
      'one-time-supplier': constant(false),
      'primary-address': by((entity) => {
        const addresses = kit.world.collection('supplier-information-address');
        return addresses.at(entity.ordinal % addresses.computedCount);
      }),
    };
  },
};

const supplierAddress: Domain = {
  object: 'supplier-information-address',
  count: share(50, 20),
  period: 'master',
  fields: (kit) => ({
    street1: by((entity) => `${entity.ordinal + 1} Trade Park`),
    city: by((entity) => supplierCountry(entity.ordinal)[3]),
    'postal-code': by((entity) => supplierCountry(entity.ordinal)[4]),
    country: by((entity) => {
      const code = supplierCountry(entity.ordinal)[0];
      const countries = kit.world.collection('country');
      return countries.find('code', code)?.[0] ?? null;
    }),
  }),
};

const supplierItem: Domain = {
  object: 'supplier-item',
  count: share(10, 60),
  period: 'master',
  fields: (kit) => {
    const priceSalt = saltOf(`${kit.world.seed}/trade/price`);
    const [item, seller] = pairOf(kit, 'item', 'supplier');
    const itemOrdinal = (entity: Entity): number => entity.ordinal % kit.world.collection('item').computedCount;
    return {
      item,
      supplier: seller,
      'supplier-part-num': kit.serial('SP-', 6),
      price: by((entity) => money(250 + drawBelow(priceSalt, itemOrdinal(entity), 90_000))),
      currency: by(() => kit.world.collection('currency').at(0)),
      manufacturer: by((entity) => companyNames[entity.ordinal % companyNames.length] ?? null),
      'lead-time': kit.whole('lead-time', 1, 30),
    };
  },
};

const contract: Domain = {
  object: 'contract',
  count: share(100, 20),
  period: 'master',
  fields: (kit) => {
    const supplierOf = (entity: Entity): Entity => {
      const suppliers = kit.world.collection('supplier');
      return suppliers.at(entity.ordinal % suppliers.computedCount);
    };
    return {
      name: by(
        (entity) => `${itemNames[entity.ordinal % itemNames.length]?.split(',')[0]} agreement ${entity.ordinal + 1}`,
      ),
      number: kit.serial('CTR-', 5),
      status: kit.one('status', ['published', 'published', 'draft', 'expired']),
      supplier: by(supplierOf),
      currency: by((entity) =>
        kit.world.collection('currency').at(currencyOrdinal(supplierCountry(supplierOf(entity).ordinal)[2])),
      ),
      'start-date': constant('2025-01-01T00:00:00+00:00'),
      'end-date': constant('2027-12-31T00:00:00+00:00'),
      'minimum-value': by((entity) => money((1 + (entity.ordinal % 9)) * 1_000_000)),
      'maximum-value': by((entity) => money((10 + (entity.ordinal % 9)) * 1_000_000)),
    };
  },
};

/** Suppliers and what belongs to them. */
export const supplierDomains: readonly Domain[] = [supplier, supplierAddress, supplierItem, contract];
