// The requirements of a rule for a token, compiled: plain data that JSON preserves.
/** Words of which a token must have all of `all`, and one of `any` unless that is empty. */
export interface WordDemand {
  readonly all: readonly string[];
  readonly any: readonly string[];
}

/** A value in a policy; numbers are compared by value, not by spelling. */
export type Scalar = string | number | boolean;

/**
 * A compiled pattern for a whole text: texts, and the star between two of them, in turn. `*` is any run of characters but
 * `/` and `:`, `**` any run (src/claims/glob.ts).
 */
export type Glob = readonly string[];

/** A compiled condition. Each part must hold, and the claim must exist. */
export interface ClaimCondition {
  /** Whether the claim must exist, or must not; then there is no other part. */
  readonly exists?: boolean | undefined;
  /** One of the claim's values must be a text that matches one of these. */
  readonly globs?: readonly Glob[] | undefined;
  /** One of the claim's values must be among these. */
  readonly any?: readonly Scalar[] | undefined;
  /** Each of these must be among the claim's values. */
  readonly all?: readonly Scalar[] | undefined;
  /** No value of the claim may be among these. */
  readonly none?: readonly Scalar[] | undefined;
  readonly gt?: number | undefined;
  readonly gte?: number | undefined;
  readonly lt?: number | undefined;
  readonly lte?: number | undefined;
}

/** A condition on the claim in `Identity.values[slot]`. */
export interface ClaimDemand {
  readonly slot: number;
  readonly condition: ClaimCondition;
}

/** A name must be one of these or match one of the globs. */
export interface NameDemand {
  readonly exact: readonly string[];
  readonly globs: readonly Glob[];
}

/** The parts of a request that a claim must equal: each that is named. */
export interface RequestComparison {
  /** Which segment of the path, counted from 1. */
  readonly segment?: number | undefined;
  /** Whether `A` and `a` are one letter in paths. */
  readonly ignoreCase?: true | undefined;
  readonly host?: true | undefined;
  /** The name of a header, normalized by `normalizeHeaderName` (src/policy/headers.ts). */
  readonly header?: string | undefined;
}

/** A condition that may have globs, or depend on the request. */
export interface FurtherClaimDemand extends ClaimDemand {
  readonly request?: RequestComparison | undefined;
}

/** Audiences of which a token must name one, among those in `Identity.values[slot]`. */
export interface AudienceDemand {
  readonly slot: number;
  readonly any: readonly string[];
}

/** The requirements that few rules have: hosts keep the code for them apart (src/policy/further-demands.ts). */
export interface FurtherDemands {
  readonly subject?: NameDemand | undefined;
  readonly client?: NameDemand | undefined;
  readonly audience?: AudienceDemand | undefined;
  readonly claims: readonly FurtherClaimDemand[];
}

/** The requirements of a rule for a verified token. Every part must hold; an empty list requires nothing. */
export interface Demands {
  readonly scopes: WordDemand;
  readonly groups: WordDemand;
  readonly roles: WordDemand;
  readonly claims: readonly ClaimDemand[];
  /** One of these as `sub`. */
  readonly subjects: readonly string[];
  /** One of these as the client. */
  readonly clients: readonly string[];
  /** One of these after the `@` of the email, in small letters; `.a.example` for every subdomain, `*` for any domain. */
  readonly emailDomains: readonly string[];
  /** One of these as `acr` (RFC 9470 §4). */
  readonly acrValues: readonly string[];
  /** Seconds since `auth_time` (RFC 9470 §4); -1: any. */
  readonly maxAge: number;
  /** Undefined when the rule has none of them. */
  readonly further?: FurtherDemands | undefined;
}
