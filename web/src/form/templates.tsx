// Owns how forms look: label, unit, help and fault in one order for every kind of field.
import type {
  ArrayFieldItemTemplateProps,
  ArrayFieldTemplateProps,
  FieldTemplateProps,
  ObjectFieldTemplateProps,
  TemplatesType,
} from '@rjsf/utils';
import type { ReactElement } from 'react';
import { Button, IconButton } from '../components/button.tsx';

function FieldTemplate(props: FieldTemplateProps): ReactElement {
  const { id, label, required, hidden, displayLabel, schema, rawErrors, children, rawDescription } = props;
  if (hidden) return <div hidden>{children}</div>;
  const isGroup = schema.type === 'object' || schema.type === 'array';
  if (isGroup && displayLabel !== true && schema['x-widget'] === undefined)
    return <div className="field">{children}</div>;
  const help = schema['x-help'];
  const unit = schema['x-unit'];
  const isBoolean = schema.type === 'boolean';
  return (
    <div className={rawErrors?.length ? 'field field-wrong' : 'field'}>
      {displayLabel === false || isBoolean ? null : (
        <label className="field-label" htmlFor={id}>
          {label}
          {typeof unit === 'string' ? <span className="field-unit"> ({unit})</span> : null}
          {required ? null : <span className="field-optional"> optional</span>}
        </label>
      )}
      {children}
      {rawErrors?.length ? (
        <p className="field-fault" id={`${id}__error`}>
          {rawErrors.join('; ')}
        </p>
      ) : null}
      {rawDescription ? (
        <p className="field-help" id={`${id}__description`}>
          {rawDescription}
          {typeof help === 'string' ? ` ${help}` : ''}
        </p>
      ) : null}
    </div>
  );
}

function ObjectFieldTemplate({ title, description, properties, fieldPathId }: ObjectFieldTemplateProps): ReactElement {
  const isRoot = fieldPathId.path.length === 0;
  const fields = properties.map((property) => property.content);
  if (isRoot) return <div className="form-fields">{fields}</div>;
  return (
    <fieldset className="form-group" id={fieldPathId.$id}>
      {title === '' ? null : <legend>{title}</legend>}
      {description ? <p className="field-help">{description}</p> : null}
      <div className="form-fields">{fields}</div>
    </fieldset>
  );
}

function ArrayFieldTemplate({
  title,
  items,
  canAdd,
  onAddClick,
  fieldPathId,
  schema,
}: ArrayFieldTemplateProps): ReactElement {
  return (
    <fieldset className="form-group" id={fieldPathId.$id}>
      <legend>{title}</legend>
      {schema.description ? <p className="field-help">{schema.description}</p> : null}
      {items}
      {canAdd ? (
        <Button icon="plus" onClick={() => onAddClick()}>
          Add to {title.toLowerCase()}
        </Button>
      ) : null}
    </fieldset>
  );
}

function ArrayFieldItemTemplate({ children, buttonsProps, index }: ArrayFieldItemTemplateProps): ReactElement {
  const { hasRemove, hasMoveUp, hasMoveDown, onRemoveItem, onMoveUpItem, onMoveDownItem } = buttonsProps;
  return (
    <div className="form-item">
      <div className="form-item-content">{children}</div>
      <div className="form-item-actions">
        {hasMoveUp ? <IconButton icon="up" label={`Move item ${index + 1} up`} onClick={() => onMoveUpItem()} /> : null}
        {hasMoveDown ? (
          <IconButton icon="down" label={`Move item ${index + 1} down`} onClick={() => onMoveDownItem()} />
        ) : null}
        {hasRemove ? (
          <IconButton icon="trash" label={`Remove item ${index + 1}`} onClick={() => onRemoveItem()} />
        ) : null}
      </div>
    </div>
  );
}

const nothing = (): null => null;

/** The templates of every form. */
export const templates: Partial<TemplatesType> = {
  FieldTemplate,
  ObjectFieldTemplate,
  ArrayFieldTemplate,
  ArrayFieldItemTemplate,
  ErrorListTemplate: nothing,
};
