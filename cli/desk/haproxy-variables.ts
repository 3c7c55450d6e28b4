// Variables that a configuration reads and that nothing sets: a condition on one never holds, and a header from it is empty.
import { splitLine } from '../../haproxy/ports/configuration-line';
import * as contract from '../../src/answer/contract';
import { distance } from '../../src/settings/policy-file/suggest';
import type { Finding } from './finding';
import { findingAt, linesOf, type Scene } from './haproxy-scene';

const KNOWN = [
  contract.AUTHORIZED,
  contract.STATUS_VARIABLE,
  contract.REASON_VARIABLE,
  contract.CHALLENGE_VARIABLE,
  contract.SCOPES_VARIABLE,
  contract.RULE_VARIABLE,
  contract.SHADOW_VARIABLE,
  contract.KNOWN_SUBJECT_VARIABLE,
  contract.KNOWN_CLIENT_VARIABLE,
  contract.ASKED_METHOD,
  contract.ASKED_TARGET,
  contract.ASKED_HOST,
  'oauth_claims',
].map((name) => contract.TRANSACTION + name);
const CLAIMS = contract.TRANSACTION + contract.CLAIM_VARIABLES;
/** So many letters of a name may be wrong. */
const FEW = 2;

const READ = /\bvar\(([\w.]+)/g;
const SET = /\bset-var(?:-fmt)?\(([\w.]+)/g;
/** What looks like a variable of ours. */
const OURS = /^(?:txn|req|res|sess|proc)\.(?:authori[sz]ed|oauth[\w.]*|jwt[\w.]*)$/;

const namesIn = (text: string, pattern: RegExp): readonly string[] =>
  [...text.matchAll(pattern)].map(([, name = '']) => name);

/** Why a variable is never set; undefined for one that may be. */
function explain(name: string, scene: Scene): string | undefined {
  if (KNOWN.includes(name)) return undefined;
  if (name.startsWith(CLAIMS)) {
    const listed = scene.settings?.claimVariables;
    if (listed === undefined || listed.some((claim) => CLAIMS + claim.replaceAll(/\W/g, '_') === name))
      return undefined;
    return `\`${name}\` is never set, for the setting of claim variables leaves it out; add \`${name.slice(CLAIMS.length)}\` to it`;
  }
  const inTransaction = name.replace(/^\w+\./, contract.TRANSACTION).replace('authorised', 'authorized');
  const isClaim = inTransaction.startsWith(CLAIMS);
  const near = isClaim ? inTransaction : KNOWN.find((known) => distance(inTransaction, known) <= FEW);
  return `nothing sets \`${name}\`${near === undefined ? '' : `; did you mean \`${near}\`?`}`;
}

/** The lines that read what only an action sets, and that come before it. */
function findEarly(scene: Scene): readonly Finding[] {
  const isOfAction = (name: string): boolean =>
    (KNOWN.includes(name) && !name.startsWith(`${contract.TRANSACTION}oauth_method`)) || name.startsWith(CLAIMS);
  return scene.sections.flatMap((section) => {
    if (section.kind === 'backend' || section.kind === 'defaults') return [];
    const lines = linesOf(section).filter(({ line: { words } }) => words[0] === 'http-request');
    const action = lines.findIndex(({ line: { words } }) => /^lua\.jwt(?:enforce|verify)$/.test(words[1] ?? ''));
    return lines.slice(0, Math.max(action, 0)).flatMap(({ line: { words }, place }) => {
      if (!/^(?:set|add)-header$|^set-var/.test(words[1] ?? '')) return [];
      const early = namesIn(words.join(' '), READ).find(isOfAction);
      if (early === undefined) return [];
      return [findingAt(place, 'error', `reads \`${early}\` above the action that sets it; put the line below`)];
    });
  });
}

/** Finds each line with such a variable. */
export function findUnsetVariables(scene: Scene): readonly Finding[] {
  const lines = scene.configuration.lines.map(({ place, text }) => ({ place, text: splitLine(text).words.join(' ') }));
  const set = new Set(lines.flatMap(({ text }) => namesIn(text, SET)));
  const unset = lines.flatMap(({ place, text }) =>
    namesIn(text, READ).flatMap((name) => {
      if (!OURS.test(name) || set.has(name)) return [];
      const message = explain(name, scene);
      return message === undefined ? [] : [findingAt(place, 'error', message)];
    }),
  );
  return [...unset, ...findEarly(scene)];
}
