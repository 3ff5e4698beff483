// Owns business records: requisitions, orders, receipts and invoices of one trade, and expenses.
import { formatInstant, instantField } from './calendar.ts';
import { drawBelow } from './draw.ts';
import { Entity, type FieldGenerator } from './entity.ts';
import { by, constant, type Domain, Kit, money, owned } from './kit.ts';
import { share } from './master.ts';
import { firstLineOf, linesOf, orderOfLine, type Trade, type TradeLine, tradeOf } from './trade.ts';

const dayMs = 86_400_000;
const asMany = (records: number): number => records;
const linesInAll = (records: number): number => firstLineOf(asMany(records));

/** Readers of the trade behind a header record. */
function tradeFields(kit: Kit) {
  const derive = tradeOf(kit.world);
  const trade = (entity: Entity): Trade => entity.derive((one) => derive(one.ordinal));
  return {
    trade,
    of: (read: (trade: Trade) => Entity | string | number): FieldGenerator => by((entity) => read(trade(entity))),
    amount: (read: (trade: Trade) => number): FieldGenerator => by((entity) => money(read(trade(entity)))),
  };
}

const invoice: Domain = {
  object: 'invoice',
  count: asMany,
  period: 0,
  fields: (kit) => {
    const { of, amount, trade } = tradeFields(kit);
    const calendar = kit.world.calendar('invoice');
    const exportedSalt = kit.salt('exported');
    const isExported = (entity: Entity): boolean => drawBelow(exportedSalt, entity.ordinal, 100) < 40;
    const made = (days: number) => instantField((entity) => calendar.createdMs(entity.ordinal) + days * dayMs);
    const zero = constant('0.00');
    return {
      'invoice-number': kit.serial('INV-', 7),
      'document-type': constant('Invoice'),
      status: kit.one('status', [
        'approved',
        'approved',
        'approved',
        'approved',
        'pending_approval',
        'ap_hold',
        'draft',
        'voided',
      ]),
      'invoice-date': made(-1),
      'date-received': made(0),
      'net-due-date': made(30),
      supplier: of(({ supplier }) => supplier),
      currency: of(({ currency }) => currency),
      'requested-by': of(({ requester }) => requester),
      'payment-term': by((entity) => trade(entity).supplier.value('payment-term')),
      'ship-to-address': kit.some('ship-to-address', 'address'),
      'bill-to-address': kit.some('bill-to-address', 'address'),
      'account-type': by(() => kit.world.collection('account-type').at(0)),
      'gross-total': amount(({ grossCents }) => grossCents),
      'gross-total-less-discount': amount(({ grossCents }) => grossCents),
      'total-with-taxes': amount(({ grossCents }) => grossCents),
      'supplier-total': amount(({ grossCents }) => grossCents),
      'amount-due-less-discount': amount(({ grossCents }) => grossCents),
      'net-total-less-discount': amount(({ netCents }) => netCents),
      'tax-amount': amount(({ taxCents }) => taxCents),
      'total-taxes-less-discount': amount(({ taxCents }) => taxCents),
      'tax-rate': of(({ taxRate }) => `${taxRate}.0`),
      'shipping-amount': amount(({ shippingCents }) => shippingCents),
      'handling-amount': zero,
      'misc-amount': zero,
      'discount-amount': zero,
      'line-level-taxation': constant(false),
      canceled: constant(false),
      exported: by(isExported),
      'last-exported-at': by((entity) =>
        isExported(entity) ? formatInstant(calendar.updatedMs(entity.ordinal)) : null,
      ),
      paid: kit.often('paid', 30),
      'payment-channel': constant('ERP'),
      'invoice-lines': owned((entity) => linesFor(kit, entity, 'invoice-line')),
    };
  },
};

/** The lines that live inside a header and have no collection of their own. */
function linesFor(kit: Kit, parent: Entity, object: string): readonly Entity[] {
  const type = kit.world.type(object);
  return Array.from(
    { length: linesOf(parent.ordinal) },
    (_, ordinal) => new Entity(type, { id: parent.id * 10 + ordinal, ordinal, parent }),
  );
}

const empty: TradeLine | undefined = undefined;

/** The fields that requisition, order and invoice lines share; `find` gives the trade, the line's place and its order line. */
function lineFields(kit: Kit, find: (entity: Entity) => { trade: Trade; place: number; order: number }) {
  const line = (entity: Entity): TradeLine | undefined => find(entity).trade.lines[find(entity).place] ?? empty;
  const of = (read: (line: TradeLine) => Entity | string | number): FieldGenerator =>
    by((entity) => {
      const found = line(entity);
      return found ? read(found) : null;
    });
  const isText = kit.facts.fields.get('line-num')?.kind === 'string';
  return {
    'line-num': by((entity) => (isText ? String(find(entity).place + 1) : find(entity).place + 1)),
    description: by((entity) => line(entity)?.item.value('name') ?? null),
    item: of(({ item }) => item),
    account: of(({ account }) => account),
    quantity: of(({ quantity }) => `${quantity}.0`),
    price: of(({ priceCents }) => money(priceCents)),
    total: of(({ totalCents }) => money(totalCents)),
    'accounting-total': of(({ totalCents }) => money(totalCents)),
    currency: by((entity) => find(entity).trade.currency),
    'accounting-total-currency': by((entity) => find(entity).trade.currency),
    uom: by((entity) => line(entity)?.item.value('uom') ?? null),
    commodity: by((entity) => line(entity)?.item.value('commodity') ?? null),
    supplier: by((entity) => find(entity).trade.supplier),
    'order-header-id': by((entity) => kit.world.collection('purchase-order').at(find(entity).order).id),
    'order-header-num': by((entity) => poNumber(find(entity).order)),
    'order-header-number': by((entity) => poNumber(find(entity).order)),
    'po-number': by((entity) => poNumber(find(entity).order)),
    'order-line-id': by(
      (entity) =>
        kit.world.collection('purchase-order-line').at(firstLineOf(find(entity).order) + find(entity).place).id,
    ),
    'order-line-num': by((entity) => String(find(entity).place + 1)),
  };
}

const poNumber = (order: number): string => `PO-${String(order + 1).padStart(7, '0')}`;

/** A line inside a header: its trade is its parent's. */
const innerLine = (object: string): Domain => ({
  object,
  count: linesInAll,
  period: object === 'invoice-line' ? 0 : 20,
  fields: (kit) => {
    const derive = tradeOf(kit.world);
    return {
      ...lineFields(kit, (entity) => {
        const parent = entity.parent ?? entity;
        return { trade: parent.derive((one) => derive(one.ordinal)), place: entity.ordinal, order: parent.ordinal };
      }),
      type: constant(kit.facts.fields.get('type')?.words[0] ?? null),
      'discount-amount': constant(null),
      status: constant(null),
    };
  },
});

const purchaseOrder: Domain = {
  object: 'purchase-order',
  count: asMany,
  period: 15,
  fields: (kit) => {
    const { of, amount, trade } = tradeFields(kit);
    const exported = kit.often('exported', 70);
    return {
      'po-number': kit.serial('PO-', 7),
      status: kit.one('status', ['issued', 'issued', 'issued', 'closed', 'cancelled', 'buyer_hold']),
      version: constant(1),
      supplier: of(({ supplier }) => supplier),
      currency: of(({ currency }) => currency),
      'requisition-header': by((entity) => kit.world.collection('requisition').at(entity.ordinal)),
      'ship-to-user': of(({ requester }) => requester),
      'payment-term': by((entity) => trade(entity).supplier.value('payment-term')),
      'shipping-term': by((entity) => trade(entity).supplier.value('shipping-term')),
      total: amount(({ netCents }) => netCents),
      exported,
      'last-exported-at': constant(null),
      'order-lines': owned((entity) => {
        const lines = kit.world.collection('purchase-order-line');
        return Array.from({ length: linesOf(entity.ordinal) }, (_, place) =>
          lines.at(firstLineOf(entity.ordinal) + place),
        );
      }),
    };
  },
};

const purchaseOrderLine: Domain = {
  object: 'purchase-order-line',
  count: linesInAll,
  period: 15,
  fields: (kit) => {
    const derive = tradeOf(kit.world);
    return {
      ...lineFields(kit, (entity) =>
        entity.derive((one) => {
          const { order, place } = orderOfLine(one.ordinal);
          return { trade: derive(order), place, order };
        }),
      ),
      status: constant('received'),
      version: constant(1),
      invoiced: by((entity) => entity.value('total')),
      received: by((entity) => entity.value('quantity')),
    };
  },
};

const requisition: Domain = {
  object: 'requisition',
  count: asMany,
  period: 20,
  fields: (kit) => {
    const { of, amount } = tradeFields(kit);
    return {
      'req-title': by((entity) => `Requisition ${entity.ordinal + 1}`),
      status: constant('ordered'),
      currency: of(({ currency }) => currency),
      'requested-by': of(({ requester }) => requester),
      requester: of(({ requester }) => requester),
      'line-count': by((entity) => linesOf(entity.ordinal)),
      total: amount(({ netCents }) => netCents),
      'requisition-lines': owned((entity) => linesFor(kit, entity, 'requisition-line')),
    };
  },
};

const receivingTransaction: Domain = {
  object: 'receiving-transaction',
  count: linesInAll,
  period: 5,
  fields: (kit) => {
    const orderLine = (entity: Entity): Entity => kit.world.collection('purchase-order-line').at(entity.ordinal);
    const calendar = kit.world.calendar(kit.facts.name);
    const same = (field: string): FieldGenerator => by((entity) => orderLine(entity).value(field));
    return {
      'order-line': by(orderLine),
      type: constant('ReceivingQuantityConsumption'),
      status: constant('created'),
      item: same('item'),
      account: same('account'),
      quantity: same('quantity'),
      price: same('price'),
      total: same('total'),
      currency: same('currency'),
      uom: same('uom'),
      'transaction-date': instantField((entity) => calendar.createdMs(entity.ordinal)),
      exported: kit.often('exported', 50),
    };
  },
};

/** A report has the lines of its place in the same 1, 2, 3 pattern; amounts are drawn for each line. */
const lineCents = (kit: Kit, line: number): number => 500 + drawBelow(kit.salt('expense-amount'), line, 40_000);
const expenseReports = share(10, 20);

const expenseReport = (): Domain => ({
  object: 'expense-report',
  count: expenseReports,
  period: 0,
  fields: (kit) => {
    const lines = (entity: Entity): readonly Entity[] =>
      Array.from({ length: linesOf(entity.ordinal) }, (_, place) =>
        kit.world.collection('expense-line').at(firstLineOf(entity.ordinal) + place),
      );
    const amounts = new Kit(kit.world.type('expense-line').facts, kit.world);
    const total = by((entity) => money(lines(entity).reduce((sum, line) => sum + lineCents(amounts, line.ordinal), 0)));
    return {
      title: by((entity) => `Expenses, week ${1 + (entity.ordinal % 40)}`),
      status: kit.one('status', ['approved_for_payment', 'pending_approval', 'draft']),
      'expensed-by': kit.some('expensed-by', 'user'),
      currency: by(() => kit.world.collection('currency').at(0)),
      total,
      'reimbursable-total-amount': total,
      'expense-lines': owned(lines),
      exported: kit.often('exported', 40),
    };
  },
});

const expenseLine: Domain = {
  object: 'expense-line',
  count: (records) => firstLineOf(expenseReports(records)),
  period: 0,
  fields: (kit) => {
    const amount = by((entity) => money(lineCents(kit, entity.ordinal)));
    return {
      amount,
      'approved-amount': amount,
      'accounting-total': amount,
      currency: by(() => kit.world.collection('currency').at(0)),
      'accounting-total-currency': by(() => kit.world.collection('currency').at(0)),
      'exchange-rate': constant('1.0'),
      description: kit.one('description', [
        'Train',
        'Hotel',
        'Dinner with client',
        'Taxi',
        'Parking',
        'Conference fee',
      ]),
    };
  },
};

/** Business records; the lines inside headers included. */
export const businessDomains: readonly Domain[] = [
  invoice,
  innerLine('invoice-line'),
  innerLine('requisition-line'),
  purchaseOrder,
  purchaseOrderLine,
  requisition,
  receivingTransaction,
  expenseReport(),
  expenseLine,
];
