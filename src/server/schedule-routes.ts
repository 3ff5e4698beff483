// Owns the routes of schedules: what runs when, and what came of it last. From the page saved pipelines are scheduled; files only on the command line, beside them.
import type { FastifyInstance } from 'fastify';
import type { Host, ScheduleChange } from '../host/host.ts';
import { nameLengthMax, namePattern } from '../host/names.ts';
import { idParameter, tag, texts } from './schemas.ts';

const pattern = { type: 'string', minLength: 1, maxLength: 200 } as const;

const when = {
  cron: { ...pattern, description: 'minute hour day month weekday, or six fields with seconds first' },
  timeZone: { ...pattern, description: 'IANA name' },
  misfire: { type: 'string', enum: ['once', 'skip'], description: 'ticks while no host was up' },
  mayOverlap: { type: 'boolean' },
  parameters: texts,
} as const;

interface NewSchedule {
  readonly name: string;
  readonly saved: string;
  readonly cron: string;
  readonly timeZone: string;
  readonly misfire?: 'once' | 'skip';
  readonly mayOverlap?: boolean;
  readonly parameters?: Readonly<Record<string, string>>;
}

export function addScheduleRoutes(server: FastifyInstance, host: Host): void {
  server.get('/api/schedules', { schema: tag('Schedules', 'List the schedules with their next tick') }, async () =>
    host.schedules.list(),
  );
  server.post<{ Body: NewSchedule }>(
    '/api/schedules',
    {
      schema: {
        ...tag('Schedules', 'Run a saved pipeline by a cron pattern'),
        body: {
          type: 'object',
          required: ['name', 'saved', 'cron', 'timeZone'],
          additionalProperties: false,
          properties: {
            name: { type: 'string', pattern: namePattern, maxLength: nameLengthMax },
            saved: { type: 'string', minLength: 1, maxLength: 200, description: 'the name of the saved pipeline' },
            ...when,
          },
        },
      },
    },
    async (request) => host.schedules.add(request.body),
  );
  server.get<{ Querystring: { readonly cron: string; readonly timeZone: string } }>(
    '/api/schedule-ticks',
    {
      schema: {
        ...tag('Schedules', 'Give the next ticks of a cron pattern'),
        querystring: {
          type: 'object',
          required: ['cron', 'timeZone'],
          properties: { cron: pattern, timeZone: pattern },
        },
      },
    },
    async ({ query }) => ({ ticks: await host.schedules.ticks(query.cron, query.timeZone) }),
  );
  server.put<{ Params: { readonly id: string }; Body: ScheduleChange }>(
    '/api/schedules/:id',
    {
      schema: {
        ...tag('Schedules', 'Change a schedule, pause it or let it go on; what is left out stays'),
        params: idParameter,
        body: {
          type: 'object',
          minProperties: 1,
          additionalProperties: false,
          properties: { ...when, isPaused: { type: 'boolean', description: 'nothing starts while it is true' } },
        },
      },
    },
    async (request) => host.schedules.change(request.params.id, request.body),
  );
  server.delete<{ Params: { readonly id: string } }>(
    '/api/schedules/:id',
    { schema: { ...tag('Schedules', 'Remove a schedule'), params: idParameter } },
    async (request) => {
      await host.schedules.remove(request.params.id);
      return { removed: true };
    },
  );
}
