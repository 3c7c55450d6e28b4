// The token of claims that a case has, and the request that presents it.
import { createHmac } from 'node:crypto';
import { issuerOfClaims } from '../desk/judge';
import { failure } from '../desk/failure';
import type { DeskRequest } from '../desk/request';
import type { JsonObject } from '../../src/codec/json';
import { formatJson } from '../../src/codec/json-format';
import type { TokenPlace } from '../../src/model/token-place';
import type { IssuerSettings } from '../../src/model/settings';
import { openThrowAwayKey, signToken, writeInput } from '../write/throw-away-keys';
import { algorithmOf, type TrialPolicy } from './policy';

const TIMES = ['exp', 'nbf', 'iat', 'auth_time'];
const HASHES: Readonly<Record<string, string>> = { HS256: 'sha256', HS384: 'sha384', HS512: 'sha512' };

/** Claims with their times as far from the proxy's clock as they are from the case's. */
function shifted(claims: JsonObject, seconds: number): object {
  const plain = JSON.parse(formatJson(claims)) as Record<string, unknown>;
  for (const name of TIMES) {
    const value = plain[name];
    if (typeof value === 'number') plain[name] = value + seconds;
  }
  return plain;
}

/** The `typ` of an issuer's tokens; undefined where they have none. */
function typeOf({ terms }: IssuerSettings): string | undefined {
  const types = terms?.types ?? ['jwt'];
  return types.includes('jwt') ? 'JWT' : types.find((type) => type !== 'absent');
}

function sign(policy: TrialPolicy, issuer: IssuerSettings, claims: object): string {
  const algorithm = algorithmOf(issuer);
  if (algorithm !== undefined)
    return signToken(openThrowAwayKey(policy.keys, algorithm, false), claims, typeOf(issuer));
  const key = issuer.sources.configured?.keys.find(({ kind }) => kind === 'secret');
  if (key?.kind !== 'secret') throw failure(`${issuer.issuer}: no key can sign its tokens`);
  const alg = key.algorithms.find((name) => name in HASHES) ?? 'HS256';
  const input = writeInput({ alg, typ: typeOf(issuer) }, claims);
  const secret = Buffer.from(key.secret, 'base64');
  return `${input}.${createHmac(HASHES[alg] ?? 'sha256', secret)
    .update(input)
    .digest('base64url')}`;
}

/** A request with a token in the first place that an issuer's tokens may have. */
function presented(request: DeskRequest, token: string, place: TokenPlace | undefined): DeskRequest {
  const withField = (name: string, value: string): DeskRequest => ({
    ...request,
    fields: [...request.fields, [name, value]],
  });
  const kind = place?.kind ?? 'bearer';
  const name = place?.name ?? '';
  switch (kind) {
    case 'bearer':
      return withField('authorization', `Bearer ${token}`);
    case 'header':
      return withField(name.toLowerCase(), token);
    case 'cookie':
      return withField('cookie', `${name}=${token}`);
    case 'query': {
      const { target } = request;
      return { ...request, target: `${target}${target.includes('?') ? '&' : '?'}${name}=${token}` };
    }
    case 'basic_password':
      return withField('authorization', `Basic ${Buffer.from(`x:${token}`).toString('base64')}`);
    case 'websocket_protocol':
      return withField('sec-websocket-protocol', `${name}, ${token}`);
    case 'form':
      throw failure('claims of a case cannot be sent in a form; name another place first in `token.from`');
  }
}

/** The request of a case with claims. @param seconds by which the proxy's clock is ahead of the case's time */
export function presentClaims(
  policy: TrialPolicy,
  request: DeskRequest,
  claims: JsonObject,
  seconds: number,
): DeskRequest {
  const { settings } = policy;
  const issuer = settings.issuers[issuerOfClaims(settings, claims)];
  if (issuer === undefined) throw failure('the policy has no issuer');
  const token = sign(policy, issuer, shifted(claims, seconds));
  return presented(request, token, (issuer.tokenFrom ?? settings.tokenPlaces)?.[0]);
}
