// `jwtverify.deny`: the shared dictionary `jwtverify_deny`, changed over HTTP by the operator.
import type { HttpRequest, NginxObject } from './host';

declare const ngx: NginxObject;

/** The most entries that one answer lists. */
const LISTED = 1000;
const KINDS: readonly string[] = ['jti', 'sub', 'client_id', 'azp', 'kid'];

function isEntry(entry: string): boolean {
  const colon = entry.indexOf(':');
  return colon > 0 && colon < entry.length - 1 && KINDS.indexOf(entry.slice(0, colon)) >= 0;
}

function answer(request: HttpRequest, status: number, body: unknown): void {
  request.headersOut['Content-Type'] = 'application/json';
  request.headersOut['Cache-Control'] = 'no-store';
  request.return(status, JSON.stringify(body) + '\n');
}

/** GET lists, or asks for one `entry`; PUT denies it, DELETE allows it again. */
export function answerDeny(request: HttpRequest): void {
  const zone = ngx.shared === undefined ? undefined : ngx.shared['jwtverify_deny'];
  if (zone === undefined) {
    answer(request, 503, { problem: 'the shared dictionary `jwtverify_deny` is not declared' });
    return;
  }
  const entry = request.args['entry'];
  if (entry === undefined && request.method === 'GET') {
    answer(request, 200, { entries: zone.keys(LISTED) });
    return;
  }
  if (typeof entry !== 'string' || !isEntry(entry)) {
    answer(request, 400, { problem: 'give one `entry`: jti:, sub:, client_id:, azp: or kid: and a value' });
    return;
  }
  if (request.method === 'PUT') zone.set(entry, '1');
  else if (request.method === 'DELETE') zone.delete(entry);
  else if (request.method !== 'GET') {
    request.headersOut['Allow'] = 'GET, PUT, DELETE';
    answer(request, 405, { problem: 'GET, PUT or DELETE' });
    return;
  }
  answer(request, 200, { entry, denied: zone.has(entry) });
}
