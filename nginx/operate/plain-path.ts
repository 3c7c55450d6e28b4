// The path of a request as it was sent, against the path by which nginx chose the location.

/**
 * Whether nginx chose the location by the very path that was sent: it decoded, merged and resolved nothing.
 * @param target `$request_uri`
 */
export function isPlainPath(target: string): boolean {
  const path = target.split('?')[0] ?? '';
  if (path.charAt(0) !== '/' || path.indexOf('//') >= 0) return false;
  if (path.indexOf('%') >= 0 || path.indexOf('\\') >= 0 || path.indexOf('#') >= 0) return false;
  return path.split('/').every((segment) => segment !== '.' && segment !== '..');
}
