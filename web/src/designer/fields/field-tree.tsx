// Owns choosing the fields to read: a tree of the resource's own fields and those of the records that it refers to.
import { type ReactElement, useState } from 'react';
import type { JsonValue } from '../../../../src/document/json.ts';
import { Empty } from '../../components/states.tsx';
import type { DesignerFieldProps } from './form-context.ts';
import { Labelled } from './labelled.tsx';
import { type RecordField, useObjectFields, useResourceFields } from './use-resource-fields.ts';
import { useRovingFocus } from './use-roving-focus.ts';

/** The setting: names, and for references an object from the name to the fields below. */
type Tree = readonly JsonValue[];

const depthMax = 4;

export function FieldTreeField(props: DesignerFieldProps<Tree>): ReactElement {
  const { fieldPathId, formData, onChange, schema, required = false, rawErrors } = props;
  const { resource } = props.registry.formContext;
  const { fields, pack } = useResourceFields(resource);
  const [words, setWords] = useState('');
  const walk = useRovingFocus<HTMLDivElement>('input[type="checkbox"], summary');
  const tree = formData ?? [];
  const isTooLong = fields.length > 8;
  return (
    <Labelled
      id={fieldPathId.$id}
      label={schema.title ?? 'Fields'}
      schema={schema}
      isRequired={required}
      isGroup
      isExplained
      faults={rawErrors ?? []}
    >
      <p className="muted">{summaryOf(tree)}</p>
      {isTooLong ? (
        <input
          className="input"
          type="search"
          aria-label="Find a field"
          placeholder="Find a field"
          value={words}
          onChange={(event) => setWords(event.target.value)}
        />
      ) : null}
      {fields.length === 0 ? (
        <Empty title="Choose a resource to see its fields." />
      ) : (
        // biome-ignore lint/a11y/noStaticElementInteractions: the keys are those of the check boxes inside
        <div ref={walk.ref} onFocus={walk.onFocus} onKeyDown={walk.onKeyDown}>
          <Branch
            fields={fields.filter(({ name }) => name.includes(words.trim().toLowerCase()))}
            tree={tree}
            pack={pack}
            depth={1}
            prefix=""
            onChange={(next) => onChange(next.length === 0 ? undefined : next, fieldPathId.path)}
          />
        </div>
      )}
    </Labelled>
  );
}

interface BranchProps {
  readonly fields: readonly RecordField[];
  readonly tree: Tree;
  readonly pack: string;
  readonly depth: number;
  /** The names above, for a label that says where a field belongs. */
  readonly prefix: string;
  readonly onChange: (tree: Tree) => void;
}

function Branch({ fields, tree, pack, depth, prefix, onChange }: BranchProps): ReactElement {
  return (
    <ul className={depth === 1 ? 'field-tree' : 'field-tree-inner'}>
      {fields.map((field) => (
        <li key={field.name}>
          <label className="checkbox field-tree-choice">
            <input
              type="checkbox"
              tabIndex={-1}
              aria-label={`${prefix}${field.name}`}
              checked={isChosen(tree, field.name)}
              onChange={(event) => onChange(withChoice(tree, field.name, event.target.checked))}
            />
            <span>{field.name}</span>
            <span className="muted">{field.kind}</span>
          </label>
          {field.reference === undefined || depth >= depthMax ? null : (
            <Reference field={field} tree={tree} pack={pack} depth={depth} prefix={prefix} onChange={onChange} />
          )}
        </li>
      ))}
    </ul>
  );
}

interface ReferenceProps extends Omit<BranchProps, 'fields'> {
  readonly field: RecordField;
}

/** The fields of a referenced record, asked for when the branch opens. */
function Reference({ field, tree, pack, depth, prefix, onChange }: ReferenceProps): ReactElement {
  const inner = innerOf(tree, field.name);
  const [isOpen, setOpen] = useState(inner.length > 0);
  const fields = useObjectFields(pack, isOpen ? field.reference : undefined);
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary tabIndex={-1}>
        {inner.length === 0 ? 'choose its fields' : `${inner.length} chosen`}
        <span className="visually-hidden"> of {`${prefix}${field.name}`}</span>
      </summary>
      {isOpen ? (
        <Branch
          fields={fields}
          tree={inner}
          pack={pack}
          depth={depth + 1}
          prefix={`${prefix}${field.name}.`}
          onChange={(next) => onChange(withInner(tree, field.name, next))}
        />
      ) : null}
    </details>
  );
}

/** Whether a field is read, whole or in part. */
export function isChosen(tree: Tree, name: string): boolean {
  return tree.some((entry) => entry === name || (isBranch(entry) && Object.hasOwn(entry, name)));
}

/** Chooses a whole field, or drops it with everything below. */
export function withChoice(tree: Tree, name: string, isWanted: boolean): Tree {
  const others = without(tree, name);
  return isWanted ? [...others, name] : others;
}

/** Puts fields below a reference; without any it is no longer read. */
export function withInner(tree: Tree, name: string, inner: Tree): Tree {
  const others = without(tree, name);
  return inner.length === 0 ? others : [...others, { [name]: inner }];
}

function innerOf(tree: Tree, name: string): Tree {
  const inner = tree.find((entry) => isBranch(entry) && Object.hasOwn(entry, name));
  const value = isBranch(inner) ? inner[name] : undefined;
  return Array.isArray(value) ? value : [];
}

function without(tree: Tree, name: string): Tree {
  return tree.flatMap((entry): JsonValue[] => {
    if (entry === name) return [];
    if (!isBranch(entry) || !Object.hasOwn(entry, name)) return [entry];
    const { [name]: _dropped, ...rest } = entry;
    return Object.keys(rest).length === 0 ? [] : [rest];
  });
}

const isBranch = (entry: JsonValue | undefined): entry is { [name: string]: JsonValue } =>
  typeof entry === 'object' && entry !== null && !Array.isArray(entry);

const summaryOf = (tree: Tree): string =>
  tree.length === 0
    ? 'Every field is read.'
    : `Only what is chosen is read: ${tree.length} of the record's own fields.`;
