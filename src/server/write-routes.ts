// Owns the routes of writes of which nobody knows whether they took effect: a person looks at the far side and says so.
import type { FastifyInstance } from 'fastify';
import type { Host, WriteDecision } from '../host/host.ts';
import { idParameter, tag } from './schemas.ts';

interface Named {
  readonly Params: { readonly id: string };
}

export function addWriteRoutes(server: FastifyInstance, { runs }: Host): void {
  server.get<Named>(
    '/api/runs/:id/undecided',
    {
      schema: { ...tag('Runs', 'List the writes of which nobody knows whether they took effect'), params: idParameter },
    },
    async (request) => runs.undecided(request.params.id),
  );
  server.post<Named & { Body: WriteDecision }>(
    '/api/runs/:id/undecided',
    {
      schema: {
        ...tag('Runs', 'Say of one such write whether it took effect'),
        params: idParameter,
        body: {
          type: 'object',
          required: ['snap', 'write', 'isDone'],
          additionalProperties: false,
          properties: {
            snap: { type: 'string', maxLength: 200 },
            write: { type: 'integer', minimum: 0 },
            isDone: { type: 'boolean', description: 'false: it may be sent again when the run is resumed' },
          },
        },
      },
    },
    async (request) => {
      await runs.decide(request.params.id, request.body);
      return { decided: true };
    },
  );
}
