// The pages for people, by name.

/** The pages for people; each says what happened and has a way out. */
export type LoginPage =
  /** The request is none that login knows. */
  | 'request_malformed'
  /** The login began in another browser, more than ten minutes ago, or has ended already. */
  | 'login_unknown'
  /** The person or the issuer said no. */
  | 'login_denied'
  /** The issuer answered with an error. */
  | 'login_failed'
  /** The answer is of another issuer (RFC 9207). */
  | 'issuer_mixed'
  | 'issuer_unavailable'
  /** The issuer's tokens are not good, or not for this login. */
  | 'token_refused'
  /** The session has no room in five cookies, or in those that this proxy can read. */
  | 'session_too_large'
  /** Asks whether to sign in. */
  | 'sign_in'
  /** A rule, or the policy's terms, refuse the person who is signed in. */
  | 'access_denied'
  /** The session was ended: by the operator, or by the issuer. */
  | 'session_ended'
  /** Asks whether to sign out, since another site sent the browser. */
  | 'sign_out'
  /** The session is gone from this browser, but a copy of it could live on. */
  | 'sign_out_failed'
  /** Signed out here; its form signs out at the issuer. */
  | 'signed_out';

/** The pages of the broker besides. */
export type BrokerPage =
  /** Asks with which provider to sign in. */
  | 'choose_provider'
  /** Asks whether a device is the person's own. */
  | 'device_confirm'
  | 'device_connected'
  /** The admin service does not know the device's code, or has used it. */
  | 'device_unknown'
  /** The admin service does not know the person. */
  | 'not_a_member'
  /** The admin service cannot be asked, or lies. */
  | 'look_up_failed'
  /** Takes the token to the application. */
  | 'token_ready';
