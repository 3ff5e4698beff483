// Owns which content type a file's ending tells, and the other way round.

/** Endings by type; the first of a type's endings is the one that a new file gets. */
const table: readonly (readonly [ending: string, type: string])[] = [
  ['.pdf', 'application/pdf'],
  ['.png', 'image/png'],
  ['.jpg', 'image/jpeg'],
  ['.jpeg', 'image/jpeg'],
  ['.tif', 'image/tiff'],
  ['.tiff', 'image/tiff'],
  ['.gif', 'image/gif'],
  ['.xml', 'application/xml'],
  ['.json', 'application/json'],
  ['.zip', 'application/zip'],
  ['.csv', 'text/csv'],
  ['.txt', 'text/plain'],
  ['.html', 'text/html'],
  ['.eml', 'message/rfc822'],
  ['.doc', 'application/msword'],
  ['.docx', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document'],
  ['.xls', 'application/vnd.ms-excel'],
  ['.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet'],
];

const typeOf = new Map(table);
const endingOf = new Map(table.toReversed().map(([ending, type]) => [type, ending]));

/** The type of a file by the ending of its name; `application/octet-stream` (RFC 2046, section 4.5.1) for an ending that tells none. */
export function contentTypeByName(name: string): string {
  const ending = /\.[A-Za-z0-9]+$/u.exec(name)?.[0].toLowerCase() ?? '';
  return typeOf.get(ending) ?? 'application/octet-stream';
}

/** The ending for a file of this type; undefined for a type that tells none. */
export function endingByType(contentType: string): string | undefined {
  return endingOf.get(contentType);
}
