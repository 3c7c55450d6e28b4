// Each location of nginx in the documents that is judged and hands requests on: it sets the headers of the caller, or includes
// the lines that do, so that no client names itself. test/integration/nginx/docs.test.ts sends such headers through them.
import { describe, expect, test } from 'vitest';
import { blocksOf, DOCUMENTS } from '../integration/helpers/docs-blocks';

/** A block of nginx as its lines, with those around it. */
interface Place {
  readonly name: string;
  readonly lines: readonly string[];
  readonly around: Place | undefined;
}

/** Every block in braces of a configuration, `if` and the like left in the block around them. */
function placesOf(text: string): readonly Place[] {
  const tokens = text.replaceAll(/^\s*#.*$/gm, '').match(/"[^"]*"|'[^']*'|\$\{\w+\}|[{};]|[^\s{};]+/g);
  const places: Place[] = [];
  let place: { name: string; lines: string[]; around: Place | undefined } = { name: '', lines: [], around: undefined };
  places.push(place);
  const open: (typeof place)[] = [];
  let words: string[] = [];
  for (const token of tokens ?? []) {
    if (token === '{') {
      open.push(place);
      place = { name: words.join(' '), lines: [], around: place };
      places.push(place);
      words = [];
    } else if (token === '}') place = open.pop() ?? place;
    else if (token === ';') {
      place.lines.push(words.join(' '));
      words = [];
    } else words.push(token);
  }
  return places;
}

/** The line of a directive that a place has or inherits. */
function inForce({ lines, around }: Place, name: string): string | undefined {
  const own = lines.find((line) => line.startsWith(`${name} `));
  return own ?? (around === undefined ? undefined : inForce(around, name));
}

function isJudged(place: Place): boolean {
  const asked = inForce(place, 'auth_request');
  return (
    place.lines.some((line) => line.startsWith('js_access ')) || (asked !== undefined && asked !== 'auth_request off')
  );
}

/** The lines that set headers for a backend: those of the nearest place that has any. */
function headersOf({ lines, around }: Place): readonly string[] {
  const own = lines.filter((line) => line.startsWith('proxy_set_header ') || line.includes('jwtverify-forward.conf'));
  return own.length > 0 || around === undefined ? own : headersOf(around);
}

/** Whether a client's own headers of the caller reach the backend. */
function isOpen(place: Place): boolean {
  const headers = headersOf(place);
  if (headers.some((line) => line.startsWith('include '))) return false;
  const sets = (name: string): boolean => headers.some((line) => line.startsWith(`proxy_set_header ${name} `));
  const own = sets('X-OAuth-Subject') && sets('X-OAuth-Scopes');
  // A gateway that asks an authorizer sends what that answered.
  return !own && !sets('X-Auth-Request-User');
}

const HANDING = DOCUMENTS.flatMap((document) =>
  blocksOf(document)
    .filter(({ language, notRun }) => language === 'nginx' && notRun === undefined)
    .flatMap((block) =>
      placesOf(block.text)
        .filter((place) => place.lines.some((line) => /^(?:proxy|grpc)_pass /.test(line)) && isJudged(place))
        .filter((place) => !place.lines.includes('internal'))
        .map((place) => ({ title: `${document}:${String(block.line)} \`${place.name}\``, place })),
    ),
);

describe('locations of the documents that are judged and hand on', () => {
  test('there are many', () => {
    expect(HANDING.length).toBeGreaterThan(20);
  });

  test.each(HANDING)('$title sets the headers of the caller', ({ place }) => {
    expect([place.name, isOpen(place)]).toEqual([place.name, false]);
  });

  test('one that does not would be found', () => {
    const text = 'server { auth_request /a; location / { proxy_set_header X-OAuth-Subject $s; proxy_pass http://b; } }';
    const [, , place] = placesOf(text);
    expect([place?.name, place !== undefined && isJudged(place) && isOpen(place)]).toEqual(['location /', true]);
  });
});
