// Every provider of docs/providers.md.
import { ENTRA_PROVIDERS } from './provider-entra';
import { GATEWAYS } from './provider-gateways';
import { MACHINES } from './provider-machines';
import { SERVERS } from './provider-servers';
import { SERVICES } from './provider-services';
import type { Provider } from './provider-shape';

export const PROVIDERS: readonly Provider[] = [...SERVICES, ...ENTRA_PROVIDERS, ...SERVERS, ...GATEWAYS, ...MACHINES];
