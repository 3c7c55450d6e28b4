// Where a request may have its token (RFC 6750 §2): the Authorization header, unless the operator names other places.

export type PlaceKind = 'bearer' | 'header' | 'cookie' | 'query' | 'form' | 'basic_password' | 'websocket_protocol';

export interface TokenPlace {
  readonly kind: PlaceKind;
  /**
   * The header in small letters, the cookie, the parameter, or the subprotocol before the token; empty for `bearer` and
   * `basic_password`.
   */
  readonly name: string;
}

export function isSamePlace(one: TokenPlace, other: TokenPlace): boolean {
  return one.kind === other.kind && one.name === other.name;
}
