// Tokens and key sets in the shape of real providers', all made up; the policies for them are in examples/policies/.

type Members = Readonly<Record<string, unknown>>;

/** A request with such a token, and what comes of it. */
export interface Case {
  /** What is other than in the provider's claims; undefined takes a claim away. */
  readonly changes?: Members;
  readonly method?: string;
  readonly path?: string;
  /** The reason of a refusal; undefined for a token that passes. */
  readonly reason?: string;
  /** The one place of the policy, a JSON pointer, without which this token would pass. */
  readonly line?: string;
  /** What the backend is given in these headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Provider {
  /** The heading in docs/providers.md. */
  readonly name: string;
  /** The policy in examples/policies/. */
  readonly file: string;
  readonly algorithm: 'RS256' | 'ES256';
  /** What its keys have beside the numbers of the key itself. */
  readonly key: Members;
  /** The name of its present key, of the length and characters that the provider's have. */
  readonly kid: string;
  /** Whether its set has a key for encryption as well. */
  readonly hasEncryption?: boolean;
  readonly header: Members;
  /** Header fields, each up to where the token begins; `Authorization: Bearer` when left out. */
  readonly places?: readonly (readonly [name: string, before: string])[];
  /** Beside `iat` and `exp`. */
  readonly claims: Members;
  readonly cases: readonly Case[];
}

export const POST = 'POST';
export const SIG = { use: 'sig', alg: 'RS256' };
/** Nobody reads it: it only has to be there. */
export const X5 = { x5t: 'bm90LWEtcmVhbC10aHVtYnByaW50', x5c: ['TUlJQi1ub3QtYS1yZWFsLWNlcnRpZmljYXRl'] };
export const now = Math.floor(Date.now() / 1000);

/** Places of a policy. */
export const AUDIENCES = '/issuers/0/audiences';
export const CLAIMS = '/rules/0/require/claims';
export const GROUPS = '/rules/0/require/groups';
export const ROLES = '/rules/0/require/roles';
export const SCOPES = '/rules/0/require/scopes';
