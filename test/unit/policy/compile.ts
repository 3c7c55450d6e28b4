// Compiles policy documents for tests, as OAUTH_POLICY would.
import { generateKeyPairSync } from 'node:crypto';
import { text } from '../../../nginx/ports/text';
import { ALGORITHMS, type AlgorithmName } from '../../../src/model/algorithm';
import { describeProblems } from '../../../src/model/problem';
import type { Policy } from '../../../src/model/policy';
import type { Settings, SettingsAnswer } from '../../../src/model/settings';
import { compileSettings } from '../../../src/settings/environment';

const PAIR = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const PEM = PAIR.publicKey.export({ type: 'spki', format: 'pem' });

/** What tests may name in a policy. */
export const FILES: Readonly<Record<string, string>> = {
  '/key.pem': PEM.toString(),
  '/private.pem': PAIR.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  '/denied': '',
  '/pages/page.html': '<p>{{message}}</p>{{actions}}',
  '/run/secrets/hs_new': 'a'.repeat(64),
  '/run/secrets/hs_old': 'b'.repeat(64),
  '/secret': 'abcdef0123456789'.repeat(8) + '\n',
};
export const ISSUER = { issuer: 'https://us/', audiences: ['api'], keys: { public_key_file: '/key.pem' } };

/**
 * @param content the file's text, or a document without issuers, which get one
 * @param files of which `open` names one that every user may read
 */
export function answerFor(
  content: string | Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string>> = {},
  files: Readonly<Record<string, string>> = FILES,
  signs: readonly AlgorithmName[] = ['RS256', 'ES256'],
): SettingsAnswer {
  const file = typeof content === 'string' ? content : JSON.stringify({ issuers: [ISSUER], ...content });
  const source = {
    readsForms: true,
    signsIn: true,
    signs,
    environment: (name: string) => ({ OAUTH_POLICY: '/policy.json', ...environment })[name],
    readFile: (path: string) => {
      const found = path === '/policy.json' ? file : files[path];
      if (found === undefined) return { ok: false as const, problem: 'no such file' };
      return { ok: true as const, text: found, isOpen: files['open'] === path };
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
  files?: Readonly<Record<string, string>>,
): readonly string[] {
  const answer = answerFor(content, environment, files);
  if (answer.ok) return [];
  return answer.problems.map(({ setting, message }) => `${setting.replace('/policy.json#', '')}: ${message}`);
}
