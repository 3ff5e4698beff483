// Owns how the API says no: a status and the messages, in the shape that the real one uses.

/** A refusal of a request. `errors` maps a field, or `base`, to its messages. */
export class ApiProblem extends Error {
  readonly status: number;
  readonly errors: Readonly<Record<string, readonly string[]>>;

  constructor(status: number, errors: Readonly<Record<string, readonly string[]>>) {
    super(Object.values(errors).flat().join(' '));
    this.status = status;
    this.errors = errors;
  }
}

/** A refusal about the request as a whole. */
export const problem = (status: number, message: string, field = 'base'): ApiProblem =>
  new ApiProblem(status, { [field]: [message] });
