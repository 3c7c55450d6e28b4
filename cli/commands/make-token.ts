// `jwtverify token make`: a token for trials, signed by a throw-away key.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatJson } from '../../src/codec/json-format';
import { readObject } from '../desk/claims';
import { EXIT, failure } from '../desk/failure';
import { compileDeployment } from '../desk/placeholders';
import { readTime } from '../desk/time';
import { readText } from '../ports/source';
import type { Output } from '../print/output';
import type { ThrowAwayAlgorithm } from '../write/choices';
import { openThrowAwayKey, signToken } from '../write/throw-away-keys';

export interface MakeOptions {
  /** The folder of the keys. */
  readonly keys: string;
  readonly algorithm: ThrowAwayAlgorithm;
  readonly newKey?: true | undefined;
  readonly policy?: string | undefined;
  readonly claims?: string | undefined;
  readonly claimsFile?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience: readonly string[];
  readonly subject?: string | undefined;
  readonly scope?: string | undefined;
  /** Seconds; below 0: the token is over already. */
  readonly expiresIn: string;
  readonly at?: string | undefined;
  readonly json?: true | undefined;
}

type Claims = Readonly<Record<string, unknown>>;

function givenClaims(options: MakeOptions): Claims {
  if (options.claims !== undefined && options.claimsFile !== undefined) {
    throw failure('give --claims or --claims-file, not both');
  }
  if (options.claims !== undefined) return parse(options.claims, 'the claims of --claims are');
  if (options.claimsFile === undefined) return {};
  if (options.claimsFile === '-') return parse(readFileSync(0, 'utf8'), 'the claims of standard input are');
  const file = readText(options.claimsFile);
  if (!file.ok) throw failure(`${options.claimsFile}: ${file.problem}`);
  return parse(file.text, `the claims of ${options.claimsFile} are`);
}

const parse = (source: string, what: string): Claims => JSON.parse(formatJson(readObject(source, what))) as Claims;

/** The issuer and audience that a policy accepts. */
function claimsOfPolicy(path: string | undefined): Claims {
  const issuer = path === undefined ? undefined : compileDeployment(path, '').settings.issuers[0];
  if (issuer === undefined) return {};
  if (issuer.tenancy !== undefined)
    throw failure('the first issuer of the policy is a pattern; name one with --issuer');
  return { iss: issuer.issuer, ...(issuer.audiences === undefined ? {} : { aud: issuer.audiences[0] }) };
}

function named(options: MakeOptions): Claims {
  const { issuer, audience, subject, scope } = options;
  const [first] = audience;
  const aud = audience.length > 1 ? audience : first;
  return Object.fromEntries(
    Object.entries({ iss: issuer, aud, sub: subject, scope }).filter(([, value]) => value !== undefined),
  );
}

const DAY = 86_400;

function readLifetime(given: string): number {
  if (/^-?\d{1,6}$/.test(given) && Math.abs(Number(given)) <= DAY) return Number(given);
  throw failure(`--expires-in is not a whole number of seconds from -${String(DAY)} to ${String(DAY)}`);
}

/** @returns the exit code */
export function makeToken(options: MakeOptions, output: Output): number {
  const now = readTime(options.at);
  const times = { iat: now, exp: now + readLifetime(options.expiresIn) };
  const claims = {
    sub: 'throw-away',
    ...claimsOfPolicy(options.policy),
    ...times,
    ...givenClaims(options),
    ...named(options),
  };
  const key = openThrowAwayKey(options.keys, options.algorithm, options.newKey === true);
  const token = signToken(key, claims, 'JWT');
  const jwks = join(options.keys, 'jwks.json');
  if (options.json === true) {
    output.json({ throw_away: true, token, kid: key.kid, alg: key.alg, jwks, claims });
    return EXIT.fine;
  }
  output.warn(`a throw-away key signed this token; proxies accept it where the policy names ${jwks}`);
  output.line(token);
  return EXIT.fine;
}
