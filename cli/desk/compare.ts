// What of an answer is not as a case expects.
import type { Expectation } from './cases';

/** An answer, of the core or of a proxy; undefined is what it does not say. */
export interface Found {
  readonly allowed: boolean;
  readonly status: number;
  readonly reason: string | undefined;
  readonly rule: string | undefined;
  readonly wouldBe: string | undefined;
  /** The value of a backend's header, its name in small letters; null: the backend does not get it. Undefined: nobody knows. */
  readonly header: ((name: string) => string | null) | undefined;
}

const wrong = (what: string, expected: string, found: string): string =>
  `${what}: expected ${expected}, found ${found === '' ? 'none' : found}`;

/** @returns a line for each difference */
export function compare(expected: Expectation, found: Found): readonly string[] {
  const faults: string[] = [];
  const look = (what: string, wanted: string | number | undefined, value: string | number | undefined): void => {
    if (wanted !== undefined && value !== undefined && wanted !== value)
      faults.push(wrong(what, String(wanted), String(value)));
  };
  look('decision', expected.decision, found.allowed ? 'allow' : 'refuse');
  look('status', expected.status, found.status);
  look('reason', expected.reason, found.reason);
  look('rule', expected.rule, found.rule);
  look('would_be', expected.would_be, found.wouldBe);
  for (const [name, wanted] of Object.entries(expected.headers ?? {})) {
    if (found.header === undefined) continue;
    const value = found.header(name.toLowerCase());
    if (value !== wanted) faults.push(wrong(`header ${name}`, wanted ?? 'none', value ?? ''));
  }
  return faults;
}
