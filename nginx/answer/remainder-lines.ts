// The lines of nginx's configuration that send a backend what is left of a request without its tokens, and their
// variables: `proxy_pass` alone must name one by itself, for the target.
import type { TokenPlace } from '../../src/model/token-place';
import type { PlaceKind } from '../../src/model/token-place';
import { takesBearer } from '../../src/token/places/remainder';

export const AUTHORIZATION_VARIABLE = 'jwtverify_authorization';
export const COOKIE_VARIABLE = 'jwtverify_cookie';
export const PROTOCOLS_VARIABLE = 'jwtverify_protocols';
export const URI_VARIABLE = 'jwtverify_uri';
export const ARGS_VARIABLE = 'jwtverify_args';
/** With a number from 1: the Set-Cookie fields of a refresh, where `auth_request` asks. */
export const SET_COOKIE_VARIABLE = 'jwtverify_set_cookie_';
/** A session has five cookies at the most. */
export const MOST_SET_COOKIES = 5;

/** A header of which a place can be a part. */
interface PartOfHeader {
  readonly kind: PlaceKind;
  readonly header: string;
  readonly variable: string;
  /** nginx's own variable with the header as it came. */
  readonly original: string;
}

const PARTS: readonly PartOfHeader[] = [
  {
    kind: 'basic_password',
    header: 'Authorization',
    variable: AUTHORIZATION_VARIABLE,
    original: 'http_authorization',
  },
  { kind: 'cookie', header: 'Cookie', variable: COOKIE_VARIABLE, original: 'http_cookie' },
  {
    kind: 'websocket_protocol',
    header: 'Sec-WebSocket-Protocol',
    variable: PROTOCOLS_VARIABLE,
    original: 'http_sec_websocket_protocol',
  },
];

/**
 * The headers that a request may lose a part of, with their variables.
 * @param places undefined where tokens are in the Authorization header alone
 * @param signsIn whether cookies of login are taken
 */
export function partsOf(
  places: readonly TokenPlace[] | undefined,
  keepsBearer: boolean,
  signsIn: boolean,
): readonly PartOfHeader[] {
  return PARTS.filter(
    (part) =>
      (signsIn && part.kind === 'cookie') ||
      (places !== undefined &&
        (places.some((place) => place.kind === part.kind) ||
          (part.kind === 'basic_password' && takesBearer(places, keepsBearer)))),
  );
}

/** Whether the target is a place. */
export function hasQuery(places: readonly TokenPlace[]): boolean {
  return places.some((place) => place.kind === 'query');
}
