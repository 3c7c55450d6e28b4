// A person who signed in, and what they signed in for.
import type { Person } from '../mint/token';
import type { Ask } from './ask';

export interface Signed {
  readonly ask: Ask;
  readonly person: Person;
  /** The field that ends the login's cookie. */
  readonly ending: readonly string[];
  /** Seconds since the epoch. */
  readonly now: number;
}
