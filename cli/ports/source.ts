// Settings from a policy file at the desk: its own text, and the files and variables that it names.
import { isUtf8 } from 'node:buffer';
import { readFileSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { algorithmsOfSchemes } from '../../src/model/algorithm';
import type { FileAnswer, SettingsSource } from '../../src/ports/host';
import { POLICY, REPLACED } from '../../src/settings/table';

const PHRASES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'you are not permitted to read it',
  EPERM: 'you are not permitted to read it',
  EISDIR: 'is a directory',
  ELOOP: 'is a circle of symbolic links',
  ENAMETOOLONG: 'has too long a name',
};

/** Why a file cannot be read, after its name. */
export function phraseFor(error: unknown): string {
  const code = (error as { readonly code?: unknown }).code;
  return (typeof code === 'string' ? PHRASES[code] : undefined) ?? 'cannot be read';
}

/** Reads a text file. */
export function readText(path: string): FileAnswer {
  try {
    return { ok: true, text: readFileSync(path, 'utf8'), isOpen: statSync(path).mode % 8 >= 4 };
  } catch (error) {
    return { ok: false, problem: phraseFor(error) };
  }
}

/** Reads a policy, which is JSON and so UTF-8 without a byte order mark (RFC 8259 §8.1). */
export function readPolicyText(path: string): FileAnswer {
  const file = readText(path);
  if (!file.ok) return file;
  if (file.text.startsWith('\uFEFF'))
    return { ok: false, problem: 'begins with a byte order mark; save it as UTF-8 without one' };
  // What is no UTF-8 has become U+FFFD.
  if (file.text.includes('\uFFFD') && !isUtf8(readFileSync(path))) return { ok: false, problem: 'is not UTF-8' };
  return file;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() === true;
}

/** What both proxies can. HAProxy without luaossl signs with no EC key: it says so when it starts. */
const ABILITIES = {
  readsForms: true,
  signsIn: true,
  signs: algorithmsOfSchemes(['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA', 'Ed25519']),
};

/**
 * The source of a policy's settings. Settings that a policy replaces are the proxy's, not this terminal's: they are not read.
 * @param policy the path of the policy file
 * @param root where the files are that the policy names by their path on the proxy; empty: where it says
 */
export function policySource(policy: string, root: string): SettingsSource {
  const replaced = REPLACED.map((setting) => setting.name);
  return {
    environment: (name) => {
      if (name === POLICY.name) return policy;
      return replaced.includes(name) ? undefined : process.env[name];
    },
    readFile: (path) => (path === policy ? readPolicyText(path) : readText(root === '' ? path : join(root, path))),
    ...ABILITIES,
  };
}

/** Said of a file that the proxy has, and that is not at the desk. */
export const NOT_HERE = 'is not here';

/**
 * The source of a proxy's settings.
 * @param environment its variables, as its configuration sets them
 * @param folders where its files may be: below a folder, or beside a file; the first place is the first of them
 */
export function proxySource(
  environment: (name: string) => string | undefined,
  folders: readonly string[],
): SettingsSource {
  const placesOf = (path: string): readonly string[] =>
    folders.map((folder) =>
      folder === '' ? path : isFile(folder) ? join(dirname(folder), basename(path)) : join(folder, path),
    );
  return {
    environment,
    readFile: (path) => {
      const place = placesOf(path).find(isFile);
      if (place !== undefined) return readText(place);
      return { ok: false, problem: `${NOT_HERE}; --root says where the files of the proxy are` };
    },
    ...ABILITIES,
  };
}
