// Keycloak's roles in the place of groups: a session has them of the ID token, and of the access token.
import type { PolicyChanges } from './login-gateway';

export const ROLES: PolicyChanges = {
  issuer: { claims: { groups: ['realm_access.roles'] } },
  login: { claims_from: ['access_token', 'id_token'], token_endpoint_auth_method: 'client_secret_post' },
};
