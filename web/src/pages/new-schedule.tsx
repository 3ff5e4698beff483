// Owns scheduling a saved pipeline: when, in which time zone, and what the pattern means before it is kept.
import { type ReactElement, useEffect, useId, useState } from 'react';
import { api, type NewSchedule } from '../api.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { LoadedView } from '../components/states.tsx';
import { formatMoment } from '../format.ts';
import { type Problem, problemOf } from '../problem.ts';
import { Link } from '../router.tsx';
import { useData } from '../use-data.ts';

const typingMs = 300;

interface NewScheduleProps {
  readonly onClose: () => void;
  readonly onAdded: () => Promise<void>;
}

export function NewScheduleDialog({ onClose, onAdded }: NewScheduleProps): ReactElement {
  const pipelines = useData(api.pipelines, 'pipelines');
  const [form, setForm] = useState<NewSchedule>({
    name: '',
    saved: '',
    cron: '0 2 * * *',
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
    misfire: 'once',
  });
  const [problem, setProblem] = useState<Problem>();
  const add = async (): Promise<void> => {
    try {
      setProblem(undefined);
      const name = form.name === '' ? form.saved : form.name;
      await api.addSchedule({ ...form, name });
      await onAdded();
      onClose();
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
  };
  return (
    <Dialog
      title="Schedule a pipeline"
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" onClick={add} disabled={form.saved === ''}>
            Schedule
          </Button>
        </>
      }
    >
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      <LoadedView loaded={pipelines} lines={6}>
        {(list) =>
          list.length === 0 ? (
            <p>
              No pipeline is saved yet. Build one in the <Link to={['designer']}>designer</Link> first.
            </p>
          ) : (
            <ScheduleFields form={form} names={list.map(({ name }) => name)} change={setForm} />
          )
        }
      </LoadedView>
    </Dialog>
  );
}

interface ScheduleFieldsProps {
  readonly form: NewSchedule;
  readonly names: readonly string[];
  readonly change: (form: NewSchedule) => void;
}

function ScheduleFields({ form, names, change }: ScheduleFieldsProps): ReactElement {
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
      <div className="field">
        <label className="field-label" htmlFor={`${id}-saved`}>
          Pipeline
        </label>
        <select
          id={`${id}-saved`}
          className="input"
          value={form.saved}
          onChange={(event) => change({ ...form, saved: event.target.value })}
        >
          <option value="">Choose a pipeline</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
        <p className="field-help">Its newest version runs each time.</p>
      </div>
      {text('cron', 'When', 'Minute, hour, day, month, weekday: 0 2 * * * is every night at two.')}
      {text('timeZone', 'Time zone', 'An IANA name, such as Europe/Berlin.')}
      <Ticks cron={form.cron} timeZone={form.timeZone} />
      {text('name', 'Name', 'What the schedule is called; the pipeline’s name when left empty.', form.saved)}
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

/** The next times that the pattern means, or what is wrong with it; its place is kept, so that nothing moves. */
function Ticks({ cron, timeZone }: Pick<NewSchedule, 'cron' | 'timeZone'>): ReactElement {
  const [words, setWords] = useState('');
  useEffect(() => {
    let isCurrent = true;
    const timer = setTimeout(async () => {
      const next = await api.scheduleTicks(cron, timeZone).then(
        ({ ticks }) =>
          ticks.length === 0 ? 'It never runs.' : `Next: ${ticks.map((tick) => formatMoment(tick)).join(' · ')}`,
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
