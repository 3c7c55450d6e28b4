// The providers that are known by their names, and what they have where a policy says nothing else.
import { issuerOf } from '../../keys/issuer-pattern';
import { discoveryUrl } from '../../keys/key-url';
import type { BrokerProvider } from '../../model/broker';
import type { Tenancy } from '../../model/settings';

/** The tenant of all personal accounts of Microsoft. */
const PERSONAL = '9188040d-6c67-4c5b-b112-36a304b66dad';

/** What a provider has that is known by its name. */
export interface Preset {
  readonly name: string;
  readonly issuer: string;
  readonly label: string;
  readonly scopes: string;
  readonly userClaims: readonly string[];
  readonly tenantClaim: string | undefined;
}

/** People who have several accounts choose one. */
export const PRESET_PARAMETERS: BrokerProvider['parameters'] = [['prompt', 'select_account']];

const PRESETS: readonly Preset[] = [
  {
    name: 'microsoft',
    issuer: 'https://login.microsoftonline.com/{tid}/v2.0',
    label: 'Microsoft',
    scopes: 'openid email profile',
    userClaims: ['upn', 'unique_name', 'preferred_username'],
    tenantClaim: 'tid',
  },
  {
    name: 'google',
    issuer: 'https://accounts.google.com',
    label: 'Google',
    scopes: 'openid email',
    userClaims: ['email'],
    tenantClaim: undefined,
  },
];

/** What a name has; undefined for any other provider. */
export function findPreset(name: string): Preset | undefined {
  return PRESETS.find((preset) => preset.name === name);
}

/** The document of several tenants of Microsoft; of one tenant its own has the endpoints that it alone may use. */
export function sharedDocument(tenancy: Tenancy): string | undefined {
  const tenants = tenancy.tenants;
  if (tenants !== undefined && tenants.length < 2 && tenants[0] !== PERSONAL) return undefined;
  const isAny = tenants === undefined || tenants.indexOf(PERSONAL) >= 0;
  return discoveryUrl(issuerOf(tenancy, isAny ? 'common' : 'organizations'));
}
