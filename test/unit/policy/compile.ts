// Compiles policy documents for tests, as OAUTH_POLICY would.
import { generateKeyPairSync } from 'node:crypto';
import { text } from '../../../nginx/ports/text';
import { ALGORITHMS } from '../../../src/core/algorithm';
import { describeProblems } from '../../../src/core/problem';
import type { Policy } from '../../../src/core/policy';
import type { Settings, SettingsAnswer } from '../../../src/core/settings';
import { compileSettings } from '../../../src/settings/compile-settings';

const PEM = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey.export({ type: 'spki', format: 'pem' });

/** What tests may name in a policy. */
export const FILES: Readonly<Record<string, string>> = { '/key.pem': PEM.toString(), '/denied': '' };
export const ISSUER = { issuer: 'https://us/', audiences: ['api'], keys: { public_key_file: '/key.pem' } };

/** @param content the file's text, or a document without issuers, which get one */
export function answerFor(
  content: string | Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>> = {},
): SettingsAnswer {
  const file = typeof content === 'string' ? content : JSON.stringify({ issuers: [ISSUER], ...content });
  const source = {
    environment: (name: string) => ({ OAUTH_POLICY: '/policy.json', ...environment })[name],
    readFile: (path: string) => {
      const found = path === '/policy.json' ? file : FILES[path];
      return found === undefined ? { ok: false as const, problem: 'no such file' } : { ok: true as const, text: found };
    },
  };
  return compileSettings(
    source,
    text,
    ALGORITHMS.map(({ name }) => name),
  );
}

export function settingsOf(content: Readonly<Record<string, unknown>>, environment?: Record<string, string>): Settings {
  const answer = answerFor(content, environment);
  if (!answer.ok) throw new Error(describeProblems(answer.problems).join('\n'));
  return answer.settings;
}

export function policyOf(content: Readonly<Record<string, unknown>>): Policy {
  const { policy } = settingsOf(content);
  if (policy === undefined) throw new Error('no policy');
  // A policy is plain data: hosts may keep it as JSON.
  return JSON.parse(JSON.stringify(policy)) as Policy;
}

/** Each problem as `POINTER: message`. */
export function problemsOf(
  content: string | Readonly<Record<string, unknown>>,
  environment?: Record<string, string>,
): readonly string[] {
  const answer = answerFor(content, environment);
  if (answer.ok) return [];
  return answer.problems.map(({ setting, message }) => `${setting.replace('/policy.json#', '')}: ${message}`);
}
