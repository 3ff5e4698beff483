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
  const salts = saltsOf(world.seed);
  return (ordinal) => new DerivedTrade(world, salts, ordinal);
}

const saltsOf = (seed: string) => {
  const salt = (use: string): number => saltOf(`${seed}/trade/${use}`);
  return {
    supplier: salt('supplier'),
    user: salt('user'),
    item: salt('item'),
    account: salt('account'),
    quantity: salt('quantity'),
    shipping: salt('shipping'),
    price: salt('price'),
  };
};

/** Money is derived only when asked for: a filter by supplier over a million invoices must not price their lines. */
class DerivedTrade implements Trade {
  readonly #world: Surroundings;
  readonly #salts: ReturnType<typeof saltsOf>;
  readonly #ordinal: number;
  readonly supplier: Entity;
  readonly taxRate: number;
  readonly #currencyPlace: number;
  #lines: readonly TradeLine[] | undefined;

  constructor(world: Surroundings, salts: ReturnType<typeof saltsOf>, ordinal: number) {
    this.#world = world;
    this.#salts = salts;
    this.#ordinal = ordinal;
    this.supplier = this.#some('supplier', salts.supplier, ordinal);
    const [, , code, , , taxRate] = supplierCountry(this.supplier.ordinal);
    this.taxRate = taxRate;
    this.#currencyPlace = currencyOrdinal(code);
  }

  get currency(): Entity {
    return this.#world.collection('currency').at(this.#currencyPlace);
  }

  get requester(): Entity {
    return this.#some('user', this.#salts.user, this.#ordinal);
  }

  get lines(): readonly TradeLine[] {
    this.#lines ??= Array.from({ length: linesOf(this.#ordinal) }, (_, place) =>
      this.#line(firstLineOf(this.#ordinal) + place),
    );
    return this.#lines;
  }

  get netCents(): number {
    return this.lines.reduce((sum, line) => sum + line.totalCents, 0);
  }

  get taxCents(): number {
    return this.#rounded((this.netCents * this.taxRate) / 100);
  }

  get shippingCents(): number {
    return drawBelow(this.#salts.shipping, this.#ordinal, 4) === 0 ? this.#fromDollarCents(1500) : 0;
  }

  get grossCents(): number {
    return this.netCents + this.taxCents + this.shippingCents;
  }

  #line(line: number): TradeLine {
    const item = this.#some('item', this.#salts.item, line);
    const priceCents = this.#fromDollarCents(250 + drawBelow(this.#salts.price, item.ordinal, 90_000));
    const quantity = 1 + drawBelow(this.#salts.quantity, line, 40);
    const account = this.#some('account', this.#salts.account, line);
    return { item, account, quantity, priceCents, totalCents: priceCents * quantity };
  }

  #some(object: string, salt: number, place: number): Entity {
    const collection = this.#world.collection(object);
    return collection.at(drawBelow(salt, place, collection.computedCount));
  }

  #fromDollarCents(cents: number): number {
    const [, , , , perDollar] = currencyFacts[this.#currencyPlace] ?? currencyFacts[0];
    return this.#rounded((cents * perDollar) / 10_000);
  }

  /** Yen and won have no hundredths. */
  #rounded(cents: number): number {
    const [, , , decimals] = currencyFacts[this.#currencyPlace] ?? currencyFacts[0];
    return decimals === 0 ? Math.round(cents / 100) * 100 : Math.round(cents);
  }
}
