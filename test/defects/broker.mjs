// Defects of the broker: who gets a token, for whom, and where it goes.
import { inArea } from './define.mjs';

const defect = inArea('core', ['unit'], ['test/unit/broker/sign-in.test.ts']);

/** @type {readonly import('./define.mjs').Defect[]} */
export const BROKER = [
  defect('an unverified email is a user of the broker', 'src/broker/person.ts', {
    find: "if (isUnverified(claims, present)) return fault('the email of the ID token is not verified');",
    replace: '',
  }),
  defect('a user of the broker is called dots', 'src/broker/person.ts', {
    find: "user === undefined || user === '.' || user === '..'",
    replace: 'user === undefined',
  }),
  defect('an audience takes users of every tenant', 'src/broker/person.ts', {
    find: 'return allowed === undefined || allowed.indexOf(tenant) >= 0 ? tenant : undefined;',
    replace: 'return allowed === undefined ? tenant : tenant;',
  }),
  defect('another tenant than was asked signs in', 'src/broker/person.ts', {
    find: "if (ask.tenant !== '' && tenant !== ask.tenant) return undefined;",
    replace: '',
  }),
  defect('the admin service may answer about anybody', 'src/broker/admin-service.ts', {
    find: 'user === undefined || lowerAscii(user, text) !== lowerAscii(person.user, text)',
    replace: 'user === undefined',
  }),
  defect('a page is an answer of the admin service', 'src/broker/admin-service.ts', {
    find: 'if (!canBeJson(answer.contentType, text))',
    replace: "if (answer.contentType === '-')",
  }),
  defect('a role counts in characters', 'src/broker/admin-service.ts', {
    find: 'utf8Length(role, text) > LONGEST_ROLE',
    replace: 'role.length > LONGEST_ROLE',
  }),
  defect('a user of the broker counts in characters', 'src/broker/person.ts', {
    find: 'utf8Length(value, text) > most',
    replace: 'value.length > most',
  }),
  defect('a slash in a name leads elsewhere at the admin service', 'src/broker/admin-service.ts', {
    find: "admin + '/sysapi/user/' + encodeFully(person.user, text)",
    replace: "admin + '/sysapi/user/' + person.user",
  }),
  defect('a token goes wherever the request says', 'src/broker/audience.ts', {
    find: "if (audience.redirects.indexOf(redirect) >= 0) return { address: redirect, onwards: '' };",
    replace: "if (redirect.indexOf('https://') === 0) return { address: redirect, onwards: '' };",
  }),
  defect('a path of two slashes is a page of the application', 'src/broker/audience.ts', {
    find: "(isPath && redirect.charAt(1) === '/') ||",
    replace: '',
  }),
  defect('a name of 64 characters is a host', 'src/broker/audience.ts', {
    find: 'name.length > LONGEST_LABEL || ',
    replace: '',
  }),
  defect('another site begins a sign-in at the broker', 'src/broker/sign-in.ts', {
    find: 'if (isForeign(request)) return offerProviders(desk, ask);',
    replace: '',
  }),
  defect('a device is connected by the form of another page', 'src/broker/pairing.ts', {
    find: "now >= until || readText(object, 'state') !== state",
    replace: 'now >= until',
  }),
  defect('a device is connected an hour later', 'src/broker/pairing.ts', {
    find: "now >= until || readText(object, 'state') !== state",
    replace: "readText(object, 'state') !== state",
  }),
  defect('a device is connected for another site', 'src/broker/pairing.ts', {
    find: ' || isForeign(request)',
    replace: '',
  }),
  defect('a code counts twice', 'src/broker/one-time-code.ts', {
    find: "isFirst ? answerToken(context, token) : refuse(context, 'invalid_grant', 'the code was used before')",
    replace: 'answerToken(context, token)',
  }),
  defect('a code counts for another client', 'src/broker/one-time-code.ts', {
    find: "readText(object, 'audience') === exchange.client &&",
    replace: '',
  }),
  defect('a code counts without its verifier', 'src/broker/one-time-code.ts', {
    find: "readText(object, 'challenge') === challengeOf(verifier, context.hash)",
    replace: "readText(object, 'challenge') !== ''",
  }),
  defect('a code counts for ever', 'src/broker/one-time-code.ts', {
    find: "if (now >= until) return refuse(context, 'invalid_grant', 'the code is too old');",
    replace: '',
  }),
  defect('the token for the admin service lasts for a day', 'src/mint/token.ts', {
    find: 'export const INTERNAL_LIFETIME = 120;',
    replace: 'export const INTERNAL_LIFETIME = 86400;',
  }),
];
