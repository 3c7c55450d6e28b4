// Which members of the table of settings are numbers that a policy can hold.
import type { PolicyNumber } from '../../../src/settings/table';

export function isPolicyNumber(value: unknown): value is PolicyNumber {
  return typeof value === 'object' && value !== null && 'least' in value;
}
