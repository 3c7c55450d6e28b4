// Defects of where a token is: `token.from`, in the core and on both hosts.
import { inArea } from './define.mjs';

const defect = inArea('core', ['engine'], ['test/engine/policies-node.test.ts']);
const BOTH = ['test/integration/both/token-places.test.ts'];
const onHaproxy = inArea('haproxy', ['integration'], BOTH);
const onNginx = inArea('nginx', ['integration'], BOTH);

/** @type {readonly import('./define.mjs').Defect[]} */
export const PLACES = [
  defect('of two different tokens the last is taken', 'src/token/places/find-token.ts', {
    find: "if (token !== undefined && value !== token) return fail('token_repeated');",
    replace: '',
  }),
  defect('of two different tokens the first is taken', 'src/token/places/find-token.ts', {
    find: "if (token !== undefined && value !== token) return fail('token_repeated');\n      token = value;",
    replace: 'token = token ?? value;',
  }),
  defect('what cannot be decoded is passed over', 'src/token/places/find-token.ts', {
    find: "else if (values.reason !== 'credentials_missing') return values;",
    replace: '',
  }),
  defect('a second cookie of one name is not looked at', 'src/token/places/cookies.ts', {
    find: "if (value !== '') values.push(value);",
    replace: "if (value !== '' && values.length === 0) values.push(value);",
  }),
  defect('a cookie with a blank before its equals sign is another', 'src/token/places/cookies.ts', {
    find: 'equals >= name.length && trimBlanks(pair.substring(0, equals)) === name',
    replace:
      "equals >= name.length && pair.charAt(equals - 1) !== ' ' && trimBlanks(pair.substring(0, equals)) === name",
  }),
  defect('a parameter that is spelled in escapes is another', 'src/token/places/parameters.ts', {
    find: 'return decode(part.substring(0, length), text) === name;',
    replace: 'return part.substring(0, length) === name;',
  }),
  defect('a parameter is decoded twice', 'src/token/places/parameters.ts', {
    find: "const value = equals < 0 ? '' : decode(part.substring(equals + 1), text);",
    replace: "const value = equals < 0 ? '' : decode(decode(part.substring(equals + 1), text) ?? '', text);",
  }),
  defect('a semicolon hides a parameter', 'src/token/places/parameters.ts', {
    find: "if (isHidden(part, name, text)) return fail('credentials_malformed');\n",
    replace: '',
  }),
  defect('the backend gets a parameter that is spelled in escapes', 'src/token/places/parameters.ts', {
    find: '(part) => held.some((name) => isHidden(part, name, text))',
    replace: "(part) => held.some((name) => part.indexOf(name + '=') === 0)",
  }),
  defect('Basic credentials need no colon', 'src/token/places/basic.ts', {
    find: 'if (pair === undefined || colon < 0 || text.hasControl(pair))',
    replace: 'if (pair === undefined || text.hasControl(pair))',
  }),
  defect('Basic credentials may have control characters', 'src/token/places/basic.ts', {
    find: 'if (pair === undefined || colon < 0 || text.hasControl(pair))',
    replace: 'if (pair === undefined || colon < 0)',
  }),
  defect('the password begins after the last colon', 'src/token/places/basic.ts', {
    find: "const colon = pair === undefined ? -1 : pair.indexOf(':');",
    replace: "const colon = pair === undefined ? -1 : pair.lastIndexOf(':');",
  }),
  defect('Basic credentials need no padding', 'src/token/places/basic.ts', {
    find: "if (encoded === '' || encoded.length % 4 !== 0) return undefined;",
    replace: "if (encoded === '') return undefined;",
  }),
  defect('Basic credentials may be base64url', 'src/token/places/basic.ts', {
    find: "if (digits.indexOf('-') >= 0 || digits.indexOf('_') >= 0) return undefined;",
    replace: '',
  }),
  defect('a subprotocol after any other is a token', 'src/token/places/protocols.ts', {
    find: 'index > 0 && entries[index - 1] === mark',
    replace: 'index > 0 && entries[index - 1] !== undefined && mark !== undefined',
  }),
  defect('the first line alone of subprotocols is read', 'src/token/places/protocols.ts', {
    find: "const list = lines.join(',');",
    replace: "const list = lines[0] ?? '';",
  }),
  defect('a token passes at the places of another issuer', 'src/token/places/accepted-place.ts', {
    find: 'const accepted = settings.issuers[issuer]?.tokenFrom ?? settings.tokenFrom ?? ONLY_BEARER;',
    replace: 'const accepted = issuer < 0 ? ONLY_BEARER : places;',
  }),
  defect('the backend gets the password of Basic credentials', 'src/token/places/remainder.ts', {
    find: '!(basic && isBasic(field)) && !(bearer',
    replace: '!(bearer',
  }),
  defect('the backend gets the cookie', 'src/token/places/remainder.ts', {
    find: "cookies: cookies.length > 0 ? withoutCookies(request.lines('cookie'), cookies) : undefined,",
    replace: 'cookies: undefined,',
  }),
  defect('the backend gets the token among subprotocols', 'src/token/places/remainder.ts', {
    find: "marks.length > 0 ? withoutProtocols(request.lines('sec-websocket-protocol'), marks) : undefined,",
    replace: 'undefined,',
  }),
  onHaproxy('the backend gets a header of tokens', 'haproxy/judge/take-token.ts', {
    find: "namesOf(places, 'header'));",
    replace: '[]);',
    title: 'without a policy, HAProxy of trixie',
  }),
  onHaproxy('a token that is remembered at one place is good at every place', 'src/token/places/find-token.ts', {
    find: "return 'at ' + found.places.map((place) => place.toString()).join('.') + ' ' + found.token;",
    replace: "return 'at ' + found.token;",
    title: 'HAProxy of trixie.* (judged anew at another|at its own places alone)',
  }),
  onHaproxy('a form is read of which HAProxy has a part', 'haproxy/ports/request-lines.ts', {
    find: 'return declared !== undefined && tonumber(declared) === body.length ? body : undefined;',
    replace: 'return declared !== undefined ? body : undefined;',
    tests: ['test/integration/haproxy/token-in-form.test.ts'],
    title: 'trixie',
  }),
  onNginx('the backend gets the cookie', 'nginx/judge/take-token.ts', {
    find: "change(COOKIE_VARIABLE, rest.cookies?.join('; '));",
    replace: '',
    title: 'nginx of trixie.* a token in .* passes twice',
  }),
  onNginx('the backend gets the parameter', 'nginx/judge/take-token.ts', {
    find: 'change(URI_VARIABLE, rest.target);',
    replace: '',
    title: 'nginx of trixie.* a token in .* passes twice',
  }),
  onNginx('a token that is remembered at one place is good at every place', 'src/token/places/find-token.ts', {
    find: "return 'at ' + found.places.map((place) => place.toString()).join('.') + ' ' + found.token;",
    replace: "return 'at ' + found.token;",
    title: 'nginx of trixie.* (judged anew at another|at its own places alone)',
  }),
];
