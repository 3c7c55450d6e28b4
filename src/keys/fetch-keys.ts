// Fetching an issuer's keys as steps: the next URL, and the keys in an answer. The host sends the requests.
import { quoteUrl } from '../codec/printable';
import { findFault } from './http-limits';
import type { HttpAnswer } from '../ports/http';
import type { Text } from '../codec/text';
import { readJwkSet } from './key-file';
import { readDiscovery } from './key-url';
import type { Fetched } from './key-state';
import type { EndpointsAnswer } from '../model/login';
import type { RemoteKeys } from '../model/settings';
import { readEndpoints } from './endpoints';

/** What an answer is: the discovery document, the same at its other address, or the key set. */
export type FetchStage = 'discovery' | 'metadata' | 'jwks';

/** The next URL to get, or the result of the fetch. */
export type FetchStep =
  | {
      readonly kind: 'get';
      readonly url: string;
      readonly stage: FetchStage;
      /** What the discovery document says of login; to be handed on to `continueFetching`. */
      readonly endpoints?: EndpointsAnswer | undefined;
    }
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
      // Beyond any refresh interval the exact number does not matter.
      if (age < 100000000) age = age * 10 + digit;
    }
  }
  return age;
}

/** The first URL to get. */
export function startFetching(source: RemoteKeys): FetchStep {
  return { kind: 'get', url: source.url, stage: source.kind };
}

/** What a discovery document says of login, where that is asked for. */
function endpointsOf(body: string, source: RemoteKeys, text: Text): EndpointsAnswer | undefined {
  return source.givesEndpoints === undefined ? undefined : readEndpoints(body, source, text);
}

/**
 * Continues with an answer.
 * @param endpoints of the step whose answer it is
 * @returns the next URL, or the keys; a failure has its cause in words that follow the URL's setting
 */
export function continueFetching(
  source: RemoteKeys,
  stage: FetchStage,
  answer: HttpAnswer,
  text: Text,
  endpoints?: EndpointsAnswer,
): FetchStep {
  // RFC 8414 §3: the other place is asked only where this one has no document.
  if (stage === 'discovery' && answer.ok && answer.status === 404 && source.fallback !== undefined) {
    return { kind: 'get', url: source.fallback, stage: 'metadata' };
  }
  const fault = findFault(answer);
  if (fault !== undefined || !answer.ok) {
    return failed((fault ?? '') + (stage === 'metadata' ? ' here, and 404 at ' + quoteUrl(source.url) : ''));
  }
  if (stage !== 'jwks') {
    const discovered = readDiscovery(answer.body, source, text);
    if (!discovered.ok) return failed(discovered.problem);
    return { kind: 'get', url: discovered.url, stage: 'jwks', endpoints: endpointsOf(answer.body, source, text) };
  }
  // RFC 7517 §5: unusable keys are skipped; a set without a usable key replaces nothing.
  const set = readJwkSet(answer.body, text);
  if (set.keys.length === 0 && set.hasNone !== true)
    return failed('its answer has no usable key: ' + (set.unusable[0] ?? ''));
  return { kind: 'done', fetched: { ok: true, keys: set.keys, maxAge: readMaxAge(answer.cacheControl), endpoints } };
}
