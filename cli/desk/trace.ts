// Every check of a request in order, with what was expected and found.
import { text } from '../../nginx/ports/text';
import type { Reason } from '../../src/answer/reason';
import { asNumber, asObject, findMember, type JsonObject } from '../../src/codec/json';
import { formatJson } from '../../src/codec/json-format';
import { parseJson } from '../../src/codec/json-parse';
import type { IssuerSettings, KeySet } from '../../src/model/settings';
import type { TokenPlace } from '../../src/model/token-place';
import { readAllowedGroups } from '../../src/request/allowed-groups';
import { readResource } from '../../src/request/request-target';
import { acceptedIssuers } from '../../src/token/accepted-issuers';
import { ONLY_BEARER } from '../../src/token/places/accepted-place';
import type { Check, CheckOutcome } from './check';
import type { DeskAnswer, DeskQuestion } from './judge';
import { factsOf } from './request';
import { judgeRequirements } from './requirements';
import { STAGE_OF, STAGES, type Stage } from './stages';

/** The parts of a token that may be shown: its header and claims, before anything is known to be genuine. */
interface ReadToken {
  readonly header: JsonObject | undefined;
  readonly claims: JsonObject | undefined;
}

function readPart(token: string, index: number): JsonObject | undefined {
  const source = text.decodeBase64Url(token.split('.')[index] ?? '');
  return source === undefined ? undefined : asObject(parseJson(source, text));
}

function readToken(question: DeskQuestion, answer: DeskAnswer): ReadToken {
  if (question.presented.kind === 'claims') return { header: undefined, claims: question.presented.claims };
  const token = answer.token ?? '';
  return { header: readPart(token, 0), claims: readPart(token, 1) };
}

const show = (object: JsonObject | undefined, name: string): string => {
  const value = object === undefined ? undefined : findMember(object, name);
  if (value === undefined) return 'none';
  return typeof value === 'string' ? value : formatJson(value);
};

/** The issuer whose keys verify, or would: the only one, or the one that the token names. */
function issuerOf(question: DeskQuestion, answer: DeskAnswer, claims: JsonObject | undefined): number {
  const issuers = acceptedIssuers(question.settings);
  if (answer.verified !== undefined) return answer.verified.issuer;
  const named = show(claims, 'iss');
  return issuers.length === 1 ? 0 : issuers.findIndex((issuer) => issuer.issuer === named);
}

const describePlace = (place: TokenPlace): string => (place.name === '' ? place.kind : `${place.kind} ${place.name}`);

function describeTime(claims: JsonObject | undefined, name: string): string {
  const value = asNumber(claims === undefined ? undefined : findMember(claims, name))?.value;
  if (value === undefined) return `${name} none`;
  const date = new Date(value * 1000);
  return `${name} ${Number.isNaN(date.getTime()) ? String(value) : date.toISOString().replace('.000', '')}`;
}

interface Scene {
  readonly question: DeskQuestion;
  readonly answer: DeskAnswer;
  readonly token: ReadToken;
  readonly issuer: IssuerSettings | undefined;
  readonly keySet: KeySet | undefined;
}

function describeRequest({ question }: Scene): readonly [expected: string, found: string] {
  const { policy } = question.settings;
  if (policy === undefined) return ['', `${question.request.method} ${question.request.target}`];
  const resource = readResource(factsOf(question.request, policy), policy.paths, policy.usesHosts, text);
  if (!resource.ok)
    return ['one reading of method, host and path', `${question.request.method} ${question.request.target}`];
  const { method, host, segments } = resource.value;
  return [
    'one reading of method, host and path',
    `${method} ${host}${segments === undefined ? ' *' : `/${segments.join('/')}`}`,
  ];
}

const NAMES: Readonly<Record<Exclude<Stage, 'requirements'>, string>> = {
  settings: 'settings',
  request: 'request',
  rule: 'rule',
  token: 'place of the token',
  form: 'form of the token',
  algorithm: 'algorithm',
  key: 'key',
  signature: 'signature',
  issuer: 'issuer',
  audience: 'audience',
  times: 'times',
  claims: 'required claims',
  revocation: 'revocation',
};

/** What a stage expects and what it found. */
function describe(stage: Exclude<Stage, 'requirements'>, scene: Scene): readonly [expected: string, found: string] {
  const { question, answer, token, issuer, keySet } = scene;
  const isClaims = question.presented.kind === 'claims';
  switch (stage) {
    case 'settings':
      return ['', ''];
    case 'request':
      return describeRequest(scene);
    case 'rule': {
      const { rule } = answer.ruling;
      return ['a rule that lets it pass', rule === '' ? 'none' : rule];
    }
    case 'token': {
      const places = question.settings.tokenPlaces ?? ONLY_BEARER;
      return [places.map(describePlace).join(' or '), answer.token === undefined ? 'none' : 'one token'];
    }
    case 'form':
      return ['a signed JWT', isClaims ? 'claims' : `typ ${show(token.header, 'typ')}`];
    case 'algorithm':
      return [(issuer?.allowed ?? keySet?.algorithms ?? []).join(' '), show(token.header, 'alg')];
    case 'key': {
      const kids = (keySet?.keys ?? []).map((key) => key.kid ?? 'a key without kid');
      return [
        kids.length === 0 ? 'a key; there is none' : `kid ${kids.join(' or ')}`,
        `kid ${show(token.header, 'kid')}`,
      ];
    }
    case 'signature':
      return ['by one of the keys', ''];
    case 'issuer':
      return [
        acceptedIssuers(question.settings)
          .map((one) => one.issuer)
          .join(' or '),
        show(token.claims, 'iss'),
      ];
    case 'audience':
      return [issuer?.audiences === undefined ? 'any' : issuer.audiences.join(' or '), show(token.claims, 'aud')];
    case 'times': {
      const found = ['exp', 'nbf', 'iat'].map((name) => describeTime(token.claims, name)).join(', ');
      return [`now ${new Date(question.now * 1000).toISOString().replace('.000', '')}`, found];
    }
    case 'claims':
      return [issuer?.terms?.require.length === 0 ? 'well-formed' : 'those that the issuer must set', ''];
    case 'revocation':
      return ['no entry in the deny list', 'the list of the proxy is not read at the desk'];
  }
}

/** A malformed claim belongs to the first check that reads it. */
function stageOf(reason: Reason, claims: JsonObject | undefined): Stage {
  if (reason !== 'claim_malformed' || claims === undefined) return STAGE_OF[reason];
  if (typeof findMember(claims, 'iss') !== 'string') return 'issuer';
  const audience = findMember(claims, 'aud');
  if (audience !== undefined && typeof audience !== 'string' && asObject(audience) !== undefined) return 'audience';
  const isNoTime = (name: string): boolean =>
    findMember(claims, name) !== undefined && asNumber(findMember(claims, name)) === undefined;
  return ['exp', 'nbf', 'iat'].some(isNoTime) ? 'times' : 'claims';
}

const OF_TOKENS: readonly Stage[] = STAGES.slice(STAGES.indexOf('token'), STAGES.indexOf('requirements'));
/** The checks that claims in place of a token are spared. */
const ASSUMED: readonly Stage[] = STAGES.slice(STAGES.indexOf('token'), STAGES.indexOf('issuer'));

/** The outcome of a stage, by where the first failure is. */
function outcomeOf(stage: Stage, failed: Stage | undefined, scene: Scene): CheckOutcome {
  const place = STAGES.indexOf(stage);
  const end = failed === undefined ? STAGES.length : STAGES.indexOf(failed);
  if (place === end) return 'failed';
  if (place > end) return 'not reached';
  const isDecidedWithout = scene.question.settings.policy !== undefined && scene.answer.target === undefined;
  if (OF_TOKENS.includes(stage) && isDecidedWithout) return 'not reached';
  if (stage === 'revocation') return 'not reached';
  return scene.question.presented.kind === 'claims' && ASSUMED.includes(stage) ? 'assumed' : 'passed';
}

/** The groups that an authorizer's question asks for. */
function questionCheck(scene: Scene, groups: readonly string[], reason: Reason | undefined): readonly Check[] {
  const asked = readAllowedGroups(scene.question.allowedGroups, text);
  if (asked === undefined) return [];
  const isIn = asked.some((group) => groups.includes(group));
  const found = groups.length === 0 ? 'none' : groups.join(' ');
  const expected = `one of ${asked.length === 0 ? 'no group' : asked.join(' ')}`;
  const check = 'groups of the question';
  return [{ check, outcome: isIn ? 'passed' : 'failed', expected, found, ...(isIn ? {} : { reason }) }];
}

function requirementChecks(scene: Scene, reason: Reason | undefined): readonly Check[] {
  const { answer, question } = scene;
  const { policy } = question.settings;
  const { identity, target, verified } = answer;
  const isOfRule = reason !== undefined && STAGE_OF[reason] === 'requirements';
  if (policy === undefined || identity === undefined || target === undefined || verified === undefined) {
    // A header of the policy needs a verified email, whatever the rule.
    return isOfRule ? [{ check: 'identity', outcome: 'failed', expected: '', found: '', reason }] : [];
  }
  const { clockSkew, claimPaths } = policy;
  const checks = judgeRequirements({ target, identity, claimPaths, clockSkew, now: question.now });
  return [...checks, ...questionCheck(scene, identity.groups, reason)];
}

/** Lists the checks of a judged request. */
export function traceChecks(question: DeskQuestion, answer: DeskAnswer): readonly Check[] {
  const token = readToken(question, answer);
  const place = issuerOf(question, answer, token.claims);
  const scene = { question, answer, token, issuer: question.settings.issuers[place], keySet: question.keySets[place] };
  const { decision, wouldBe } = answer.ruling;
  const reason = decision.reason === '' ? wouldBe : decision.reason;
  const failed = reason === '' ? undefined : stageOf(reason, token.claims);
  const stages = STAGES.filter((stage) => stage !== 'requirements').flatMap((stage): readonly Check[] => {
    const outcome = outcomeOf(stage, failed, scene);
    if (stage === 'settings' && outcome === 'passed') return [];
    if (stage === 'rule' && question.settings.policy === undefined) return [];
    const isSilent = (outcome === 'not reached' && stage !== 'revocation') || outcome === 'assumed';
    const [expected, found] = isSilent ? ['', ''] : describe(stage, scene);
    const known = outcome === 'failed' && reason !== '' ? { reason } : {};
    return [{ check: NAMES[stage], outcome, expected, found, ...known }];
  });
  return [...stages, ...requirementChecks(scene, reason === '' ? undefined : reason)];
}
