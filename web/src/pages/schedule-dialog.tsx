// Owns scheduling a saved pipeline and changing a schedule: when, in which time zone, and what the pattern means before it is kept.
import { type ReactElement, useEffect, useId, useState } from 'react';
import type { ScheduleView } from '../../../src/host/host.ts';
import { api, type NewSchedule } from '../api.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { type GivenParameters, ParameterInputs } from '../components/parameter-inputs.tsx';
import { LoadedView } from '../components/states.tsx';
import { cronWords } from '../cron-words.ts';
import { formatMoment } from '../format.ts';
import { isJsonObject } from '../json.ts';
import { problemOf } from '../problem.ts';
import { Link } from '../router.tsx';
import { useAttempt } from '../use-attempt.ts';
import { useData } from '../use-data.ts';

const typingMs = 300;

interface ScheduleDialogProps {
  /** The schedule that is changed; left out for a new one. */
  readonly schedule?: ScheduleView;
  readonly onClose: () => void;
  readonly onDone: () => Promise<void>;
}

export function ScheduleDialog({ schedule, onClose, onDone }: ScheduleDialogProps): ReactElement {
  const pipelines = useData(api.pipelines, 'pipelines');
  const [form, setForm] = useState<Form>(() => formOf(schedule));
  const { problem, attempt } = useAttempt();
  const keep = (): Promise<void> =>
    attempt(async () => {
      const { name, saved, ...change } = form;
      if (schedule === undefined) await api.addSchedule({ ...change, saved, name: name === '' ? saved : name });
      else await api.changeSchedule(schedule.name, change);
      await onDone();
      onClose();
    });
  return (
    <Dialog
      title={schedule === undefined ? 'Schedule a pipeline' : `Change ${schedule.name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={keep} disabled={schedule === undefined && form.saved === ''}>
            {schedule === undefined ? 'Schedule' : 'Done'}
          </Button>
        </>
      }
    >
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      <LoadedView loaded={pipelines} lines={6}>
        {(list) =>
          schedule === undefined && list.length === 0 ? (
            <p>
              No pipeline is saved yet. Build one in the <Link to={['designer']}>designer</Link> first.
            </p>
          ) : (
            <ScheduleFields
              form={form}
              names={list.map(({ name }) => name)}
              change={setForm}
              {...(schedule === undefined ? {} : { schedule })}
            />
          )
        }
      </LoadedView>
    </Dialog>
  );
}

type Form = Required<NewSchedule>;

function formOf(schedule: ScheduleView | undefined): Form {
  if (schedule === undefined) {
    return {
      name: '',
      saved: '',
      cron: '0 2 * * *',
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
      misfire: 'once',
      parameters: {},
    };
  }
  const { name, saved, cron, timeZone, misfire, parameters } = schedule;
  return { name, saved: saved ?? '', cron, timeZone, misfire, parameters };
}

interface ScheduleFieldsProps {
  readonly form: Form;
  readonly names: readonly string[];
  readonly change: (form: Form) => void;
  readonly schedule?: ScheduleView;
}

function ScheduleFields({ form, names, change, schedule }: ScheduleFieldsProps): ReactElement {
  const id = useId();
  const text = (field: 'name' | 'cron' | 'timeZone', label: string, help: string, placeholder = '') => (
    <div className="field">
      <label className="field-label" htmlFor={`${id}-${field}`}>
        {label}
      </label>
      <input
        id={`${id}-${field}`}
        className="input"
        value={form[field]}
        placeholder={placeholder}
        autoComplete="off"
        spellCheck={false}
        maxLength={100}
        aria-describedby={`${id}-${field}-help`}
        onChange={(event) => change({ ...form, [field]: event.target.value })}
      />
      <p className="field-help" id={`${id}-${field}-help`}>
        {help}
      </p>
    </div>
  );
  return (
    <div className="form-fields">
      {schedule === undefined ? (
        <div className="field">
          <label className="field-label" htmlFor={`${id}-saved`}>
            Pipeline
          </label>
          <select
            id={`${id}-saved`}
            className="input"
            value={form.saved}
            onChange={(event) => change({ ...form, saved: event.target.value, parameters: {} })}
          >
            <option value="">Choose a pipeline</option>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
          <p className="field-help">Its newest version runs each time.</p>
        </div>
      ) : null}
      {text('cron', 'When', 'Minute, hour, day, month, weekday: 0 2 * * * is every night at two.')}
      {text('timeZone', 'Time zone', 'An IANA name, such as Europe/Berlin.')}
      <Ticks cron={form.cron} timeZone={form.timeZone} />
      {form.saved === '' ? null : (
        <ScheduleParameters
          key={form.saved}
          saved={form.saved}
          given={form.parameters}
          onChange={(parameters) => change({ ...form, parameters })}
        />
      )}
      {schedule === undefined
        ? text('name', 'Name', 'What the schedule is called; the pipeline’s name when left empty.', form.saved)
        : null}
      <div className="field">
        <label className="field-label" htmlFor={`${id}-misfire`}>
          Missed while the host was down
        </label>
        <select
          id={`${id}-misfire`}
          className="input"
          value={form.misfire}
          onChange={(event) => change({ ...form, misfire: event.target.value === 'skip' ? 'skip' : 'once' })}
        >
          <option value="once">One run makes up for all of them</option>
          <option value="skip">Nothing is made up for</option>
        </select>
      </div>
    </div>
  );
}

interface ScheduleParametersProps {
  readonly saved: string;
  readonly given: GivenParameters;
  readonly onChange: (given: GivenParameters) => void;
}

/** What each run is given; a pipeline without parameters asks for nothing. */
function ScheduleParameters({ saved, given, onChange }: ScheduleParametersProps): ReactElement | null {
  const { data } = useData(() => api.pipeline(saved), `parameters ${saved}`);
  const parameters = data?.pipeline.parameters;
  if (!isJsonObject(parameters)) return null;
  return <ParameterInputs parameters={parameters} given={given} onChange={onChange} />;
}

/** The next times that the pattern means, or what is wrong with it; its place is kept, so that nothing moves. */
function Ticks({ cron, timeZone }: Pick<NewSchedule, 'cron' | 'timeZone'>): ReactElement {
  const [words, setWords] = useState('');
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const next = await api.scheduleTicks(cron, timeZone).then(
        ({ ticks }) => (ticks.length === 0 ? 'It never runs.' : nextWords(cron, ticks)),
        (thrown: unknown) => problemOf(thrown).reason,
      );
      if (isCurrent) setWords(next);
    }, typingMs);
    return () => {
      isCurrent = false;
      clearTimeout(timer);
    };
  }, [cron, timeZone]);
  return (
    <p className="field-help" role="status">
      {words === '' ? ' ' : words}
    </p>
  );
}

function nextWords(cron: string, ticks: readonly string[]): string {
  const words = cronWords(cron);
  const next = `Next: ${ticks.map((tick) => formatMoment(tick)).join(' · ')}`;
  return words === '' ? next : `${words.charAt(0).toUpperCase()}${words.slice(1)}. ${next}`;
}
