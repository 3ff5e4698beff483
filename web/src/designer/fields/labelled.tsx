import type { RJSFSchema } from '@rjsf/utils';
import type { ReactElement, ReactNode } from 'react';

interface LabelledProps {
  readonly id: string;
  readonly label: string;
  readonly schema: RJSFSchema;
  readonly isRequired: boolean;
  readonly faults?: readonly string[];
  /** A group has a legend, a single input a label. */
  readonly isGroup?: boolean;
  /** The form's template says help and faults already. */
  readonly isExplained?: boolean;
  readonly children: ReactNode;
}

/** Label around a field of the designer; a group also says its faults and help, which the form's template leaves out for groups. */
export function Labelled(props: LabelledProps): ReactElement {
  const { id, label, schema, isRequired, faults = [], isGroup = false, isExplained = false, children } = props;
  const optional = isRequired ? null : <span className="field-optional"> optional</span>;
  const after = (
    <>
      {faults.length === 0 ? null : (
        <p className="field-fault" id={`${id}__error`}>
          {faults.join('; ')}
        </p>
      )}
      {schema.description === undefined ? null : (
        <p className="field-help" id={`${id}__description`}>
          {schema.description}
        </p>
      )}
    </>
  );
  if (!isGroup) {
    return (
      <div className={faults.length > 0 ? 'field field-wrong' : 'field'}>
        <label className="field-label" htmlFor={id}>
          {label}
          {optional}
        </label>
        {children}
      </div>
    );
  }
  return (
    <fieldset className={faults.length > 0 ? 'form-group field-wrong' : 'form-group'} id={id}>
      <legend>
        {label}
        {optional}
      </legend>
      {children}
      {isExplained ? null : after}
    </fieldset>
  );
}
