// What a policy may say and an operator seldom means. The proxies accept it; `check` warns.
import type { IssuerSettings, Settings } from '../../src/model/settings';
import { findInIssuer, LOCAL, type Unwise } from './unwise-issuers';

/** Clocks that differ by more than this are out of order themselves. */
const LARGE_SKEW = 300;

/** Seconds for which keys may count that their issuer no longer confirms: a week. */
const LONG_STALE = 604_800;

/** What is unwise about one issuer. */
function findIn({ sources, terms }: IssuerSettings, index: number): readonly Unwise[] {
  const place = `/issuers/${String(index)}`;
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

export function findUnwise(settings: Settings): readonly Unwise[] {
  const found: Unwise[] = [];
  settings.issuers.forEach((issuer, index) => {
    // Some issuers set no audience: then conditions on other claims bind their tokens.
    if (issuer.audiences !== undefined || (issuer.terms?.require.length ?? 0) > 0) return;
    const message =
      'is `*`: tokens of this issuer for any other API pass; name the audience of this one (RFC 8725 section 3.9)';
    found.push({ place: `/issuers/${String(index)}/audiences`, message });
  });
  found.push(...settings.issuers.flatMap(findIn), ...settings.issuers.flatMap(findInIssuer), ...findInLogin(settings));
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
