// Runs vectors on whatever JavaScript engine runs this: Node, njs or QuickJS, with nginx's own ports and driver.
// Arguments: the file with groups and vectors. Prints a line for the engine and one for each vector, as JSON.
import fs from 'fs';
import { verifyToken, type Verifier } from '../../nginx/judge/steps';
import { createSignatures, probeEd25519 } from '../../nginx/ports/signatures';
import { text } from '../../nginx/ports/text';
import { claimVariables } from '../../src/claims/claim-variables';
import { compileSettings } from '../../src/settings/environment';
import { refuse, type Decision } from '../../src/answer/decision';
import { createTrust } from '../../src/token/flow';
import type { SettingsGroup, Vector } from '../vectors/load';

interface Input {
  readonly groups: Readonly<Record<string, SettingsGroup>>;
  readonly vectors: readonly Vector[];
}

const input = JSON.parse(String(fs.readFileSync(process.argv[2] ?? '', 'utf8'))) as Input;

function workerFor(group: SettingsGroup, hasEd25519: boolean): Verifier | undefined {
  const source = {
    environment: (name: string) => group.environment[name],
    readFile: (path: string) => {
      const content = group.files[path.replace('{directory}/', '')];
      return content === undefined
        ? { ok: false as const, problem: 'no such file' }
        : { ok: true as const, text: content };
    },
  };
  const signatures = createSignatures(hasEd25519);
  const answer = compileSettings(source, text, signatures.algorithms);
  if (!answer.ok) return undefined;
  return {
    trust: createTrust(answer.settings, text),
    signatures,
    denyList: undefined,
    tell: () => undefined,
    remember: () => undefined,
    introspect: () => Promise.reject(new Error('no vector has an opaque token')),
    renew: () => Promise.resolve(undefined),
  };
}

/** The command line tool of njs 0.7.9 cuts lines of some thousand characters. */
function shorten(value: string | number): string | number {
  return typeof value === 'string' ? value.slice(0, 1000) : value;
}

function print(vector: Vector, decision: Decision): void {
  const variables = decision.claims === undefined ? [] : claimVariables(decision.claims, text);
  console.log(
    JSON.stringify({
      id: vector.id,
      allowed: decision.allowed,
      status: decision.status,
      reason: decision.reason,
      challenge: decision.challenge,
      scopes: decision.scopes,
      subject: decision.subject,
      variables: variables.map((variable) => [variable.name, shorten(variable.value)]),
    }),
  );
}

async function run(): Promise<void> {
  const hasEd25519 = await probeEd25519();
  console.log(JSON.stringify({ algorithms: createSignatures(hasEd25519).algorithms }));
  const workers: Record<string, Verifier | undefined> = {};
  for (const name in input.groups) {
    const group = input.groups[name];
    workers[name] = group === undefined ? undefined : workerFor(group, hasEd25519);
  }
  for (let index = 0; index < input.vectors.length; index++) {
    const vector = input.vectors[index];
    if (vector === undefined) continue;
    const worker = workers[vector.settings];
    const decision =
      worker === undefined ? refuse('settings_invalid') : verifyToken(worker, vector.authorization, () => vector.now);
    const settled = await decision;
    print(vector, settled);
  }
}

run().catch((error: unknown) => {
  console.log(JSON.stringify({ failed: String(error) }));
});
