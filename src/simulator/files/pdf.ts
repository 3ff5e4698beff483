// Owns making a small PDF of one page, whole enough for any reader: header, objects, cross-reference table, trailer (ISO 32000-1, 7.5).

/** Gives a page with lines of text; what is not ASCII is left out. */
export function makePdf(lines: readonly string[]): Buffer {
  const shown = lines.map((line, place) => `${place === 0 ? '' : '0 -18 Td '}(${escapeText(line)}) Tj`).join('\n');
  const content = `BT /F1 12 Tf 56 780 Td\n${shown}\nET`;
  const objects = [
    '<< /Type /Catalog /Pages 2 0 R >>',
    '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
    '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 5 0 R >> >> /Contents 4 0 R >>',
    `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
    '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
  ];
  let text = '%PDF-1.4\n';
  const places = objects.map((object, index) => {
    const place = text.length;
    text += `${index + 1} 0 obj\n${object}\nendobj\n`;
    return `${String(place).padStart(10, '0')} 00000 n \n`;
  });
  const start = text.length;
  text += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${places.join('')}`;
  text += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R >>\nstartxref\n${start}\n%%EOF\n`;
  return Buffer.from(text, 'latin1');
}

const escapeText = (text: string): string => text.replace(/[^ -~]/gu, '').replace(/[\\()]/gu, (sign) => `\\${sign}`);
