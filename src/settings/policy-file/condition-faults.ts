// Conditions that no claim can fulfil, and texts in them that are meant as patterns.
import { formatJson } from '../../codec/json-format';
import type { ClaimCondition, Scalar } from '../../model/demands';
import { complain, remark, type Reader } from './reader';

function isImpossible(condition: ClaimCondition): boolean {
  const above = condition.gt ?? condition.gte;
  const below = condition.lt ?? condition.lte;
  if (above === undefined || below === undefined) return false;
  const least = Math.max(above, condition.gte ?? above);
  const most = Math.min(below, condition.lte ?? below);
  if (least > most) return true;
  return least === most && (least === condition.gt || most === condition.lt);
}

/** Whether a list forbids what another part requires. */
function isForbidden(condition: ClaimCondition): boolean {
  const none = condition.none;
  if (none === undefined) return false;
  const any = condition.any ?? [];
  const isAny = any.length > 0 && any.every((value) => none.indexOf(value) >= 0);
  return isAny || (condition.all ?? []).some((value) => none.indexOf(value) >= 0);
}

/** A text of some values that has a star beside other characters; undefined without one. */
function findStar(values: readonly Scalar[]): string | undefined {
  for (let index = 0; index < values.length; index++) {
    const value = values[index];
    if (typeof value === 'string' && value.length > 1 && value.indexOf('*') >= 0) return value;
  }
  return undefined;
}

/** Notes a condition that nothing fulfils, and a star that is compared literally. */
export function checkCondition(reader: Reader, pointer: string, condition: ClaimCondition): void {
  if (isImpossible(condition)) complain(reader, pointer, 'has bounds that no number is within; correct one of them');
  if (isForbidden(condition)) complain(reader, pointer, 'has in `none` what another part requires; remove it from one');
  const star = findStar((condition.any ?? []).concat(condition.all ?? []));
  if (star === undefined) return;
  const mend = 'write {"glob": ' + formatJson(star) + '} where the star is meant as any text';
  remark(reader, pointer, '`' + star + '` is compared literally; ' + mend);
}

/** A dot before a star that ends no name: a regular expression. */
const ANYTHING: readonly string[] = ['/.*', ':.*', '.+'];

function hasInside(glob: string, open: string, close: string, between: string): boolean {
  const start = glob.indexOf(open);
  const end = start < 0 ? -1 : glob.indexOf(close, start + 1);
  return end >= 0 && glob.substring(start + 1, end).indexOf(between) >= 0;
}

/** Whether a glob has a meaning only in another language: here all of it but its stars is compared exactly. */
export function isForeignGlob(glob: string): boolean {
  if (glob.charAt(0) === '^' || glob.charAt(glob.length - 1) === '$' || glob.indexOf('\\') >= 0) return true;
  if (glob.substring(0, 2) === '.*' || ANYTHING.some((part) => glob.indexOf(part) >= 0)) return true;
  return hasInside(glob, '{', '}', ',') || hasInside(glob, '[', ']', '-') || hasInside(glob, '(', ')', '|');
}
