// Owns the routes of schedules: what runs when, and what came of it last. They are made on the command line, beside their files.
import type { FastifyInstance } from 'fastify';
import type { Host } from '../host/host.ts';
import { idParameter, tag } from './schemas.ts';

export function addScheduleRoutes(server: FastifyInstance, host: Host): void {
  server.get('/api/schedules', { schema: tag('Schedules', 'List the schedules with their next tick') }, async () =>
    host.schedules.list(),
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
