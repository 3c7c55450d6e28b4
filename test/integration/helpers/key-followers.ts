// The settings by which a proxy follows a provider's keys.
import { AUDIENCE, type IssuerServer } from './issuer-server';
import type { SettingsOptions } from './settings-gateways';

/** @param isByUrl whether the settings have the URL of the keys: otherwise the proxy discovers it */
export function following(
  issuer: IssuerServer,
  settings: Readonly<Record<string, string>> = {},
  isByUrl = false,
): SettingsOptions {
  return {
    settings: {
      OAUTH_ISSUER: issuer.issuer,
      OAUTH_AUDIENCE: AUDIENCE,
      OAUTH_ALLOW_HTTP: '1',
      OAUTH_JWKS_COOLDOWN: '1',
      ...(isByUrl ? { OAUTH_JWKS_URL: issuer.jwksUrl } : {}),
      ...settings,
    },
    keyUrl: issuer.jwksUrl,
  };
}
