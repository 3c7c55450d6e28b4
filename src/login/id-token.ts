// The ID token (OpenID Connect Core 1.0 §3.1.3.7): verified as access tokens are, for the client as its audience; and what
// only ID tokens have: `nonce`, `azp`, `at_hash`, `c_hash`.
import { asStrings, findMember, type JsonObject } from '../codec/json';
import type { OpenIdClient } from '../model/login';
import type { IssuerTerms, TokenType } from '../model/policy';
import type { IssuerSettings } from '../model/settings';
import { splitCompact } from '../token/compact';
import { recallHeader } from '../token/header';
import type { Trust } from '../token/step';
import { halfDigest } from './digest';
import type { ClientContext } from './step';

const ID_TOKEN_TYPES: readonly TokenType[] = ['jwt', 'absent'];

/** What an ID token must go with. */
export interface Expected {
  /** Undefined for a refreshed one, which need not have it (§12.2). */
  readonly nonce: string | undefined;
  readonly access: string;
  /** Undefined for a refreshed one. */
  readonly code: string | undefined;
  /** `sub` of the session that is refreshed; undefined for a new one. */
  readonly subject: string | undefined;
}

/**
 * The trust of login: one issuer, without introspection and requirements, which the session's claims must fulfil.
 * @param audiences undefined for any
 */
export function narrowTrust(
  trust: Trust,
  login: OpenIdClient,
  audiences: readonly string[] | undefined,
  types: readonly TokenType[] | undefined,
): Trust | undefined {
  const issuer = trust.settings.issuers[login.issuer];
  const keySet = trust.keySets[login.issuer];
  if (issuer === undefined || keySet === undefined) return undefined;
  const changes = { types: types ?? issuer.terms?.types ?? [], require: [], maxTokenAge: -1 };
  const terms: IssuerTerms | undefined =
    issuer.terms === undefined ? undefined : Object.assign({}, issuer.terms, changes);
  const narrowed: IssuerSettings = {
    issuer: issuer.issuer,
    tenancy: issuer.tenancy,
    audiences,
    allowed: issuer.allowed,
    sources: issuer.sources,
    terms,
  };
  const settings = Object.assign({}, trust.settings, { issuers: [narrowed] });
  return { settings, keySets: [keySet], text: trust.text };
}

/** The trust that an ID token is verified against. */
export function idTokenTrust(context: ClientContext): Trust | undefined {
  return narrowTrust(context.trust, context.login, [context.login.clientId], ID_TOKEN_TYPES);
}

/** Whether a hash claim is that of a value, by the hash of the ID token's own algorithm; one that is missing proves nothing. */
function hasHash(context: ClientContext, claims: JsonObject, name: string, token: string, value: string): boolean {
  const claim = findMember(claims, name);
  if (claim === undefined) return true;
  const split = splitCompact(token, context.text);
  const header = split.ok ? recallHeader(split.value.header, context.text, undefined) : split;
  if (!header.ok) return false;
  return claim === halfDigest(value, header.value.algorithm.hash, context.hash);
}

/** §3.1.3.7, 4 and 5: with several audiences `azp` must be there, and it must be the client. */
function isForClient(claims: JsonObject, clientId: string): boolean {
  const party = findMember(claims, 'azp');
  if (party !== undefined) return party === clientId;
  const audiences = asStrings(findMember(claims, 'aud'));
  return audiences === undefined || audiences.length === 1;
}

/**
 * Checks the claims of an ID token that has been verified.
 * @returns what is wrong, for the log; undefined for a good one
 */
export function checkIdToken(
  context: ClientContext,
  token: string,
  claims: JsonObject,
  expected: Expected,
): string | undefined {
  const subject = findMember(claims, 'sub');
  if (typeof subject !== 'string' || subject === '') return 'the ID token has no sub';
  if (expected.subject !== undefined && subject !== expected.subject) return 'the ID token is of another subject';
  const nonce = findMember(claims, 'nonce');
  if (expected.nonce === undefined ? false : nonce !== expected.nonce) return 'the ID token has another nonce';
  if (!isForClient(claims, context.login.clientId)) return 'the ID token is for another party';
  if (!hasHash(context, claims, 'at_hash', token, expected.access)) return 'at_hash is not that of the access token';
  const code = expected.code;
  if (code !== undefined && !hasHash(context, claims, 'c_hash', token, code)) return 'c_hash is not that of the code';
  return undefined;
}
