// Runs vectors on whatever Lua runs this, with HAProxy's own ports where they work outside of HAProxy.
// Arguments: the file with groups and vectors, as a Lua table. Prints a line for the engine and one for each vector, as JSON.
import { createLuaosslBackend } from '../../../haproxy/ports/signatures/luaossl';
import { createSignatures } from '../../../haproxy/ports/signatures/signatures';
import { text } from '../../../haproxy/ports/text';
import { extractBearer } from '../../../src/token/bearer';
import { claimVariables } from '../../../src/claims/claim-variables';
import { compileSettings } from '../../../src/settings/environment';
import { refuse, type Decision } from '../../../src/answer/decision';
import { begin, createTrust, resume, type Step } from '../../../src/token/flow';
import type { Settings } from '../../../src/model/settings';
import { hmacBackend } from './hmac';
import { writeArray, writeObject, writeString } from './write-json';

interface Group {
  readonly environment: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string>>;
}

interface Vector {
  readonly id: string;
  readonly settings: string;
  readonly authorization: readonly string[];
  readonly now: number;
}

interface Input {
  readonly groups: Readonly<Record<string, Group>>;
  readonly vectors: readonly Vector[];
}

declare const arg: readonly string[];

const input = dofile(arg[0] ?? '') as Input;
const luaossl = createLuaosslBackend();
if (luaossl === undefined) error('luaossl is not installed', 0);
const signatures = createSignatures([luaossl, hmacBackend]);

function compile(group: Group): Settings | undefined {
  const given = {
    environment: (name: string) => group.environment[name],
    readFile: (path: string) => {
      const [name] = string.gsub(path, '^{directory}/', '');
      const content = group.files[name];
      return content === undefined
        ? { ok: false as const, problem: 'no such file' }
        : { ok: true as const, text: content };
    },
  };
  const answer = compileSettings(given, text, signatures.algorithms);
  if (!answer.ok) return undefined;
  const problems = signatures.prepare(answer.settings.issuers[0]?.sources.configured?.keys ?? []);
  return problems.length === 0 ? answer.settings : undefined;
}

function judge(settings: Settings | undefined, vector: Vector): Decision {
  if (settings === undefined) return refuse('settings_invalid');
  const bearer = extractBearer(vector.authorization);
  if (!bearer.ok) return refuse(bearer.reason);
  const known = createTrust(settings, text);
  let step: Step = begin(known, bearer.value);
  while (step.kind === 'verify') {
    step = resume(known, step.pending, signatures.verify(step.pending.request), vector.now);
  }
  if (step.kind === 'introspect') error('no vector has an opaque token', 0);
  if (step.kind === 'verified') return step.verified.decision;
  return step.kind === 'refused' ? step.decision : step.otherwise;
}

function show(vector: Vector, decision: Decision): string {
  const variables: string[] = [];
  if (decision.claims !== undefined) {
    for (const { name, value } of claimVariables(decision.claims, text)) {
      // What HAProxy does with a number: an integer of 64 bits.
      const shown = typeof value === 'string' ? writeString(string.sub(value, 1, 1000)) : string.format('%d', value);
      variables.push(writeArray([writeString(name), shown]));
    }
  }
  return writeObject([
    ['id', writeString(vector.id)],
    ['allowed', tostring(decision.allowed)],
    ['status', string.format('%d', decision.status)],
    ['reason', writeString(decision.reason)],
    ['challenge', writeString(decision.challenge)],
    ['scopes', writeString(decision.scopes)],
    ['subject', writeString(decision.subject)],
    ['variables', writeArray(variables)],
  ]);
}

print(writeObject([['algorithms', writeArray(signatures.algorithms.map((name) => writeString(name)))]]));
const compiled = new LuaTable<string, Settings>();
for (const [name, group] of pairs(input.groups)) {
  const settings = compile(group);
  if (settings !== undefined) compiled.set(name, settings);
}
for (const vector of input.vectors) {
  print(show(vector, judge(compiled.get(vector.settings), vector)));
}
