// The issuers of the broker's providers: those of the policy, or others, of which a request can bring nothing.
import type { JsonObject } from '../../codec/json';
import type { BrokerProvider } from '../../model/broker';
import type { IssuerSettings, Tenancy } from '../../model/settings';
import { bindSources } from '../check-keys';
import type { BrokerCookie } from './broker-cookie';
import { sharedDocument, type Preset } from './broker-presets';
import { compileIssuerTerms } from './compile-mapping';
import { readKeys, vocabularyFor, type IssuerContext } from './issuer-keys';
import { readIssuerName } from './issuers';
import { complain, member, remark, type Place } from './reader';
import { readTenancy } from './tenants';

const EMPTY: JsonObject = { kind: 'object', names: [], values: [] };

/** What all providers share. */
export interface ProviderGround {
  /** The issuer that the broker is. */
  readonly broker: string;
  /** Those of the policy. */
  readonly others: readonly IssuerSettings[];
  readonly cookie: BrokerCookie;
}

/** The providers so far, and all issuers with theirs. */
export interface FoundProviders {
  readonly providers: BrokerProvider[];
  readonly issuers: IssuerSettings[];
}

/** The tenants; those of a preset must be said, since all the world has its pattern. */
function readOwnTenancy(
  context: IssuerContext,
  object: Place<JsonObject>,
  issuer: string,
  isPreset: boolean,
): Tenancy | undefined {
  const place = member(object, 'tenants');
  if (isPreset && issuer.indexOf('{') >= 0 && place === undefined) {
    const words = 'has no `tenants`; name those whose people may sign in: a list, or "*" for any';
    complain(context.reader, object.pointer, words);
    return undefined;
  }
  const tenancy = readTenancy(context.reader, object, issuer);
  if (tenancy !== undefined && tenancy.tenants === undefined && place !== undefined) {
    const words =
      'is `*`: people of every organisation sign in, of which anybody can make one; name the tenants you mean';
    remark(context.reader, place.pointer, words);
  }
  return tenancy;
}

/** The provider's object with the keys of a preset, where it names none itself. */
function withKeys(
  object: Place<JsonObject>,
  tenancy: Tenancy | undefined,
  preset: Preset | undefined,
): Place<JsonObject> {
  const url = preset === undefined || tenancy === undefined ? undefined : sharedDocument(tenancy);
  if (url === undefined || member(object, 'keys') !== undefined) return object;
  const keys: JsonObject = { kind: 'object', names: ['discovery_url'], values: [url] };
  return { value: { kind: 'object', names: ['keys'], values: [keys] }, pointer: object.pointer };
}

/** A provider as an issuer of which a request can bring nothing: no audience of its tokens is accepted. */
function compileProviderIssuer(
  context: IssuerContext,
  object: Place<JsonObject>,
  issuer: string,
  preset: Preset | undefined,
): IssuerSettings {
  const tenancy = readOwnTenancy(context, object, issuer, preset !== undefined);
  const own = vocabularyFor(context.reader, object);
  // A provider has no `algorithms`: what the engine cannot check is a matter of its keys.
  const words = Object.assign({}, own, { algorithms: context.reader.file + '#' + object.pointer + '/keys' });
  const isKnown = issuer !== '' && (issuer.indexOf('{') < 0 || tenancy !== undefined);
  const sources = isKnown
    ? bindSources(
        context.compilation,
        words,
        readKeys(context, { issuer, tenancy }, withKeys(object, tenancy, preset), words),
        undefined,
      )
    : { configured: undefined, remotes: [] };
  const terms = compileIssuerTerms(context.reader, { value: EMPTY, pointer: object.pointer });
  return { issuer, tenancy, audiences: [], allowed: undefined, sources, terms };
}

/** Notes what a provider says of an issuer that `issuers` has already. */
function refuseOwn(context: IssuerContext, object: Place<JsonObject>, place: number): void {
  const names = ['tenants', 'keys'];
  for (let index = 0; index < names.length; index++) {
    const name = names[index] ?? '';
    const own = member(object, name);
    if (own === undefined) continue;
    const words = 'has no effect: /issuers/' + place.toString() + ' is the same issuer, and its own count; remove it';
    complain(context.reader, own.pointer, words);
  }
}

/** The place of the provider's issuer, which is added unless the policy has it already. */
export function placeIssuer(
  context: IssuerContext,
  object: Place<JsonObject>,
  preset: Preset | undefined,
  ground: ProviderGround,
  found: FoundProviders,
): number {
  const isUsual = preset !== undefined && member(object, 'issuer') === undefined;
  const issuer = isUsual ? preset.issuer : readIssuerName(context.reader, object);
  const present = found.issuers.findIndex((one) => one.issuer === issuer);
  if (present >= 0 && present < ground.others.length) {
    refuseOwn(context, object, present);
    return present;
  }
  if (present >= 0 && issuer !== '') {
    const pointer = member(object, 'issuer')?.pointer ?? object.pointer;
    complain(context.reader, pointer, 'has the `issuer` of another provider; join the two');
  }
  found.issuers.push(compileProviderIssuer(context, object, issuer, preset));
  return found.issuers.length - 1;
}
