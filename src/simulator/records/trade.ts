// Owns the trade between buyer and supplier as it is derived from the seed: who sells what to whom at which price.
// Orders, receipts and invoices of one ordinal are the same business, so their numbers agree to the cent.
import { drawBelow, saltOf } from './draw.ts';
import type { Entity } from './entity.ts';
import type { Surroundings } from './kit.ts';
import { currencyOrdinal } from './master.ts';
import { countryFacts, currencyFacts } from './words.ts';

/** One line of a trade; money in hundredths of the trade's currency. */
export interface TradeLine {
  readonly item: Entity;
  readonly account: Entity;
  readonly quantity: number;
  readonly priceCents: number;
  readonly totalCents: number;
}

/** One order and what follows from it. */
export interface Trade {
  readonly supplier: Entity;
  readonly currency: Entity;
  readonly requester: Entity;
  readonly lines: readonly TradeLine[];
  readonly netCents: number;
  /** Percent. */
  readonly taxRate: number;
  readonly taxCents: number;
  readonly shippingCents: number;
  readonly grossCents: number;
}

/** How many lines orders have: 1, 2, 3, 1, 2, 3 ... so that a line's order is found by arithmetic. */
export const linesOf = (ordinal: number): number => 1 + (ordinal % 3);
const linesInThree = 6;

/** The ordinal of an order's first line among all lines. */
export const firstLineOf = (order: number): number =>
  Math.floor(order / 3) * linesInThree + ([0, 1, 3][order % 3] ?? 0);

/** The order of a line and the line's place in it. */
export function orderOfLine(line: number): { readonly order: number; readonly place: number } {
  const rest = line % linesInThree;
  const within = rest === 0 ? 0 : rest < 3 ? 1 : 2;
  return { order: Math.floor(line / linesInThree) * 3 + within, place: rest - ([0, 1, 3][within] ?? 0) };
}

/** The country of a supplier, by its ordinal. */
export const supplierCountry = (supplier: number): (typeof countryFacts)[number] =>
  countryFacts[(supplier * 5) % countryFacts.length] ?? countryFacts[0];

/** Makes the function that derives the trade of an ordinal. */
export function tradeOf(world: Surroundings): (ordinal: number) => Trade {
  const salt = (use: string): number => saltOf(`${world.seed}/trade/${use}`);
  const salts = { supplier: salt('supplier'), user: salt('user'), item: salt('item'), account: salt('account') };
  const quantitySalt = salt('quantity');
  const shippingSalt = salt('shipping');
  const priceSalt = salt('price');
  return (ordinal) => {
    const some = (object: string, use: keyof typeof salts, place: number): Entity => {
      const collection = world.collection(object);
      return collection.at(drawBelow(salts[use], place, collection.computedCount));
    };
    const supplier = some('supplier', 'supplier', ordinal);
    const [, , code, , , taxRate] = supplierCountry(supplier.ordinal);
    const place = currencyOrdinal(code);
    const [, , , decimals, perDollar] = currencyFacts[place] ?? currencyFacts[0];
    const whole = (cents: number): number => (decimals === 0 ? Math.round(cents / 100) * 100 : Math.round(cents));
    const lines = Array.from({ length: linesOf(ordinal) }, (_, index): TradeLine => {
      const line = firstLineOf(ordinal) + index;
      const item = some('item', 'item', line);
      const dollars = 250 + drawBelow(priceSalt, item.ordinal, 90_000);
      const priceCents = whole((dollars * perDollar) / 10_000);
      const quantity = 1 + drawBelow(quantitySalt, line, 40);
      return {
        item,
        account: some('account', 'account', line),
        quantity,
        priceCents,
        totalCents: priceCents * quantity,
      };
    });
    const netCents = lines.reduce((sum, line) => sum + line.totalCents, 0);
    const taxCents = whole((netCents * taxRate) / 100);
    const shippingCents = drawBelow(shippingSalt, ordinal, 4) === 0 ? whole((1500 * perDollar) / 10_000) : 0;
    return {
      supplier,
      currency: world.collection('currency').at(place),
      requester: some('user', 'user', ordinal),
      lines,
      netCents,
      taxRate,
      taxCents,
      shippingCents,
      grossCents: netCents + taxCents + shippingCents,
    };
  };
}
