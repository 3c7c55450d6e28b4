// `broker.cookie`: the cookies of logins and pairings, and the keys of all that the broker seals.
import { asObject, type JsonObject } from '../../codec/json';
import { plainSha256 } from '../../crypto/plain-sha256';
import { deriveSealingKeys } from '../../login/sealing-keys';
import type { BrokerKeys } from '../../model/broker';
import type { CookieTerms, Login, LoginKeys, SealingPurpose } from '../../model/login';
import type { IssuerContext } from './issuer-keys';
import { readCookieName, readCookieSecrets } from './login-cookie';
import { checkMembers, complain, member, readFlag, readObjectMember, type Place } from './reader';

/** Others of login's make no sense here: the cookies are for this host, and for the minutes that signing in takes. */
const MEMBERS: readonly string[] = ['name', 'secret_file', 'secret_env', 'secure'];
const NAME = 'jwtverify-broker';
const EMPTY: JsonObject = { kind: 'object', names: [], values: [] };

export interface BrokerCookie {
  readonly terms: CookieTerms;
  readonly keys: BrokerKeys & Pick<LoginKeys, 'login'>;
}

/** Reads `cookie`. @param login of the same policy */
export function readBrokerCookie(
  context: IssuerContext,
  broker: Place<JsonObject>,
  login: Login | undefined,
): BrokerCookie {
  const reader = context.reader;
  const pointer = broker.pointer + '/cookie';
  const written = readObjectMember(reader, broker, 'cookie');
  const given = member(broker, 'cookie');
  const cookie = written ?? { value: EMPTY, pointer };
  checkMembers(reader, cookie, MEMBERS);
  const isFaulty = given !== undefined && asObject(given.value) === undefined;
  const secrets = isFaulty ? [] : readCookieSecrets(context, cookie);
  const secure = readFlag(reader, cookie, 'secure', true);
  const name = readCookieName(reader, cookie, secure, undefined, NAME);
  if (name === login?.cookie.name) {
    complain(reader, pointer + '/name', 'is the name of the cookie of `login` too; give each its own');
  }
  const keysFor = (purpose: SealingPurpose) =>
    deriveSealingKeys(secrets, purpose, name, plainSha256, context.reader.text);
  return {
    terms: { name, domain: undefined, path: '/', sameSite: 'lax', secure },
    keys: { login: keysFor('login'), pairing: keysFor('pairing'), code: keysFor('code') },
  };
}
