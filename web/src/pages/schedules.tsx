// Owns the page of schedules: what runs when, what came of it last, adding one, changing it, pausing it and taking it away.
import { type ReactElement, useState } from 'react';
import type { ScheduleView } from '../../../src/host/host.ts';
import { api } from '../api.ts';
import { Badge } from '../components/badge.tsx';
import { Button } from '../components/button.tsx';
import { Dialog } from '../components/dialog.tsx';
import { ErrorCard } from '../components/error-card.tsx';
import { Page } from '../components/page.tsx';
import { Empty, LoadedView } from '../components/states.tsx';
import { Table } from '../components/table.tsx';
import { cronWords } from '../cron-words.ts';
import { formatDistance, formatMoment } from '../format.ts';
import { Link } from '../router.tsx';
import { useAttempt } from '../use-attempt.ts';
import { useData } from '../use-data.ts';
import { ScheduleDialog } from './schedule-dialog.tsx';

const refreshMs = 10_000;

export default function SchedulesPage(): ReactElement {
  const schedules = useData(api.schedules, 'schedules', refreshMs);
  const [asked, setAsked] = useState<ScheduleView>();
  const [edited, setEdited] = useState<ScheduleView | 'new'>();
  const add = (
    <Button kind="primary" icon="plus" onClick={() => setEdited('new')}>
      Schedule a pipeline
    </Button>
  );
  const { problem, attempt } = useAttempt();
  const change = (action: () => Promise<unknown>): Promise<void> =>
    attempt(async () => {
      await action();
      await schedules.reload();
    });
  const remove = async ({ name }: ScheduleView): Promise<void> => {
    await change(() => api.removeSchedule(name));
    setAsked(undefined);
  };
  const pause = ({ name, isPaused }: ScheduleView): Promise<void> =>
    change(() => api.changeSchedule(name, { isPaused: !isPaused }));
  const columns = columnsOf({ ask: setAsked, edit: setEdited, pause });
  return (
    <Page
      title="Schedules"
      description="Pipelines that run by themselves, while this host is up."
      actions={schedules.data?.length === 0 ? null : add}
    >
      {problem === undefined ? null : <ErrorCard problem={problem} />}
      <section className="card">
        <LoadedView loaded={schedules} lines={6}>
          {(list) =>
            list.length === 0 ? (
              <Empty icon="schedules" title="Nothing is scheduled.">
                <p>
                  A schedule runs a saved pipeline by itself: every night, every hour, on weekdays.
                  <br />
                  Without one, a pipeline runs when somebody presses Run.
                </p>
                {add}
                <p className="empty-aside">
                  A pipeline that is kept in a file is scheduled on the command line: <code>snaps schedule add</code>
                </p>
              </Empty>
            ) : (
              <Table caption="Schedules" columns={columns} rows={list} keyOf={({ name }) => name} />
            )
          }
        </LoadedView>
      </section>
      {edited === undefined ? null : (
        <ScheduleDialog
          {...(edited === 'new' ? {} : { schedule: edited })}
          onClose={() => setEdited(undefined)}
          onDone={schedules.reload}
        />
      )}
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

interface ScheduleActions {
  readonly ask: (schedule: ScheduleView) => void;
  readonly edit: (schedule: ScheduleView) => void;
  readonly pause: (schedule: ScheduleView) => Promise<void>;
}

function columnsOf({ ask, edit, pause }: ScheduleActions) {
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
          {cronWords(cron) === '' ? null : <p>{cronWords(cron)}</p>}
          <code>{cron}</code> <span className="muted">{timeZone}</span>
        </>
      ),
    },
    {
      title: 'Next',
      cell: ({ nextAt, isPaused }: ScheduleView) =>
        isPaused ? (
          <Badge tone="warn">paused</Badge>
        ) : nextAt === null ? (
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
          {lastOutcome === '' ? <span className="muted">not yet</span> : lastOutcome}{' '}
          {lastRunId === null ? null : <Link to={['runs', lastRunId]}>the run</Link>}
        </>
      ),
    },
    {
      title: 'Actions',
      cell: (schedule: ScheduleView) => (
        <div className="row-actions">
          <Button kind="quiet" aria-label={`Change ${schedule.name}`} onClick={() => edit(schedule)}>
            Change
          </Button>
          <Button
            kind="quiet"
            aria-label={`${schedule.isPaused ? 'Resume' : 'Pause'} ${schedule.name}`}
            onClick={() => pause(schedule)}
          >
            {schedule.isPaused ? 'Resume' : 'Pause'}
          </Button>
          <Button kind="quiet" icon="trash" aria-label={`Remove ${schedule.name}`} onClick={() => ask(schedule)} />
        </div>
      ),
    },
  ];
}
