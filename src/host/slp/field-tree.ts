// Owns the fields of a map: targets such as $a.b grow into one expression for the field "a".
export interface FieldRow {
  readonly target: string;
  readonly place: string;
  /** The expression of the value; asked for only when the target can be taken. */
  readonly expression: () => string;
}

interface FieldRules {
  /** Whether the document's own fields stay: a nested target would then replace what stands beside it. */
  readonly keepsOthers: boolean;
  readonly refuse: (place: string, message: string) => void;
}

type Tree = Map<string, string | Tree>;

/** The fields of a map, by name. Targets that cannot be taken are refused. */
export function fieldTree(rows: readonly FieldRow[], { keepsOthers, refuse }: FieldRules): Record<string, string> {
  const root: Tree = new Map();
  for (const { target, place, expression } of rows) {
    const names = namesOf(target);
    if (names === undefined) refuse(place, `the target ${target} is no plain path`);
    else if (names.length > 1 && keepsOthers)
      refuse(place, `the target ${target} goes into a field whose other members stay`);
    else if (!grow(root, names, expression)) refuse(place, `the target ${target} is set twice`);
  }
  return Object.fromEntries([...root].map(([name, branch]) => [name, written(branch)]));
}

/** The names of "$a.b", "a", "$['a b'].c"; undefined for anything else. */
function namesOf(target: string): readonly string[] | undefined {
  let rest = target.replace(/^\$\.?/u, '');
  const names: string[] = [];
  while (rest !== '') {
    const found = /^(?:\.?(?<plain>[^.[\]*'"]+)|\.?\[(?:'(?<one>[^']+)'|"(?<other>[^"]+)")\])/u.exec(rest);
    const name = found?.groups?.plain ?? found?.groups?.one ?? found?.groups?.other;
    if (found === null || name === undefined) return undefined;
    names.push(name.trim());
    rest = rest.slice(found[0].length);
  }
  return names.length === 0 ? undefined : names;
}

function grow(root: Tree, names: readonly string[], expression: () => string): boolean {
  let tree = root;
  for (const name of names.slice(0, -1)) {
    const branch = tree.get(name) ?? new Map<string, string | Tree>();
    if (typeof branch === 'string') return false;
    tree.set(name, branch);
    tree = branch;
  }
  const last = names.at(-1) ?? '';
  if (tree.has(last)) return false;
  tree.set(last, expression());
  return true;
}

function written(branch: string | Tree): string {
  if (typeof branch === 'string') return branch;
  return `{${[...branch].map(([name, inner]) => `${JSON.stringify(name)}: ${written(inner)}`).join(', ')}}`;
}
