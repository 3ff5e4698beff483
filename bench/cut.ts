// Prints how fast a page of records is cut, beside parsing and writing it again. Run: node bench/cut.ts
import { cutRecords } from '../src/document/index.ts';

const recordsPerPage = 50;
const pages = 400;

const line = (index: number) => ({
  id: index,
  'line-num': index % 20,
  description: `Office chair, adjustable, series ${index}`,
  price: '129.5000',
  quantity: '3.0',
  account: { id: index * 7, name: 'Main – 1000', code: `01-100-${index}` },
  currency: { id: 1, code: 'USD' },
  'created-at': '2026-03-04T05:06:07-08:00',
});
const page = Buffer.from(
  JSON.stringify(
    Array.from({ length: recordsPerPage }, (_, index) => ({
      id: index,
      'invoice-number': `INV-${index}`,
      supplier: { id: 5, name: 'Müller & Söhne GmbH', number: 'S-100' },
      'custom-fields': { note: 'a "quoted" word and a back\\slash' },
      'invoice-lines': Array.from({ length: 12 }, (_unused, inner) => line(index * 100 + inner)),
    })),
  ),
);

function measure(name: string, work: () => number): number {
  work();
  const started = performance.now();
  let count = 0;
  for (let round = 0; round < pages; round += 1) count += work();
  const perSecond = count / ((performance.now() - started) / 1000);
  process.stdout.write(`${name.padEnd(34)} ${Math.round(perSecond).toLocaleString('en')} records/s\n`);
  return perSecond;
}

process.stdout.write(`${recordsPerPage} records of ${Math.round(page.length / recordsPerPage)} bytes a page\n`);
const parsed = measure('JSON.parse + JSON.stringify', () => {
  const records = JSON.parse(page.toString()) as unknown[];
  let length = 0;
  for (const each of records) length += JSON.stringify(each).length;
  return length > 0 ? records.length : 0;
});
measure('JSON.parse', () => (JSON.parse(page.toString()) as unknown[]).length);
const cut = measure('cutRecords', () => cutRecords(page).length);
process.stdout.write(`cutting is ${(cut / parsed).toFixed(1)} times parsing and writing\n`);
