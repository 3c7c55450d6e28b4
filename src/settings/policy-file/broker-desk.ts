// What makes the broker sign people in: the members of `broker` that have an effect with `providers` alone.
import type { JsonObject } from '../../codec/json';
import { pathOfUrl } from '../../keys/key-url';
import type { BrokerDesk } from '../../model/broker';
import type { Login } from '../../model/login';
import type { IssuerSettings } from '../../model/settings';
import type { SigningKey } from '../../model/signing-key';
import { TOKEN_MAX_AGE } from '../table';
import { readAudiences } from './broker-audiences';
import { readBrokerCookie } from './broker-cookie';
import { readProviders } from './broker-providers';
import type { IssuerContext } from './issuer-keys';
import { CANNOT } from './login';
import { readPages } from './login-pages';
import { complain, member, readWhole, type Place, type Reader } from './reader';

/** The members of `broker` that this file reads, or lets read. */
export const DESK_MEMBERS: readonly string[] = [
  'signs_with',
  'token_max_age',
  'providers',
  'audiences',
  'default_audience',
  'other_audiences',
  'admin',
  'cookie',
  'pages',
];

/** Notes each of these members where nobody signs in. */
export function refuseDesk(reader: Reader, broker: Place<JsonObject>): void {
  for (let index = 0; index < DESK_MEMBERS.length; index++) {
    const place = member(broker, DESK_MEMBERS[index] ?? '');
    if (place !== undefined)
      complain(reader, place.pointer, 'has no effect without `providers`; add that, or remove it');
  }
}

/** What the desk has from the rest of the policy. */
export interface DeskGround {
  /** Of the broker itself. */
  readonly issuer: string;
  /** Undefined where there is no usable key, which is noted. */
  readonly signing: SigningKey | undefined;
  /** Those of the policy. */
  readonly others: readonly IssuerSettings[];
  readonly login: Login | undefined;
}

export interface CompiledDesk {
  /** Undefined where a problem has been noted. */
  readonly desk: BrokerDesk | undefined;
  /** Those of the policy, and behind them the providers that are not among them. */
  readonly issuers: readonly IssuerSettings[];
}

/** Compiles the desk of a broker with `providers`. */
export function compileDesk(context: IssuerContext, broker: Place<JsonObject>, ground: DeskGround): CompiledDesk {
  const pointer = member(broker, 'providers')?.pointer ?? broker.pointer;
  if (context.compilation.source.signsIn !== true) complain(context.reader, pointer, CANNOT);
  const cookie = readBrokerCookie(context, broker, ground.login);
  const found = readProviders(context, broker, { broker: ground.issuer, others: ground.others, cookie });
  const audiences = readAudiences(context, broker, found);
  const lifetime = readWhole(context.reader, broker, TOKEN_MAX_AGE);
  const pages = readPages(context, broker);
  if (ground.signing === undefined) return { desk: undefined, issuers: found.issuers };
  const desk: BrokerDesk = {
    issuer: ground.issuer,
    prefix: pathOfUrl(ground.issuer),
    signing: ground.signing,
    lifetime,
    providers: found.providers,
    audiences: audiences.listed,
    others: audiences.others,
    usual: audiences.usual,
    cookie: cookie.terms,
    keys: { pairing: cookie.keys.pairing, code: cookie.keys.code },
    pages,
  };
  return { desk, issuers: found.issuers };
}
