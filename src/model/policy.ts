// A compiled policy: plain data that JSON preserves, so that a host may keep it where it likes.
import type { ClaimCondition, Demands } from './demands';
import type { SignIn } from './login';

/** `shadow`: decide, report, and let the request through. */
export type Mode = 'enforce' | 'shadow';

/**
 * `public`: passes, and its token is ignored; `optional`: passes with a verified token or with none; `deny`: is refused with
 * any token.
 */
export type Access = 'public' | 'optional' | 'authenticated' | 'deny';

/** The decisions on verified tokens that have a line in the log: those that refuse, or would but for shadow mode; or all. */
export type Audit = 'refused' | 'all';

/** The path of a claim, compiled (src/claims/claim-path.ts). */
export interface ClaimPath {
  /** A top-level claim of exactly this name comes first; undefined for a JSON pointer, which has one reading only. */
  readonly name: string | undefined;
  /** Names from the top down. */
  readonly steps: readonly string[];
}

export interface Rule {
  /** The name in logs; no two rules share one. */
  readonly name: string;
  readonly access: Access;
  readonly mode: Mode;
  /** Undefined when any verified token will do. */
  readonly demands?: Demands | undefined;
  /** What a browser without a session gets; undefined where the policy signs nobody in. */
  readonly signIn?: SignIn | undefined;
}

/**
 * A node of the rule index: a place that path patterns lead to (rule-index.ts). Rules are given by their place in
 * `Policy.rules`; at each node only the first for a method can ever decide. Members without a value are left out: engines
 * read thousands of nodes, or walk over them when they collect garbage.
 */
export interface RuleNode {
  /** The beginning of its children's keys; no other node has it. */
  readonly id: string;
  /** Whether it matches `**`, so that a request stays at it from segment to segment. */
  readonly stays?: true | undefined;
  /** The first rule that ends here, whatever the method. */
  readonly any?: number | undefined;
  /** Methods with the first rule that ends here and names them. */
  readonly methods?: readonly string[] | undefined;
  readonly firsts?: readonly number[] | undefined;
  /** Whether a child matches one whole segment (`*`), and one any number of them (`**`). */
  readonly star?: true | undefined;
  readonly deep?: true | undefined;
  /** Whether no child matches a name, so that no name need be looked up. */
  readonly unnamed?: true | undefined;
  /** For children such as `a*b`: the lengths of the texts before and after their stars, in pairs. */
  readonly globs?: readonly number[] | undefined;
  /** Of a host's root: whether some rule for it has no paths (`wholeKey` in rule-index.ts). */
  readonly whole?: true | undefined;
}

/** Spellings that are refused unless the policy allows them; rules then match them unchanged. */
export type Spelling =
  'encoded_slash' | 'encoded_delimiter' | 'encoded_twice' | 'repeated_slash' | 'backslash' | 'parameter' | 'file_alias';

export interface PathTerms {
  readonly allow: readonly Spelling[];
  /** Whether `A` and `a` are one letter to the backends. */
  readonly ignoreCase: boolean;
}

/** The parameters of every challenge (RFC 6750 §3, RFC 9728 §5.1); empty: left out. */
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

/** RFC 9728 §3: the document that names the authorization servers of this resource. */
export interface ResourceMetadata {
  /** Its path, as requests have it. */
  readonly path: string;
  readonly url: string;
  /** JSON. */
  readonly body: string;
}

export interface Policy {
  readonly mode: Mode;
  /** Undefined: none has a line. */
  readonly audit?: Audit | undefined;
  /** In the order of the file; the last one is `otherwise`. */
  readonly rules: readonly Rule[];
  /** The rule index. Hosts look into it through a `PolicyTable` (src/policy/policy-table.ts). */
  readonly nodes: Readonly<Record<string, RuleNode | undefined>>;
  /** Whether some rule or issuer depends on the host; otherwise it is ignored. */
  readonly usesHosts: boolean;
  /** Headers that rules compare with claims, normalized; undefined without one. */
  readonly comparedHeaders?: readonly string[] | undefined;
  /** Whether CORS preflight requests pass without a token (Fetch §3.2.2). */
  readonly preflight: boolean;
  readonly paths: PathTerms;
  /** The claims that rules and headers read, by slot: the identity keeps no others. */
  readonly claimPaths: readonly ClaimPath[];
  /** Whether a header gets the email, so that a token with an unverified one is refused. */
  readonly forwardsEmail: boolean;
  readonly forward: readonly ForwardTerm[];
  /** Headers that get the token itself. */
  readonly tokenHeaders: readonly string[];
  /** Headers that are removed from every request, normalized by `normalizeHeaderName` (src/policy/headers.ts). */
  readonly removals: readonly string[];
  /** Whether the backend sees `Authorization`. */
  readonly keepsAuthorization: boolean;
  /** Whether the policy says so itself: then Bearer credentials stay where `token.from` does not have them. */
  readonly keepsBearer: boolean;
  readonly challenge: ChallengeTerms;
  readonly metadata?: ResourceMetadata | undefined;
  /** Seconds of tolerance for times. */
  readonly clockSkew: number;
}

/** A place of words: a string or a list of them, unless it says otherwise. */
export interface WordPath extends ClaimPath {
  /** The words are the names of an object's members. */
  readonly keys?: true | undefined;
  /** The words are here in each object of a list. */
  readonly member?: ClaimPath | undefined;
}

/** Places for a list of words. The first place that exists counts; `all`: the values of every place, together. */
export interface ListMapping {
  readonly paths: readonly WordPath[];
  readonly all: boolean;
}

/** Places for the scopes, in the same two ways. */
export interface ScopeMapping {
  readonly paths: readonly ClaimPath[];
  readonly all: boolean;
}

/** Claim paths for each identity field. */
export interface ClaimMapping {
  readonly user: readonly ClaimPath[];
  readonly email: readonly ClaimPath[];
  readonly preferredUsername: readonly ClaimPath[];
  readonly client: readonly ClaimPath[];
  readonly scopes: ScopeMapping;
  readonly groups: ListMapping;
  readonly roles: ListMapping;
}

/**
 * The types of tokens; `absent`: a token without `typ` (RFC 9068 §4, RFC 8725 §3.11). `logout+jwt` is accepted where an issuer
 * ends sessions, and nowhere else.
 */
export type TokenType = 'jwt' | 'at+jwt' | 'logout+jwt' | 'absent';

/** Requirements for an issuer's tokens that only a policy can have. */
export interface IssuerTerms {
  readonly types: readonly TokenType[];
  readonly claims: ClaimMapping;
  /** Conditions that every token must fulfil. */
  readonly require: readonly { readonly path: ClaimPath; readonly condition: ClaimCondition }[];
  /** Seconds since `iat`; -1: any. */
  readonly maxTokenAge: number;
  /** Whether an email counts although `email_verified` is false. */
  readonly takesUnverifiedEmail: boolean;
  /** The hosts for which its tokens count, `*.` before one for what is below it; undefined for any. */
  readonly hosts?: readonly string[] | undefined;
}
