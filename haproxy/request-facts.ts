// A request as HAProxy has it at this place of the configuration: what it hands on is what is judged.
import type { RequestFacts } from '../src/policy/request-target';

export const AUTHORIZATION = 'authorization';
const HOST = 'host';
const SLASH = 47;
const NONE: readonly string[] = [];

/**
 * The Authorization fields of a request; two are enough to see that there are several.
 * `req.fhdr` does not split at commas: each is a line of its own.
 * @param count what `req.fhdr_cnt` says
 */
export function readFields(fetches: Fetches, count: number): readonly string[] {
  if (count < 1) return NONE;
  const first = fetches.req_fhdr(AUTHORIZATION, 1) ?? '';
  return count === 1 ? [first] : [first, fetches.req_fhdr(AUTHORIZATION, 2) ?? ''];
}

function readHosts(fetches: Fetches): readonly string[] {
  const count = fetches.req_fhdr_cnt(HOST);
  if (count < 1) return NONE;
  const first = fetches.req_fhdr(HOST, 1) ?? '';
  return count === 1 ? [first] : [first, fetches.req_fhdr(HOST, 2) ?? ''];
}

/** Fetch §3.2.2. */
function isPreflight(fetches: Fetches): boolean {
  return fetches.req_fhdr_cnt('origin') > 0 && fetches.req_fhdr_cnt('access-control-request-method') > 0;
}

/**
 * Reads what the policy judges. `url` is the request target as the backend will get it, earlier `set-path` and
 * `normalize-uri` included; of HTTP/2 it is `:scheme`, `:authority` and `:path` in absolute-form.
 * @param usesHosts whether some rule names hosts
 */
export function readFacts(fetches: Fetches, usesHosts: boolean): RequestFacts {
  const method = fetches.method() ?? '';
  const target = fetches.url() ?? '';
  // Without rules for hosts only an authority is compared with the Host header.
  const hosts = usesHosts || string.byte(target, 1) !== SLASH ? readHosts(fetches) : NONE;
  return { method, target, hosts, preflight: method === 'OPTIONS' && isPreflight(fetches) };
}
