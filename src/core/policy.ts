// A compiled policy: plain data that also comes back the same from JSON, so that a host may keep it where it likes.
import type { ClaimCondition } from './claim-condition';
import type { ClaimPath } from './claim-path';

/** `shadow`: decide, report, and let the request through. */
export type Mode = 'enforce' | 'shadow';

/** `public`: no token is looked at; `deny`: refused with any token. */
export type Access = 'public' | 'authenticated' | 'deny';

/** Words of which a token must have all of `all`, and one of `any` unless that is empty. */
export interface WordDemand {
  readonly all: readonly string[];
  readonly any: readonly string[];
}

/** A condition on the claim in `Identity.values[slot]`. */
export interface ClaimDemand {
  readonly slot: number;
  readonly condition: ClaimCondition;
}

/** What a rule requires of a verified token. Every part must hold; an empty list demands nothing. */
export interface Demands {
  readonly scopes: WordDemand;
  readonly groups: WordDemand;
  readonly roles: WordDemand;
  readonly claims: readonly ClaimDemand[];
  /** One of these as `sub`. */
  readonly subjects: readonly string[];
  /** One of these as the client. */
  readonly clients: readonly string[];
  /** One of these after the `@` of the email, in small letters; `.a.example` for what is below it, `*` for any. */
  readonly emailDomains: readonly string[];
  /** One of these as `acr` (RFC 9470 §4). */
  readonly acrValues: readonly string[];
  /** Seconds since `auth_time` (RFC 9470 §4); -1: any. */
  readonly maxAge: number;
}

export interface Rule {
  /** As logs have it; no two rules share one. */
  readonly name: string;
  readonly access: Access;
  readonly mode: Mode;
  /** Undefined when any verified token will do. */
  readonly demands?: Demands | undefined;
}

/**
 * A node of the rule index: a place that path patterns lead to (rule-index.ts). Rules are given by their place in
 * `Policy.rules`; at each node only the first for a method can ever decide. What it does not have is left out: engines
 * read thousands of them, or walk over them when they collect garbage.
 */
export interface RuleNode {
  /** What the keys of its children begin with; no other node has it. */
  readonly id: string;
  /** Whether it stands for `**`, so that a request stays at it from segment to segment. */
  readonly stays?: true | undefined;
  /** The first rule that ends here, whatever the method. */
  readonly any?: number | undefined;
  /** Methods with the first rule that ends here and names them. */
  readonly methods?: readonly string[] | undefined;
  readonly firsts?: readonly number[] | undefined;
  /** Whether a child stands for one whole segment (`*`), and one for any number of them (`**`). */
  readonly star?: true | undefined;
  readonly deep?: true | undefined;
  /** For children such as `a*b`: the lengths of what stands before and after their stars, in pairs. */
  readonly globs?: readonly number[] | undefined;
  /** Of a host's root: whether some rule for it has no paths (`wholeKey` in rule-index.ts). */
  readonly whole?: true | undefined;
}

/** Spellings that are refused unless the policy allows them; they are then judged as they stand. */
export type Spelling =
  'encoded_slash' | 'encoded_delimiter' | 'encoded_twice' | 'repeated_slash' | 'backslash' | 'parameter' | 'file_alias';

export interface PathTerms {
  readonly allow: readonly Spelling[];
  /** Whether `A` and `a` are one letter to the backends. */
  readonly ignoreCase: boolean;
}

/** What every challenge carries (RFC 6750 §3, RFC 9728 §5.1); empty: left out. */
export interface ChallengeTerms {
  readonly realm: string;
  readonly resourceMetadata: string;
}

/** The fields of an identity that a header can be made of. */
export type IdentityField =
  'subject' | 'user' | 'email' | 'preferred_username' | 'client' | 'issuer' | 'scopes' | 'groups' | 'roles';

/** A header for the backend, of a field or of the claim in `Identity.values[slot]`. */
export type ForwardTerm =
  | { readonly name: string; readonly kind: 'field'; readonly field: IdentityField }
  | { readonly name: string; readonly kind: 'claim'; readonly slot: number };

/** RFC 9728 §3: the document that tells a client where to get a token for this resource. */
export interface ResourceMetadata {
  /** Its path, as requests have it. */
  readonly path: string;
  readonly url: string;
  /** JSON. */
  readonly body: string;
}

export interface Policy {
  readonly mode: Mode;
  /** In the order of the file; the last one is what `otherwise` says. */
  readonly rules: readonly Rule[];
  /** The rule index. Hosts look into it through a `PolicyTable` (src/policy/policy-table.ts). */
  readonly nodes: Readonly<Record<string, RuleNode | undefined>>;
  /** Whether some rule names hosts; without one no host is looked at. */
  readonly usesHosts: boolean;
  /** Whether CORS preflight requests pass without a token (Fetch §3.2.2). */
  readonly preflight: boolean;
  readonly paths: PathTerms;
  /** The claims that rules and headers look at, by slot: all that is kept of a token's claims. */
  readonly claimPaths: readonly ClaimPath[];
  /** Whether rules or headers use the email, so that one that is said to be unverified is refused. */
  readonly usesEmail: boolean;
  readonly forward: readonly ForwardTerm[];
  /** Headers that get the token itself. */
  readonly tokenHeaders: readonly string[];
  /** Headers that are removed from every request, normalized by `normalizeHeaderName` (src/policy/headers.ts). */
  readonly removals: readonly string[];
  /** Whether the backend sees `Authorization`. */
  readonly keepsAuthorization: boolean;
  readonly challenge: ChallengeTerms;
  readonly metadata?: ResourceMetadata | undefined;
  /** Seconds of tolerance for times. */
  readonly clockSkew: number;
}

/** Where an issuer's tokens have what. The first place that exists counts; `all`: what every place has, together. */
export interface ListMapping {
  readonly paths: readonly ClaimPath[];
  readonly all: boolean;
}

export interface ClaimMapping {
  readonly user: readonly ClaimPath[];
  readonly email: readonly ClaimPath[];
  readonly preferredUsername: readonly ClaimPath[];
  readonly client: readonly ClaimPath[];
  readonly scopes: readonly ClaimPath[];
  readonly groups: ListMapping;
  readonly roles: ListMapping;
}

/** The types of token that an issuer's tokens may have; `absent`: none said (RFC 9068 §4, RFC 8725 §3.11). */
export type TokenType = 'jwt' | 'at+jwt' | 'absent';

/** What only a policy can demand of an issuer's tokens. */
export interface IssuerTerms {
  readonly types: readonly TokenType[];
  readonly claims: ClaimMapping;
  /** Conditions that every token must fulfil. */
  readonly require: readonly { readonly path: ClaimPath; readonly condition: ClaimCondition }[];
  /** Seconds since `iat`; -1: any. */
  readonly maxTokenAge: number;
  /** Whether an email counts although `email_verified` is false. */
  readonly takesUnverifiedEmail: boolean;
}
