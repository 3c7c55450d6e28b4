// How backends read a request target: each of these is some server's way to find the resource that is meant.
import type { PathRow } from '../../vectors/policies';
import { reachedBy } from './echo-backend';
import { bytes } from './policy-gateway';
import type { HttpAnswer } from './suite';

/** Percent-decodes octets, and keeps everything but escapes. */
function decode(text: string): string {
  return text.replaceAll(/%([0-9a-f]{2})/gi, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

/** RFC 3986 §5.2.4, with slashes merged. */
function resolve(path: string): string {
  const names: string[] = [];
  for (const name of path.split('/')) {
    if (name === '..') names.pop();
    else if (name !== '' && name !== '.') names.push(name);
  }
  return `/${names.join('/')}`;
}

/** A target's path, out of origin-form or absolute-form. */
function pathOf(target: string): string {
  const rest = target.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, '');
  return rest.replace(/[?#].*$/s, '');
}

/** A C string ends at NUL. */
function cutAtNul(path: string): string {
  return path.replace(/\0.*$/s, '');
}

/** By name: what a backend of this kind would serve. */
export const READERS: Readonly<Record<string, (target: string) => string>> = {
  'as it stands': (target) => resolve(pathOf(target)),
  'decoded, then resolved': (target) => resolve(decode(pathOf(target))),
  'resolved, then decoded': (target) => decode(resolve(pathOf(target))),
  'decoded twice': (target) => resolve(decode(decode(pathOf(target)))),
  'cut at NUL': (target) => resolve(cutAtNul(decode(pathOf(target)))),
  'WHATWG URL': (target) => {
    const base = 'http://backend.example';
    const url = URL.canParse(target, base) ? new URL(target, base) : new URL(base);
    return resolve(decode(url.pathname));
  },
  'servlet, without parameters': (target) => resolve(decode(pathOf(target).replaceAll(/;[^/]*/g, ''))),
  'servlet, parameters after decoding': (target) => resolve(decode(pathOf(target)).replaceAll(/;[^/]*/g, '')),
  Windows: (target) => {
    const names = decode(pathOf(target)).replaceAll('\\', '/').split('/');
    return resolve(
      names.map((name) => (/^\.{1,2}$/.test(name) ? name : name.replace(/(::?\$.*|[. ]+)$/, ''))).join('/'),
    );
  },
};

/** The corpus, and each spelling of it in places where it could lead out of `/public`. */
export function targetsOf(paths: readonly PathRow[]): readonly string[] {
  const spellings = paths.map(({ target }) => target);
  const rooted = spellings.filter((target) => target.startsWith('/') && target.length < 1000);
  return [
    ...spellings,
    ...rooted.flatMap((target) => [
      `/public${target}`,
      `/public${target}/../secret`,
      `/public/..${target}`,
      `/public/x${target}/../../../secret`,
    ]),
  ];
}

/** Whether a resource is one that the policy lets everybody have. */
export function isPublic(resource: string): boolean {
  return resource === '/public' || resource.startsWith('/public/');
}

/** What every reader makes of the target that reached the backend, where that is not public. */
export function strayed(answer: HttpAnswer): readonly string[] {
  const target = reachedBy(answer)?.target;
  if (target === undefined) return [];
  return Object.entries(READERS)
    .map(([reader, read]) => [reader, read(target)] as const)
    .filter(([, resource]) => !isPublic(resource))
    .map(([reader, resource]) => `${target}: ${reader}: ${resource}`);
}

const AT_ONCE = 16;

/** Asks for all targets, some at once. */
export async function askAll<Answer>(
  targets: readonly string[],
  ask: (path: string) => Promise<Answer>,
): Promise<readonly Answer[]> {
  const answers: Answer[] = [];
  for (let start = 0; start < targets.length; start += AT_ONCE) {
    answers.push(...(await Promise.all(targets.slice(start, start + AT_ONCE).map((target) => ask(bytes(target))))));
  }
  return answers;
}
