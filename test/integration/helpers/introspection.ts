// The client that asks an issuer about opaque tokens (RFC 7662).
import { CLIENT_SECRET } from './issuer-server';

/** How the variable is called that holds the client's secret. */
export const SECRET_NAME = 'KEEPER_SECRET';
export const ENVIRONMENT = { [SECRET_NAME]: CLIENT_SECRET };
