// The requirements of a rule, each judged by itself with the core's own functions.
import { text } from '../../nginx/ports/text';
import { formatJson } from '../../src/codec/json-format';
import type { Identity } from '../../src/claims/identity';
import type {
  ClaimCondition,
  ClaimDemand,
  Demands,
  FurtherClaimDemand,
  FurtherDemands,
  Glob,
  NameDemand,
  WordDemand,
} from '../../src/model/demands';
import type { ClaimPath, Rule } from '../../src/model/policy';
import type { TokenTarget } from '../../src/policy/assess';
import { checkDemands, readSlot } from '../../src/policy/demands';
import { checkFurther } from '../../src/policy/further-demands';
import type { Check } from './check';

const NO_WORDS: WordDemand = { all: [], any: [] };
const NOTHING: Demands = {
  scopes: NO_WORDS,
  groups: NO_WORDS,
  roles: NO_WORDS,
  claims: [],
  subjects: [],
  clients: [],
  emailDomains: [],
  acrValues: [],
  maxAge: -1,
};

/** What the requirements are judged against. */
export interface Judged {
  readonly target: TokenTarget;
  readonly identity: Identity;
  readonly claimPaths: readonly ClaimPath[];
  /** Seconds. */
  readonly clockSkew: number;
  /** Seconds since the epoch. */
  readonly now: number;
}

const list = (words: readonly string[]): string => (words.length === 0 ? 'none' : words.join(' '));

function describeWords(demand: WordDemand): string {
  const all = demand.all.length > 0 ? `all of ${demand.all.join(' ')}` : '';
  const any = demand.any.length > 0 ? `one of ${demand.any.join(' ')}` : '';
  return [all, any].filter((part) => part !== '').join(' and ');
}

const describeGlob = (glob: Glob): string => glob.join('');

function describeCondition(condition: ClaimCondition): string {
  const words = (values: readonly unknown[]): string => values.map((value) => JSON.stringify(value)).join(', ');
  const parts = [
    condition.exists === undefined ? '' : condition.exists ? 'any value' : 'no value',
    condition.any === undefined ? '' : `one of ${words(condition.any)}`,
    condition.all === undefined ? '' : `all of ${words(condition.all)}`,
    condition.none === undefined ? '' : `none of ${words(condition.none)}`,
    condition.globs === undefined ? '' : `a match of ${condition.globs.map(describeGlob).join(' or ')}`,
    ...(['gt', 'gte', 'lt', 'lte'] as const).map((name) => {
      const bound = condition[name];
      return bound === undefined ? '' : `${name} ${String(bound)}`;
    }),
  ];
  return parts.filter((part) => part !== '').join(', ');
}

function describeComparison(demand: FurtherClaimDemand): string {
  const request = demand.request;
  if (request === undefined) return describeCondition(demand.condition);
  const parts = [
    request.segment === undefined ? '' : `segment ${String(request.segment)} of the path`,
    request.host === true ? 'the host of the request' : '',
    request.header === undefined ? '' : `the header ${request.header} of the request`,
  ];
  const wanted = parts.filter((part) => part !== '').map((part) => `equal to ${part}`);
  return [describeCondition(demand.condition), ...wanted].filter((part) => part !== '').join(', ');
}

const describeNames = (names: NameDemand): string => [...names.exact, ...names.globs.map(describeGlob)].join(' or ');

const nameOf = (path: ClaimPath | undefined): string => path?.name ?? `/${(path?.steps ?? []).join('/')}`;

function foundAt(judged: Judged, slot: number): string {
  const value = readSlot(judged.identity, slot);
  return value === undefined ? 'none' : formatJson(value);
}

/** Judges a part of a rule's requirements. */
function judge(judged: Judged, name: string, part: Partial<Demands>, expected: string, found: string): Check {
  const demands = { ...NOTHING, ...part };
  const target = { ...judged.target, rule: { ...judged.target.rule, demands } };
  const identity = { ...judged.identity, hosts: undefined };
  const reason =
    demands.further === undefined
      ? checkDemands(identity, demands, judged.clockSkew, judged.now, text)
      : checkFurther(target, identity, text);
  return { check: name, outcome: reason === undefined ? 'passed' : 'failed', expected, found, reason };
}

function claimChecks(judged: Judged, claims: readonly ClaimDemand[]): readonly Check[] {
  return claims.map((demand) => {
    const name = `claim ${nameOf(judged.claimPaths[demand.slot])}`;
    return judge(judged, name, { claims: [demand] }, describeCondition(demand.condition), foundAt(judged, demand.slot));
  });
}

function furtherChecks(judged: Judged, further: FurtherDemands): readonly Check[] {
  const { identity } = judged;
  const part = (only: Partial<FurtherDemands>): Partial<Demands> => ({ further: { claims: [], ...only } });
  const { audience, subject, client } = further;
  return [
    ...(audience === undefined
      ? []
      : [
          judge(
            judged,
            'audience of the rule',
            part({ audience }),
            `one of ${list(audience.any)}`,
            foundAt(judged, audience.slot),
          ),
        ]),
    ...(subject === undefined
      ? []
      : [judge(judged, 'subject', part({ subject }), describeNames(subject), identity.subject)]),
    ...(client === undefined
      ? []
      : [judge(judged, 'client', part({ client }), describeNames(client), identity.client)]),
    ...further.claims.map((demand) => {
      const name = `claim ${nameOf(judged.claimPaths[demand.slot])}`;
      return judge(judged, name, part({ claims: [demand] }), describeComparison(demand), foundAt(judged, demand.slot));
    }),
  ];
}

function hostCheck(judged: Judged): readonly Check[] {
  const { identity, target } = judged;
  if (identity.hosts === undefined) return [];
  const bare = { ...target, rule: { ...target.rule, demands: undefined } };
  const reason = checkFurther(bare, identity, text);
  const expected = `one of ${list(identity.hosts)}`;
  const outcome = reason === undefined ? 'passed' : 'failed';
  return [{ check: 'host of the issuer', outcome, expected, found: target.resource.host, reason }];
}

/** Each requirement of a rule, judged whether or not another one failed. */
export function judgeRequirements(judged: Judged): readonly Check[] {
  const demands = judged.target.rule.demands;
  const { identity } = judged;
  if (demands === undefined) return hostCheck(judged);
  const words = (['scopes', 'groups', 'roles'] as const).flatMap((name) => {
    const demand = demands[name];
    if (demand.all.length + demand.any.length === 0) return [];
    const found = name === 'scopes' ? identity.scopes : list(identity[name]);
    return [judge(judged, name, { [name]: demand }, describeWords(demand), found === '' ? 'none' : found)];
  });
  const names = (
    [
      ['subject', 'subjects', identity.subject],
      ['client', 'clients', identity.client],
      ['email domain', 'emailDomains', identity.email],
      ['acr', 'acrValues', identity.acr],
    ] as const
  ).flatMap(([name, part, found]) => {
    const wanted = demands[part];
    return wanted.length === 0
      ? []
      : [judge(judged, name, { [part]: wanted }, `one of ${list(wanted)}`, found === '' ? 'none' : found)];
  });
  const age =
    demands.maxAge < 0
      ? []
      : [
          judge(
            judged,
            'age of authentication',
            { maxAge: demands.maxAge },
            `at most ${String(demands.maxAge)} seconds`,
            identity.authTime < 0 ? 'no auth_time' : `${String(judged.now - identity.authTime)} seconds`,
          ),
        ];
  const further = demands.further === undefined ? [] : furtherChecks(judged, demands.further);
  return [...hostCheck(judged), ...further, ...words, ...names, ...claimChecks(judged, demands.claims), ...age];
}

const NOBODY: Identity = {
  issuer: '',
  subject: '',
  user: '',
  email: '',
  emailUnverified: false,
  preferred_username: '',
  client: '',
  scopes: '',
  groups: [],
  groupsOverage: false,
  roles: [],
  acr: '',
  authTime: -1,
  values: [],
  headers: [],
};

/** The names of a rule's requirements, as `judgeRequirements` has them. */
export function listRequirements(rule: Rule, claimPaths: readonly ClaimPath[]): readonly string[] {
  const facts = { method: 'GET', target: '/', hosts: [], preflight: false };
  const target: TokenTarget = { kind: 'token', rule, resource: { method: 'GET', host: '', segments: [] }, facts };
  const checks = judgeRequirements({ target, identity: NOBODY, claimPaths, clockSkew: 0, now: 0 });
  return [...new Set(checks.map(({ check }) => check))];
}
