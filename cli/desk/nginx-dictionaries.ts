// The dictionaries that the module shares between nginx's workers (njs 0.8.0 and later).
import { findHttpBlocks } from '../../nginx/ports/configuration';
import { distance } from '../../src/settings/policy-file/suggest';
import { error, warning, type Finding } from './finding';
import { everyDirective, named, type Block } from './nginx-blocks';
import { hasValues } from './nginx-environment';

const DICTIONARIES = ['jwtverify', 'jwtverify_keys', 'jwtverify_deny', 'jwtverify_ended'];

function checkEach(http: Block): readonly Finding[] {
  return named(http, 'js_shared_dict_zone').flatMap(({ words }) => {
    const name = words.map((word) => /^zone=([^:]*):/.exec(word)?.[1]).find((one) => one !== undefined) ?? '';
    const has = (start: string): boolean => words.some((word) => word.startsWith(start));
    if (!DICTIONARIES.includes(name)) {
      const near = DICTIONARIES.find((known) => distance(name, known) <= 2);
      return near === undefined
        ? []
        : [error('http', `jwtverify does not use the dictionary \`${name}\`; did you mean \`${near}\`?`)];
    }
    if (has('state=') && name !== 'jwtverify_deny')
      return [
        error(
          'http',
          `the dictionary \`${name}\` has \`state=\`, so nginx writes tokens and secrets into a file that others may read; remove it`,
        ),
      ];
    if (name === 'jwtverify_deny' && (has('evict') || has('timeout=')))
      return [error('http', 'the dictionary `jwtverify_deny` forgets entries; remove `evict` and `timeout`')];
    return [];
  });
}

/** What only njs from 0.8.0 on reads, or needs a dictionary for: before, a configuration cannot have one. */
const NEWER = ['js_shared_dict_zone', 'js_periodic', 'js_access', 'js_engine', 'js_fetch_trusted_certificate'];

function checkMissing(configuration: Block, http: Block): readonly Finding[] {
  const all = everyDirective(configuration);
  if (!hasValues(configuration) && !all.some(({ words }) => NEWER.includes(words[0] ?? ''))) return [];
  const zones = named(http, 'js_shared_dict_zone').map(({ words }) => words.join(' '));
  const missing = ['jwtverify', 'jwtverify_keys'].filter(
    (name) => !zones.some((zone) => zone.includes(`zone=${name}:`)),
  );
  if (missing.length === 0) return [];
  const lines = missing.map((name) => `js_shared_dict_zone zone=${name}:4m timeout=1h evict;`).join(' ');
  return [
    warning(
      'http',
      `has no dictionary ${missing.join(' and ')}, so workers remember nothing together; from njs 0.8.0 on write \`${lines}\``,
    ),
  ];
}

export function checkDictionaries(configuration: Block): readonly Finding[] {
  const { http } = findHttpBlocks(configuration);
  return [...checkMissing(configuration, http), ...checkEach(http)];
}
