// Declared dictionaries that nothing uses: a misspelt name has no effect, and nginx accepts it in silence.
import { distance } from '../../src/settings/policy-file/suggest';
import type { Problem } from '../../src/model/problem';
import type { SettingsAnswer } from '../../src/model/settings';
import { METRICS_ZONE } from '../ports/counts';
import type { EngineObject, NginxObject } from '../njs';
import { findEndedZone, findZone } from '../ports/shared-dictionaries';

declare const ngx: NginxObject;
declare const njs: EngineObject;

const USED: readonly string[] = ['jwtverify', 'jwtverify_keys', 'jwtverify_deny', 'jwtverify_ended', METRICS_ZONE];
const DIRECTIVE = 'js_shared_dict_zone';
/** The first njs with dictionaries. */
const DICTIONARIES_SINCE = 0x000800;
/** Letters by which a name may differ from the one that was meant: two letters change places. */
const NEAR = 2;

/** The problem of a declared dictionary; undefined when its name is not nearly that of a missing one. */
function findMisspelling(name: string, missing: readonly string[]): Problem | undefined {
  const meant = missing.find((used) => distance(name, used) <= NEAR);
  if (meant === undefined) return undefined;
  return { setting: DIRECTIVE, message: 'jwtverify does not use `' + name + '`; did you mean `' + meant + '`?' };
}

/** The problems of the dictionaries that the configuration declares. */
export function findMisspelledDictionaries(): readonly Problem[] {
  const declared = ngx.shared === undefined ? [] : Object.keys(ngx.shared);
  const missing = USED.filter((name) => declared.indexOf(name) < 0);
  const problems: Problem[] = [];
  for (let index = 0; index < declared.length && missing.length > 0; index++) {
    const name = declared[index] ?? '';
    const problem = USED.indexOf(name) < 0 ? findMisspelling(name, missing) : undefined;
    if (problem !== undefined) problems.push(problem);
  }
  return problems;
}

const ENDED =
  '`login` needs this line in `http`, which keeps who signed out: `js_shared_dict_zone zone=jwtverify_ended:1m timeout=9h;` ' +
  '(as long as `max_age` and an hour more, and without `evict`)';
const KEPT =
  '`login` needs the dictionary `jwtverify`, so that one request at a time refreshes a session: ' +
  '`js_shared_dict_zone zone=jwtverify:16m timeout=1h evict;`';

/** What signing in needs of the configuration, where njs has dictionaries at all (0.8.0). */
export function findMissingForLogin(answer: SettingsAnswer): readonly Problem[] {
  if (!answer.ok || answer.settings.login === undefined || njs.version_number < DICTIONARIES_SINCE) return [];
  const problems: Problem[] = [];
  if (findEndedZone() === undefined) problems.push({ setting: DIRECTIVE, message: ENDED });
  if (findZone('jwtverify') === undefined) problems.push({ setting: DIRECTIVE, message: KEPT });
  return problems;
}

/** The settings' answer with these problems. INVARIANT: it is not kept, since a reload may change dictionaries alone. */
export function addProblems(answer: SettingsAnswer, problems: readonly Problem[]): SettingsAnswer {
  if (problems.length === 0) return answer;
  return { ok: false, problems: answer.ok ? problems : answer.problems.concat(problems) };
}
