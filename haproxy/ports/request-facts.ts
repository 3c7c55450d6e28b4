// A request as HAProxy has it at this place of the configuration: rules judge the request that the backend gets.
import type { Policy } from '../../src/model/policy';
import { isCompared } from '../../src/policy/headers';
import type { Field, RequestFacts } from '../../src/request/request-target';
import { text } from './text';

export const AUTHORIZATION = 'authorization';
const HOST = 'host';
const SLASH = 47;
const NONE: readonly string[] = [];

/**
 * The Authorization fields of a request; two are enough to see that there are several.
 * `req.fhdr` does not split at commas: each is a line of its own.
 * @param count the value of `req.fhdr_cnt`
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

/** The lines of the headers that rules compare; of a name with several lines the first two, which are too many already. */
function readCompared(fetches: Fetches, compared: readonly string[]): readonly Field[] {
  const fields: Field[] = [];
  const seen: Record<string, number | undefined> = {};
  for (const [name] of string.gmatch(fetches.req_hdr_names('\n') ?? '', '[^\n]+')) {
    if (name === undefined || !isCompared(name, compared, text)) continue;
    const occurrence = (seen[name] ?? 0) + 1;
    seen[name] = occurrence;
    if (occurrence <= 2) fields.push([name, fetches.req_fhdr(name, occurrence) ?? '']);
  }
  return fields;
}

/**
 * Reads what the policy judges. `url` is the request target as the backend will get it, earlier `set-path` and
 * `normalize-uri` included; of HTTP/2 it is `:scheme`, `:authority` and `:path` in absolute-form.
 * @param policy says what rules ask about the request
 */
export function readFacts(fetches: Fetches, policy: Pick<Policy, 'usesHosts' | 'comparedHeaders'>): RequestFacts {
  const method = fetches.method() ?? '';
  const target = fetches.url() ?? '';
  // Without rules for hosts only an authority is compared with the Host header.
  const hosts = policy.usesHosts || string.byte(target, 1) !== SLASH ? readHosts(fetches) : NONE;
  const fields = policy.comparedHeaders === undefined ? undefined : readCompared(fetches, policy.comparedHeaders);
  return { method, target, hosts, preflight: method === 'OPTIONS' && isPreflight(fetches), fields };
}
