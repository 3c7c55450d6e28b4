// Fetching an issuer's keys as steps: which URL to get, what to make of the answer. The host does the getting.
import { findFault } from '../core/http-answer';
import type { HttpAnswer } from '../ports/http';
import type { Text } from '../ports/text';
import { readJwkSet } from './key-file';
import { readDiscovery, type RemoteKeys } from './key-url';
import type { Fetched } from './key-state';

/** The next URL to get, or what the fetch brought. */
export type FetchStep =
  | { readonly kind: 'get'; readonly url: string; readonly stage: 'discovery' | 'jwks' }
  | { readonly kind: 'done'; readonly fetched: Fetched };

function failed(problem: string): FetchStep {
  return { kind: 'done', fetched: { ok: false, problem } };
}

/** `max-age` of a Cache-Control field (RFC 9111 §5.2.2.1); 0 for `no-store` and `no-cache`, undefined without either. */
export function readMaxAge(cacheControl: string): number | undefined {
  const directives = cacheControl.toLowerCase().split(' ').join('').split(',');
  let age: number | undefined;
  for (let index = 0; index < directives.length; index++) {
    const directive = directives[index] ?? '';
    if (directive === 'no-store' || directive === 'no-cache') return 0;
    if (directive.substring(0, 8) !== 'max-age=') continue;
    age = 0;
    for (let place = 8; place < directive.length; place++) {
      const digit = directive.charCodeAt(place) - 48;
      if (digit < 0 || digit > 9) return undefined;
      // Beyond any refresh interval the exact number says nothing more.
      if (age < 100000000) age = age * 10 + digit;
    }
  }
  return age;
}

/** The first URL to get. */
export function startFetching(source: RemoteKeys): FetchStep {
  return { kind: 'get', url: source.url, stage: source.kind };
}

/**
 * Goes on with an answer.
 * @returns the next URL, or the keys; a failure says why in words that follow the URL's setting
 */
export function continueFetching(
  source: RemoteKeys,
  stage: 'discovery' | 'jwks',
  answer: HttpAnswer,
  text: Text,
): FetchStep {
  const fault = findFault(answer);
  if (fault !== undefined || !answer.ok) return failed(fault ?? '');
  if (stage === 'discovery') {
    const discovered = readDiscovery(answer.body, source, text);
    return discovered.ok ? { kind: 'get', url: discovered.url, stage: 'jwks' } : failed(discovered.problem);
  }
  // RFC 7517 §5: keys that cannot be used are passed over; a set without one good key replaces nothing.
  const set = readJwkSet(answer.body, text);
  if (set.keys.length === 0) return failed('its answer has no usable key: ' + (set.unusable[0] ?? ''));
  return { kind: 'done', fetched: { ok: true, keys: set.keys, maxAge: readMaxAge(answer.cacheControl) } };
}
