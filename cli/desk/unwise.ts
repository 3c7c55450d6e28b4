// What a policy may say and an operator seldom means. The proxies accept it; `check` warns.
import type { IssuerSettings, Settings } from '../../src/model/settings';
import { isAccepted } from '../../src/token/accepted-issuers';
import { findInIssuer, LOCAL, type Unwise } from './unwise-issuers';

/** Clocks that differ by more than this are out of order themselves. */
const LARGE_SKEW = 300;

/** Seconds for which keys may count that their issuer no longer confirms: a week. */
const LONG_STALE = 604_800;

/** Seconds for which a token may count that nobody can take back. */
const DAY = 86_400;

/** What is unwise about one issuer. @param place of it in the policy */
function findIn({ sources, terms }: IssuerSettings, place: string): readonly Unwise[] {
  const plain = sources.remotes.find(({ url }) => url.startsWith('http://') && !LOCAL.test(url));
  return [
    ...(plain === undefined
      ? []
      : [
          {
            place: `${place}/keys`,
            message: `come over plain HTTP (${plain.url}): whoever is in between can give keys of his own; use https://`,
          },
        ]),
    ...(terms?.takesUnverifiedEmail === true
      ? [
          {
            place: `${place}/allow_unverified_email`,
            message: 'is true: whoever registers with an address of somebody else has that one here, unverified',
          },
        ]
      : []),
  ];
}

/** A cookie that browsers send over plain HTTP too; trials on this machine have nothing else. */
function findInLogin({ issuers, login }: Settings): readonly Unwise[] {
  if (login === undefined || login.cookie.secure) return [];
  if (LOCAL.test(login.redirectUri ?? '') || LOCAL.test(issuers[login.issuer]?.issuer ?? '')) return [];
  const message =
    'is false: browsers send the session over plain HTTP too, where others read it and are that user; remove it, and serve the site by HTTPS';
  return [{ place: '/login/cookie/secure', message }];
}

/** Where the policy has an issuer: providers of the broker are behind all others. */
function placeOf({ issuers, broker }: Settings, index: number): string {
  const issuer = issuers[index];
  const provider = broker?.desk?.providers.find(({ client }) => client.issuer === index);
  if (issuer === undefined || isAccepted(issuer) || provider === undefined) return `/issuers/${String(index)}`;
  return `/broker/providers/${provider.name}`;
}

/** What is unwise about how the broker signs people in. */
function findInBroker({ broker }: Settings): readonly Unwise[] {
  const desk = broker?.desk;
  if (desk === undefined) return [];
  const found: Unwise[] = [];
  if (!desk.cookie.secure && !LOCAL.test(desk.issuer)) {
    const message =
      'is false: browsers send the cookies of people who sign in over plain HTTP too; remove it, and serve the broker by HTTPS';
    found.push({ place: '/broker/cookie/secure', message });
  }
  if (desk.lifetime > DAY) {
    const message = `is ${String(desk.lifetime)} seconds: no token can be withdrawn before it ends; a day is ${String(DAY)}`;
    found.push({ place: '/broker/token_max_age', message });
  }
  if (desk.others !== undefined && desk.others.admin === undefined) {
    const message = `is false: whoever can sign in gets a token for every host below ${desk.others.domain}`;
    found.push({ place: '/broker/other_audiences/look_up', message });
  }
  return found;
}

export function findUnwise(settings: Settings): readonly Unwise[] {
  const found: Unwise[] = [];
  settings.issuers.forEach((issuer, index) => {
    // Some issuers set no audience: then conditions on other claims bind their tokens.
    if (issuer.audiences !== undefined || (issuer.terms?.require.length ?? 0) > 0) return;
    const message =
      'is `*`: tokens of this issuer for any other API pass; name the audience of this one (RFC 8725 section 3.9)';
    found.push({ place: `/issuers/${String(index)}/audiences`, message });
  });
  const { issuers } = settings;
  found.push(
    ...issuers.flatMap((issuer, index) => findIn(issuer, placeOf(settings, index))),
    ...issuers.flatMap((issuer, index) => findInIssuer(issuer, placeOf(settings, index))),
    ...findInLogin(settings),
    ...findInBroker(settings),
  );
  if (settings.times.maxStale > LONG_STALE) {
    const message = `is ${String(settings.times.maxStale)} seconds: a withdrawn key verifies tokens as long where the issuer cannot be reached`;
    found.push({ place: '/jwks_max_stale', message });
  }
  if (settings.clockSkew > LARGE_SKEW) {
    const message = `is ${String(settings.clockSkew)} seconds: expired tokens pass as long; set the clocks instead`;
    found.push({ place: '/clock_skew', message });
  }
  if (settings.policy?.mode === 'shadow') {
    found.push({ place: '/mode', message: 'is `shadow`: requests that would be refused pass, and are logged' });
  }
  return found;
}
