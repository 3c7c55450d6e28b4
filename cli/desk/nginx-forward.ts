// Judged locations without the lines of `jwtverify.forward`: with a policy nginx answers every request there with 503.
import { wirePolicy } from '../../nginx/answer/forward-lines';
import { FORWARD_MARK } from '../../nginx/answer/forward-mark';
import { findHttpBlocks } from '../../nginx/ports/configuration';
import { error, type Finding } from './finding';
import { functionOf, inherited, locationsOf, named, type Block, type Placed } from './nginx-blocks';
import { hasPolicy, type FoundPolicy } from './nginx-environment';

/** By which a location sends a request on, or answers it. */
const ANSWERS = ['proxy_pass', 'grpc_pass', 'fastcgi_pass', 'uwsgi_pass', 'scgi_pass', 'try_files', 'root', 'alias'];

const isMark = (words: readonly string[]): boolean => words[1] === `$${FORWARD_MARK}`;
const hasLines = (block: Block): boolean => named(block, 'set').some(({ words }) => isMark(words));

/** Whether jwtverify decides who passes here. */
function isJudged(placed: Placed, all: readonly Placed[], modules: readonly string[]): boolean {
  const [handler] = inherited(placed, 'js_access');
  if (handler !== undefined && modules.includes((handler.words[1] ?? '').split('.')[0] ?? '')) return true;
  const [asked] = inherited(placed, 'auth_request');
  const target = all.find((one) => one.name.replace(/^location (?:= )?/, '') === asked?.words[1]);
  return target !== undefined && functionOf(target, modules) === 'auth';
}

const BARE =
  'has no lines of `jwtverify.forward`, without which a policy refuses every request; write `include /etc/nginx/jwtverify-forward.conf;`, and that file by `jwtverify generate nginx POLICY --part forward`';

/** What is wrong with the lines of a judged location; undefined: nothing, as far as it is known here. */
function explain(own: Block, found: FoundPolicy | undefined): string | undefined {
  if (!hasLines(own)) return BARE;
  const policy = found?.settings.policy;
  if (found === undefined || policy === undefined) return undefined;
  const { tokenPlaces: places, login } = found.settings;
  const { mark, cookieMark } = wirePolicy(policy, { places, signsIn: login !== undefined });
  const isKnown = named(own, 'set').some(({ words }) => [mark, cookieMark].includes(words[2]) && isMark(words));
  if (isKnown) return undefined;
  return `has the lines of another policy, so it refuses every request; write them again: \`jwtverify generate nginx ${found.file} --part forward\``;
}

/**
 * Finds them.
 * @param modules the names that `js_import` gives the module
 * @param found the policy in force, where it is here
 */
export function findBare(
  configuration: Block,
  modules: readonly string[],
  found: FoundPolicy | undefined,
): readonly Finding[] {
  if (!hasPolicy(configuration)) return [];
  const { http, servers } = findHttpBlocks(configuration);
  return servers.flatMap((server) => {
    const all = locationsOf(server, [http]);
    return all
      .filter((placed) => {
        const own = placed.blocks[0] ?? [];
        const isAnswered = own.some(({ words }) => ANSWERS.includes(words[0] ?? ''));
        return isAnswered && named(own, 'internal').length === 0 && isJudged(placed, all, modules);
      })
      .flatMap(({ name, blocks: [own = []] }) => {
        const message = explain(own, found);
        return message === undefined ? [] : [error(name, message)];
      });
  });
}
