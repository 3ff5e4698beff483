// Owns the class names by which records point at documents of several kinds: `commentable-type`, `approvable-type`, `document-type`.

const special: Readonly<Record<string, string>> = {
  invoice: 'InvoiceHeader',
  'purchase-order': 'OrderHeader',
  requisition: 'RequisitionHeader',
  'purchase-order-change': 'OrderHeaderRevision',
};
/** Names that are met beside the class names (values of `integration-error` in the API's tables). */
const alsoNamed: Readonly<Record<string, string>> = {
  Invoice: 'invoice',
  PurchaseOrder: 'purchase-order',
  Requisition: 'requisition',
  InventoryTransaction: 'receiving-transaction',
  ReceivingTransaction: 'receiving-transaction',
};

/** Gives the class name of an object. */
export const documentType = (object: string): string =>
  special[object] ??
  object
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');

/** Gives the object of a class name. */
export function objectOfDocument(type: string): string {
  const found = Object.entries(special).find(([, name]) => name === type)?.[0];
  return (
    found ??
    alsoNamed[type] ??
    type
      .replaceAll(/(?<=[a-z])[A-Z]/gu, (letter) => `-${letter.toLowerCase()}`)
      .replace(/^[A-Z]/u, (letter) => letter.toLowerCase())
  );
}
