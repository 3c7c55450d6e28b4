// The operator's own values in problems. A value at the wrong place may be a secret, a key or a token, and logs are read by
// many: a problem repeats only what is a name or a path by its form.

const CAPITALS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ_';
const NAME = CAPITALS + '0123456789';
/** No path has these at such a place: they are those of base64, JSON, PEM and of several words. */
const UNLIKELY: readonly string[] = ['=', '+', '{', '"', ' ', '\n', '\r', '-----'];
/** A longer name without a slash is rather a secret or a token. */
const MAX_RELATIVE = 64;

/** Whether a value has the form of a variable's name (POSIX.1-2017 §8.1): capitals, digits and `_`. */
function isVariableName(value: string): boolean {
  if (value === '' || CAPITALS.indexOf(value.charAt(0)) < 0) return false;
  for (let index = 1; index < value.length; index++) if (NAME.indexOf(value.charAt(index)) < 0) return false;
  return true;
}

/** The problem of a variable that is not set, whose name stands where a value may be. */
export function describeUnset(name: string): string {
  if (isVariableName(name)) return 'names the variable `' + name + '`, which is not set';
  return (
    'names no variable that is set; give the name of the variable that holds the secret, as `HAMSTER_SECRET`; ' +
    'or write the secret into a file, and name that one by the member that ends with `_file`'
  );
}

function isPath(value: string): boolean {
  const first = value.charAt(0);
  return first === '/' || (first === '.' && value.indexOf('/') > 0);
}

/** The file of a secret, as a problem names it. */
export function nameSecretFile(path: string): string {
  const isSafe = isPath(path) && !UNLIKELY.some((part) => path.indexOf(part) >= 0);
  return isSafe ? '`' + path + '`' : 'the file that it names';
}

/** Any other file, as a problem names it. */
export function nameFile(path: string): string {
  const isName = path.length <= MAX_RELATIVE && !UNLIKELY.some((part) => path.indexOf(part) >= 0);
  return isPath(path) || isName ? '`' + path + '`' : 'the file that it names';
}
