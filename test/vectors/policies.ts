// Reads policies with their requests, and the path corpus, as they are committed.
import { createHmac } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';

/** The shared secret that every policy of the table names, as the environment has it. */
export const POLICY_ENVIRONMENT: Readonly<Record<string, string>> = {
  HAMSTER_SECRET: 'a secret of thirty-two characters',
};

export interface ExpectedJudgement {
  readonly allowed: boolean;
  readonly status: number;
  readonly reason: string;
  readonly challenge: string;
  readonly rule: string;
  readonly wouldBe: string;
  readonly scopes: string;
  readonly subject: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  /** The body of an answer that is no refusal: the metadata document. */
  readonly body?: string;
}

export interface PolicyRow {
  readonly id: string;
  readonly comment: string;
  readonly policy: string;
  readonly method: string;
  readonly target: string;
  readonly hosts: readonly string[];
  readonly preflight?: boolean;
  /** What stands after the `?` of the authorizer's own address. */
  readonly query?: string;
  /** The token's claims; no token without. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Changes to the token's header. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** Whether the signature is a wrong one. */
  readonly forged?: boolean;
  /** Header lines instead of a token. */
  readonly authorization?: readonly string[];
  readonly now: number;
  readonly expected: ExpectedJudgement;
}

export interface PolicyTopic {
  readonly topic: string;
  readonly policies: Readonly<Record<string, unknown>>;
  readonly requests: readonly PolicyRow[];
}

export interface PathRow {
  readonly id: string;
  readonly target: string;
  readonly expected: { readonly path: string } | { readonly reason: string };
}

const FOLDER = new URL('./policies/', import.meta.url);

function read(name: string): unknown {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as unknown;
}

export function readPolicyTopics(): readonly PolicyTopic[] {
  return readdirSync(FOLDER)
    .filter((name) => name.endsWith('.json') && name !== 'paths.json')
    .map((name) => read(name) as PolicyTopic);
}

export function readPaths(): readonly PathRow[] {
  return (read('paths.json') as { targets: readonly PathRow[] }).targets;
}

/** Signs the token of a row (HS256, RFC 7515 §5.1), in bytes that are the same every time. */
export function authorizationOf(row: PolicyRow): readonly string[] {
  if (row.authorization !== undefined) return row.authorization;
  if (row.claims === undefined) return [];
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'HS256', ...row.header })}.${encode(row.claims)}`;
  const secret =
    row.forged === true ? 'another secret of thirty-two bytes' : (POLICY_ENVIRONMENT['HAMSTER_SECRET'] ?? '');
  return [`Bearer ${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`];
}
