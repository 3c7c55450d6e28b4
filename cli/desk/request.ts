// A request as it is typed at the desk: method, URL and header lines.
import { text } from '../../nginx/ports/text';
import type { Policy } from '../../src/model/policy';
import { isCompared } from '../../src/policy/headers';
import type { Field, RequestFacts } from '../../src/request/request-target';
import type { RequestLines } from '../../src/token/places/request-lines';
import { failure } from './failure';

export interface DeskRequest {
  readonly method: string;
  /** As the request line has it, query included. */
  readonly target: string;
  /** Names in small letters. */
  readonly fields: readonly Field[];
}

const ABSOLUTE = /^https?:\/\/([^/?#]*)([^#]*)$/;
const FIELD = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*$/;

/** Characters of a header line that a message repeats: a name, and no credentials. */
const SHOWN = 20;

/**
 * Reads a request.
 * @param url with scheme and host, or a path alone; its path is not touched: escapes and dots are what is judged
 * @param headers lines such as `X-Tenant: a`
 */
export function readRequest(method: string, url: string, headers: readonly string[]): DeskRequest {
  const fields = headers.map((line): Field => {
    const found = FIELD.exec(line);
    if (found === null) throw failure(`\`${line.slice(0, SHOWN)}\` is not a header line such as \`X-Tenant: zoo\``);
    return [(found[1] ?? '').toLowerCase(), found[2] ?? ''];
  });
  if (url.startsWith('/') || url === '*') return { method, target: url, fields };
  const absolute = ABSOLUTE.exec(url);
  if (absolute === null) throw failure(`\`${url}\` is not an http:// or https:// URL, nor a path that begins with /`);
  const [, authority = '', rest = ''] = absolute;
  const target = rest.startsWith('/') ? rest : `/${rest}`;
  const hasHost = fields.some(([name]) => name === 'host');
  return { method, target, fields: hasHost ? fields : [['host', authority], ...fields] };
}

export function linesOf(request: DeskRequest): RequestLines {
  return {
    method: request.method,
    target: request.target,
    lines: (name) => request.fields.filter((field) => field[0] === name).map((field) => field[1]),
    body: () => undefined,
  };
}

export function factsOf(request: DeskRequest, policy: Policy): RequestFacts {
  const lines = linesOf(request);
  const compared = policy.comparedHeaders;
  const asks = lines.lines('origin').length > 0 && lines.lines('access-control-request-method').length > 0;
  return {
    method: request.method,
    target: request.target,
    hosts: lines.lines('host'),
    preflight: request.method === 'OPTIONS' && asks,
    fields: compared === undefined ? undefined : request.fields.filter(([name]) => isCompared(name, compared, text)),
  };
}
