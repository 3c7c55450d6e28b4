// The servers behind a `proxy_pass`, so that two spellings of one server are known as the same.
import { valueOf, type Directive } from '../ports/configuration';

/** The target of a location's `proxy_pass`. */
export interface Backend {
  /** Each server as `host:port`, or the path of its socket; undefined where a variable has it. */
  readonly servers: readonly string[] | undefined;
  /** Whether it is sent the path as the client wrote it. */
  readonly isRaw: boolean;
}

const LOOPBACK: readonly string[] = ['localhost', '[::1]'];

/** One server, in one spelling. @param port of its scheme */
function nameServer(address: string, port: string): string {
  const name = address.toLowerCase();
  if (name.indexOf('unix:') === 0) return address;
  const colon = name.lastIndexOf(':');
  const hasPort = colon > name.lastIndexOf(']') && colon >= 0;
  const host = hasPort ? name.slice(0, colon) : name;
  return (LOOPBACK.indexOf(host) >= 0 ? '127.0.0.1' : host) + ':' + (hasPort ? name.slice(colon + 1) : port);
}

/** The servers of the `upstream` of this name; undefined when there is none. */
function serversOf(http: readonly Directive[], name: string): readonly string[] | undefined {
  const found = http.find(
    (one) => one.words[0] === 'upstream' && (one.words[1] ?? '').toLowerCase() === name.toLowerCase(),
  );
  if (found === undefined) return undefined;
  const servers = (found.block ?? []).filter((one) => one.words[0] === 'server');
  return servers.map((one) => nameServer(one.words[1] ?? '', '80'));
}

/** Where the client's own target begins in what is handed on; -1 where it does not. */
function placeOfTarget(rest: string): number {
  const place = rest.indexOf('$request_uri');
  return place < 0 ? rest.indexOf('${request_uri}') : place;
}

/**
 * The backend of a block.
 * @param http the block of `http`, which has the upstreams
 * @returns undefined when it has no `proxy_pass` or `grpc_pass`
 */
export function findBackend(http: readonly Directive[], block: readonly Directive[]): Backend | undefined {
  const target = valueOf(block, 'proxy_pass') ?? valueOf(block, 'grpc_pass');
  if (target === undefined) return undefined;
  const scheme = target.indexOf('://');
  const whole = scheme < 0 ? target : target.slice(scheme + 3);
  const place = placeOfTarget(whole);
  const rest = place < 0 ? whole : whole.slice(0, place);
  const isSocket = rest.indexOf('unix:') === 0;
  const end = isSocket ? rest.indexOf(':', 5) : rest.indexOf('/');
  const address = end < 0 ? rest : rest.slice(0, end);
  const path = end < 0 ? '' : rest.slice(isSocket ? end + 1 : end);
  const isRaw = place >= 0 || path === '';
  if (address.indexOf('$') >= 0) return { servers: undefined, isRaw };
  const port = target.slice(0, scheme) === 'https' ? '443' : '80';
  return { servers: serversOf(http, address) ?? [nameServer(address, port)], isRaw };
}

/** Whether two backends are, or may be, the same server. */
export function mayShare(one: Backend, other: Backend): boolean {
  const others = other.servers;
  if (one.servers === undefined || others === undefined) return true;
  return one.servers.some((server) => others.indexOf(server) >= 0);
}
