// The issuers of which requests may bring tokens, apart from those at which the broker alone signs people in.
import type { IssuerSettings, KeySet, Settings } from '../model/settings';

/** Whether requests may bring tokens of an issuer: a provider of the broker has no audience that is accepted. */
export function isAccepted(issuer: IssuerSettings): boolean {
  return issuer.audiences === undefined || issuer.audiences.length > 0;
}

/** The issuers of which requests may bring tokens. */
export function acceptedIssuers(settings: Settings): readonly IssuerSettings[] {
  return settings.issuers.filter((issuer) => isAccepted(issuer));
}

/**
 * Whether one issuer alone is accepted. INVARIANT: the settings have providers of the broker behind all others, and at least
 * one other.
 */
export function isOnlyOne(issuers: readonly IssuerSettings[]): boolean {
  const second = issuers[1];
  return second === undefined || !isAccepted(second);
}

/** Whether every issuer has keys whose tokens are accepted; a provider that is away ends no service. */
export function areReady(settings: Settings, keySets: readonly KeySet[]): boolean {
  return settings.issuers.every((issuer, index) => !isAccepted(issuer) || keySets[index]?.ready === true);
}
