// Questions to whoever sits at the terminal.
import { isatty } from 'node:tty';

export interface Question {
  readonly message: string;
  /** What an empty answer means; undefined: there has to be one. */
  readonly otherwise?: string | undefined;
  /** What is wrong with an answer; undefined: nothing. */
  readonly check: (answer: string) => string | undefined;
}

/** Whether somebody can be asked. */
export const canAsk = (): boolean => isatty(0) && isatty(1);

/**
 * Asks a question.
 * @returns undefined where nobody wants to answer
 */
export async function ask({ message, otherwise, check }: Question): Promise<string | undefined> {
  // Nobody else waits for this package to load.
  const { isCancel, text } = await import('@clack/prompts');
  const answer = await text({
    message,
    ...(otherwise === undefined ? {} : { placeholder: otherwise, defaultValue: otherwise }),
    validate: (given) => {
      const value = given ?? '';
      if (value === '') return otherwise === undefined ? 'this needs an answer' : undefined;
      return check(value);
    },
  });
  return isCancel(answer) ? undefined : answer;
}
