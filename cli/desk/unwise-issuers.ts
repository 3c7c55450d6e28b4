// Issuers that no token names, and keys that no other proxy's policy should have.
import type { IssuerSettings } from '../../src/model/settings';
import type { Finding } from './finding';
import { THROW_AWAY } from './throw-away';

export interface Unwise {
  readonly place: string;
  readonly message: string;
  /** A policy that can judge nobody as it was meant; undefined: a warning. */
  readonly severity?: Finding['severity'] | undefined;
}

/** A URL on this machine, where trials are. */
export const LOCAL = /^http:\/\/(?:localhost|127\.[\d.]+|\[::1\])(?:[:/]|$)/;

/** Parts of Entra's addresses that stand for many tenants: tokens have the tenant's own identifier. */
const SHARED_TENANT =
  /^(https:\/\/(?:login\.microsoftonline\.(?:com|us)|sts\.windows\.net)\/)(common|organizations|consumers)(?=\/|$)/;
const AUTH0 = /^https:\/\/[^/]+\.auth0\.com$/;
const WELL_KNOWN = '/.well-known/';

/** What is wrong with the name of an issuer. */
function explain(issuer: string): Pick<Unwise, 'message' | 'severity'> | undefined {
  const end = issuer.indexOf(WELL_KNOWN);
  if (end >= 0) {
    const message = `is the address of a document, which no token has in \`iss\`; write what that document has as \`issuer\`, most often \`${issuer.slice(0, end)}\` or the same with a slash at its end`;
    return { message, severity: 'error' };
  }
  const [, , tenant] = SHARED_TENANT.exec(issuer) ?? [];
  if (tenant !== undefined) {
    const message = `has \`${tenant}\`, and tokens have the identifier of a tenant there; write that one, or \`{tid}\` with \`tenants\``;
    return { message, severity: 'error' };
  }
  if (AUTH0.test(issuer)) return { message: 'has no slash at its end, and the tokens of Auth0 have one; add it' };
  return undefined;
}

/** What is unwise about the name and the keys of one issuer. @param place of it in the policy */
export function findInIssuer({ issuer, sources }: IssuerSettings, place: string): readonly Unwise[] {
  const name = explain(issuer);
  const isThrownAway = sources.configured?.keys.some(({ kid }) => kid?.startsWith(THROW_AWAY) === true);
  const keys =
    'are throw-away keys of `token make`: whoever reads their `private.json` signs any token; use those of the issuer';
  return [
    ...(name === undefined ? [] : [{ place: `${place}/issuer`, ...name }]),
    ...(isThrownAway === true && !LOCAL.test(issuer) ? [{ place: `${place}/keys`, message: keys }] : []),
  ];
}
