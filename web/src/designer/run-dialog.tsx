// Owns asking for parameters before a pipeline runs or is previewed.
import { type ReactElement, useState } from 'react';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import {
  declaredParameters,
  type GivenParameters,
  missingParameters,
  ParameterInputs,
  valueFault,
} from '../components/parameter-inputs.tsx';
import type { Pipeline } from './model/pipeline.ts';

interface RunDialogProps {
  readonly purpose: 'run' | 'preview';
  readonly pipeline: Pipeline;
  /** What was given last time. */
  readonly given: GivenParameters;
  readonly onGo: (given: GivenParameters) => void;
  readonly onClose: () => void;
}

const words = { run: 'Run', preview: 'Preview' } as const;

export function RunDialog({ purpose, pipeline, given, onGo, onClose }: RunDialogProps): ReactElement {
  const [values, setValues] = useState(given);
  const missing = missingParameters(pipeline.parameters, values);
  const isSound = declaredParameters(pipeline.parameters).every(
    ([name, { type }]) => valueFault(type, values[name] ?? '') === '',
  );
  const canGo = missing.length === 0 && isSound;
  return (
    <Dialog title={`${words[purpose]} ${pipeline.name} with`} onClose={onClose}>
      <form
        className="form-fields"
        onSubmit={(event) => {
          event.preventDefault();
          if (canGo) onGo(values);
        }}
      >
        <ParameterInputs parameters={pipeline.parameters} given={values} onChange={setValues} />
        <p className="field-help" role="status">
          {missing.length === 0 ? 'What stays empty has its default.' : `Still needed: ${missing.join(', ')}.`}
        </p>
        <div className="form-actions">
          <Button type="submit" kind="primary" disabled={!canGo}>
            {words[purpose]}
          </Button>
          <Button onClick={onClose}>Cancel</Button>
        </div>
      </form>
    </Dialog>
  );
}
