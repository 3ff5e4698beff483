// Owns the form of every failed answer: Problem Details (RFC 9457) with the keys that errors have everywhere else.
import type { FastifyReply } from 'fastify';
import { ConfigurationError, type ErrorBody, type SnapError } from '../errors.ts';

export const problemType = 'application/problem+json; charset=utf-8';

/** Answers a failure. `status` of an error is the far side's and becomes `farStatus`: here it means this answer. */
export function sendProblem(reply: FastifyReply, httpStatus: number, error: ErrorBody): FastifyReply {
  const { status, ...rest } = error;
  return reply
    .code(httpStatus)
    .header('content-type', problemType)
    .send({
      type: `urn:snaps:error:${error.code}`,
      title: error.message,
      detail: error.reason,
      ...rest,
      status: httpStatus,
      ...(status === undefined ? {} : { farStatus: status }),
    });
}

/** The status that fits one of our errors. */
export function httpStatusOf(error: SnapError): number {
  if (error.code.endsWith('_NOT_FOUND')) return 404;
  if (error.code.endsWith('_EXISTS') || error.code === 'SNAP_PIPELINE_STALE') return 409;
  return error instanceof ConfigurationError ? 400 : 502;
}

export const problemSchema = {
  $id: 'problem',
  type: 'object',
  title: 'Problem Details (RFC 9457)',
  required: ['type', 'title', 'status', 'code', 'message', 'reason', 'resolution'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', description: 'One of the codes of docs/errors.md.' },
    message: { type: 'string', description: 'What was done and what happened.' },
    reason: { type: 'string', description: 'The fact that caused it.' },
    resolution: { type: 'string', description: 'The next step.' },
    faults: {
      type: 'array',
      items: { type: 'object', properties: { pointer: { type: 'string' }, message: { type: 'string' } } },
    },
    farStatus: { type: 'integer', description: 'HTTP status of the far side, when it answered.' },
    field: { type: 'string' },
  },
} as const;
