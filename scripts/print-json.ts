// Owns how generated JSON looks: short objects on one line, so that a change of one field is a change of one line.

const lineLengthMax = 150;

const inline = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inline).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}: ${inline(member)}`);
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
};

/** Prints a JSON value with a trailing line end. Order of keys is kept. */
export function printJson(value: unknown): string {
  const print = (part: unknown, indent: string, lead: number): string => {
    const line = inline(part);
    const isSmall = indent.length > 0 && indent.length + lead + line.length <= lineLengthMax;
    if (isSmall || typeof part !== 'object' || part === null) return line;
    const inner = `${indent}  `;
    if (Array.isArray(part)) {
      return `[\n${part.map((item) => inner + print(item, inner, 0)).join(',\n')}\n${indent}]`;
    }
    const members = Object.entries(part).map(([key, member]) => {
      const name = `${JSON.stringify(key)}: `;
      return inner + name + print(member, inner, name.length);
    });
    return `{\n${members.join(',\n')}\n${indent}}`;
  };
  return `${print(value, '', 0)}\n`;
}
