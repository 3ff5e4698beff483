// Owns the parts of route schemas that many routes share. They are what the OpenAPI document is made of.

const nameLengthMax = 200;

/** The id or name in a path. */
export const idParameter = {
  type: 'object',
  required: ['id'],
  properties: { id: { type: 'string', minLength: 1, maxLength: nameLengthMax } },
} as const;

/** An object of texts by name, as accounts and parameters are given. */
export const texts = {
  type: 'object',
  maxProperties: 100,
  additionalProperties: { type: 'string', maxLength: 10_000 },
} as const;

/** A pipeline as it stands in a file; the pipeline check says what is wrong with it, all at once. */
export const pipelineBody = { type: 'object', additionalProperties: true } as const;

const success = { description: 'Done', content: { 'application/json': { schema: {} } } } as const;

const failure = {
  description: 'Problem Details (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: 'problem#' } } },
} as const;

/** Where a route stands in the API's description, and what it answers when it fails. */
export function tag(name: string, summary: string) {
  return {
    tags: [name],
    summary,
    response: { '2xx': success, '4xx': failure, '5xx': failure },
  };
}
