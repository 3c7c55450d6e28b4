// What ends a command before it has an answer, in the operator's words.

/** Exit codes: fine or allowed, failure of the command or of what it checks, refused. */
export const EXIT = { fine: 0, failure: 1, refused: 2 } as const;

const NAME = 'Failure';

/** An error whose message is for the operator. */
export function failure(message: string): Error {
  return Object.assign(new Error(message), { name: NAME });
}

export function isFailure(error: unknown): error is Error {
  return error instanceof Error && error.name === NAME;
}
