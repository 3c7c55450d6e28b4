// Settings from the environment and files, as njs and QuickJS have them.
import fs from 'fs';
import { algorithmsOfSchemes } from '../../src/model/algorithm';
import type { FileAnswer, SettingsSource } from '../../src/ports/host';

declare const process: { readonly env: Readonly<Record<string, string | undefined>> };

const PHRASES: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  ENOTDIR: 'no such file',
  EACCES: 'nginx workers are not permitted to read it',
  EPERM: 'nginx workers are not permitted to read it',
  EISDIR: 'is a directory',
};

function phraseFor(error: unknown): string {
  const code = (error as { readonly code?: unknown }).code;
  return (typeof code === 'string' ? PHRASES[code] : undefined) ?? 'cannot be read';
}

/** Digits of a mode in octal; of the last, those with the bit of reading. */
const EIGHT = 8;
const READABLE = 4;

/** Whether every user of the machine may read a file. */
function isOpen(path: string): boolean {
  return fs.statSync(path).mode % EIGHT >= READABLE;
}

function readFile(path: string): FileAnswer {
  try {
    const text = String(fs.readFileSync(path, 'utf8'));
    return { ok: true, text, isOpen: isOpen(path) };
  } catch (error) {
    return { ok: false, problem: phraseFor(error) };
  }
}

function environment(name: string): string | undefined {
  return process.env[name];
}

/** The algorithms that every WebCrypto here can sign with; EdDSA is signed in plain TypeScript where it cannot. */
const SIGNS = algorithmsOfSchemes(['RSASSA-PKCS1-v1_5', 'RSA-PSS', 'ECDSA', 'Ed25519']);

/** nginx hands a worker the variables that `env` directives name. Files are read with a worker's rights. */
export const settingsSource: SettingsSource = { environment, readFile, signsIn: true, signs: SIGNS };

/** The names of the variables that nginx hands a worker. */
export function listVariables(): readonly string[] {
  return Object.keys(process.env);
}
