// Owns the page of schedules: what runs when, what came of it last, adding one and taking one away.
import { type ReactElement, useState } from 'react';
import type { ScheduleView } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Page } from '../components/page.tsx';
import { Empty, LoadedView } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { formatDistance, formatMoment } from '../format.ts';
import { type Problem, problemOf } from '../problem.ts';
import { Link } from '../router.tsx';
import { useData } from '../use-data.ts';
import { NewScheduleDialog } from './new-schedule.tsx';

const refreshMs = 10_000;

export default function SchedulesPage(): ReactElement {
  const schedules = useData(api.schedules, 'schedules', refreshMs);
  const [asked, setAsked] = useState<ScheduleView>();
  const [isAdding, setAdding] = useState(false);
  const add = (
    <Button kind="primary" icon="plus" onClick={() => setAdding(true)}>
      Schedule a pipeline
    </Button>
  );
  const [problem, setProblem] = useState<Problem>();
  const remove = async ({ name }: ScheduleView): Promise<void> => {
    try {
      setProblem(undefined);
      await api.removeSchedule(name);
      await schedules.reload();
    } catch (thrown) {
      setProblem(problemOf(thrown));
    }
    setAsked(undefined);
  };
  return (
    <Page title="Schedules" description="Pipelines that run by themselves, while this host is up." actions={add}>
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      <section className="card">
        <LoadedView loaded={schedules} lines={6}>
          {(list) =>
            list.length === 0 ? (
              <Empty icon="schedules" title="Nothing is scheduled.">
                <p>
                  A saved pipeline is scheduled here; <code>snaps schedule add</code> schedules a pipeline file.
                </p>
              </Empty>
            ) : (
              <Table caption="Schedules" columns={columnsOf(setAsked)} rows={list} keyOf={({ name }) => name} />
            )
          }
        </LoadedView>
      </section>
      {isAdding ? <NewScheduleDialog onClose={() => setAdding(false)} onAdded={schedules.reload} /> : null}
      {asked === undefined ? null : (
        <Dialog
          title={`Remove ${asked.name}?`}
          onClose={() => setAsked(undefined)}
          actions={
            <>
              <Button onClick={() => setAsked(undefined)}>Keep it</Button>
              <Button kind="danger" onClick={() => remove(asked)}>
                Remove
              </Button>
            </>
          }
        >
          <p>It starts no further run. Its pipeline and its history stay.</p>
        </Dialog>
      )}
    </Page>
  );
}

function columnsOf(ask: (schedule: ScheduleView) => void) {
  return [
    {
      title: 'Schedule',
      cell: ({ name, file, saved }: ScheduleView) => (
        <>
          {name}{' '}
          {saved === null ? (
            <p className="muted">{file?.split(/[\\/]/u).at(-1)}</p>
          ) : (
            <p>
              <Link to={['designer', saved]}>{saved}</Link>
            </p>
          )}
        </>
      ),
    },
    {
      title: 'When',
      cell: ({ cron, timeZone }: ScheduleView) => (
        <>
          <code>{cron}</code> <span className="muted">{timeZone}</span>
        </>
      ),
    },
    {
      title: 'Next',
      cell: ({ nextAt }: ScheduleView) =>
        nextAt === null ? (
          'never'
        ) : (
          <time dateTime={nextAt} title={formatMoment(nextAt)}>
            {formatDistance(nextAt)}
          </time>
        ),
    },
    {
      title: 'Last',
      isExtra: true,
      cell: ({ lastRunId, lastOutcome }: ScheduleView) => (
        <>
          {lastOutcome} {lastRunId === null ? null : <Link to={['runs', lastRunId]}>the run</Link>}
        </>
      ),
    },
    {
      title: 'Remove',
      cell: (schedule: ScheduleView) => (
        <Button kind="quiet" icon="trash" aria-label={`Remove ${schedule.name}`} onClick={() => ask(schedule)} />
      ),
    },
  ];
}
