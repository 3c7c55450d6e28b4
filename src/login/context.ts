// What login needs to know, out of what the judge trusts.
import type { EndpointsAnswer, OpenIdClient } from '../model/login';
import type { DenyList } from '../ports/deny-list';
import type { Hash } from '../ports/hash';
import type { Trust } from '../token/step';
import type { ClientContext, LoginContext } from './step';

const NOT_YET: EndpointsAnswer = { ok: false, problem: 'the discovery document of the issuer has not come yet' };

/** The context of a client, until settings or keys change. */
export function createClientContext(trust: Trust, client: OpenIdClient, hash: Hash): ClientContext {
  const given = client.endpoints;
  const discovered = trust.keySets[client.issuer]?.endpoints ?? NOT_YET;
  const endpoints: EndpointsAnswer = given === undefined ? discovered : { ok: true, endpoints: given };
  return { login: client, endpoints, trust, hash, text: trust.text };
}

/**
 * The context of login, until settings or keys change.
 * @param denyList undefined where the operator has none and nothing was ended
 * @returns undefined where the policy signs nobody in
 */
export function createLoginContext(trust: Trust, denyList: DenyList | undefined, hash: Hash): LoginContext | undefined {
  const login = trust.settings.login;
  if (login === undefined) return undefined;
  return Object.assign({}, createClientContext(trust, login, hash), { login, denyList });
}
