// A configuration of NGINX Plus with jwtverify in place of `auth_jwt`: a policy, and the same configuration for nginx. Every other
// line stays as it is. INVARIANT: what needed a token needs one; what demanded more and has no equal refuses everybody.
import { join } from 'node:path';
import { SPELLINGS } from '../../src/settings/policy-file/compile-policy';
import { failure, isFailure } from '../desk/failure';
import { checkNginxConf } from '../desk/nginx-conf';
import { readClaimNames } from '../desk/nginx-plus-claims';
import { changesLocation, readContexts } from '../desk/nginx-plus-contexts';
import { editNginx, everyPlaced, nameOf, own, readNginxText, type NginxEdits } from '../desk/nginx-text';
import { withFiles } from './files';
import type { Migration, MigrationOptions, Note } from './migration';
import { writeForwardLines, type Way } from './nginx-configuration';
import { addLines, checkUses, editBlocks, forwardOf } from './nginx-plus-lines';
import { writeRules } from './nginx-plus-policy';
import { demandedOf, issuersOf, settingsOf, tokenOf } from './nginx-plus-settings';
import { note, type Plus } from './nginx-plus-work';
import { formatPolicy } from './policy-text';

/** What of the result lets requests pass that nobody judged. */
function findFaults(write: (folder: string) => Readonly<Record<string, string>>): readonly Note[] {
  try {
    const found = withFiles(write, '', (folder) => checkNginxConf(join(folder, 'nginx.conf')));
    return (found ?? [])
      .filter(({ severity }) => severity === 'error')
      .map(({ place, message }) => ({ kind: 'no equal', option: place, words: message }));
  } catch (error) {
    if (!isFailure(error)) throw error;
    return [
      {
        kind: 'no effect',
        option: 'include',
        words: 'is not read here: have `jwtverify check` read the whole on the proxy',
      },
    ];
  }
}

/**
 * Translates a configuration of NGINX Plus.
 * @param folder where the files will be
 * @throws a failure where a policy cannot have what it says; nothing is written then
 */
export function migratePlus(
  path: string,
  source: string,
  options: MigrationOptions,
  way: Way,
  folder: string,
): Migration {
  const top = readNginxText(path, source);
  const [http] = own(top, 'http');
  const all = everyPlaced(top);
  if (http === undefined || !all.some((one) => nameOf(one) === 'auth_jwt'))
    throw failure(`${path}: has no \`auth_jwt\` in an \`http\` block, so nothing of it is for jwtverify`);
  if (all.some((one) => nameOf(one) === 'auth_request'))
    throw failure(`${path}: has \`auth_request\` already, and a location can have one; nothing is written`);
  const names = readClaimNames(top);
  const contexts = readContexts(http, names);
  const edits: NginxEdits = { replaced: new Map(), added: new Map() };
  const plus: Plus = { path, source, top, http, names, contexts, options, notes: [], edits };
  const fixed = ['iss', 'aud'].filter((claim) => demandedOf(plus, claim) !== undefined);
  const rules = writeRules(contexts, fixed);
  if (!rules.isSingle && changesLocation(http))
    throw failure(
      `${path}: locations demand different things, and a \`rewrite\`, \`try_files\`, \`error_page\` or \`merge_slashes\` goes from one to another, where the policy would judge the first; nothing is written`,
    );
  const issuers = issuersOf(plus);
  const isPlain = JSON.stringify(issuers).includes('"jwks_url":"http://');
  const forward = forwardOf(plus, rules);
  const policy = {
    issuers,
    ...(isPlain ? { allow_http: true } : {}),
    ...settingsOf(plus),
    ...tokenOf(plus),
    rules: rules.rules.length === 0 ? [{ name: 'undecided', paths: ['/**'], access: 'deny' }] : rules.rules,
    otherwise: 'deny',
    ...(rules.isSingle ? { paths: { allow: SPELLINGS } } : {}),
    ...(Object.keys(forward).length === 0 ? {} : { forward }),
  };
  note(plus, 'translated', 'auth_jwt', '`auth_request`, with the same locations and `off` where it was');
  if (all.some((one) => nameOf(one) === 'auth_jwt_require'))
    note(
      plus,
      'translated',
      'auth_jwt_require',
      '`require.claims` of a rule; of a claim that is a list one member is enough, and lines of outer levels count too',
    );
  const text = formatPolicy('policy.json', JSON.stringify(policy));
  const declared = checkUses(plus);
  const site = {
    forward: join(folder, 'jwtverify-forward.conf'),
    policy: join(folder, 'policy.json'),
    way,
    listen: '',
  };
  editBlocks(plus, site.forward, rules, declared);
  const { settings } = addLines(plus, site, text, declared);
  const files = {
    'policy.json': text,
    'jwtverify-forward.conf': writeForwardLines(settings, way),
    'nginx.conf': editNginx(source, top, edits),
  };
  const faults = findFaults((own_) => ({
    ...files,
    'nginx.conf': files['nginx.conf'].replaceAll(site.forward, join(own_, 'jwtverify-forward.conf')),
  }));
  return { files, notes: [...plus.notes, ...faults] };
}
