// Notices for a policy of several issuers: what names a caller is unique within its issuer alone (RFC 7519 §4.1.2).
import { fulfilsWhole } from '../../claims/claim-pattern';
import type { Text } from '../../codec/text';
import { issuerOf, placeOfTenant } from '../../keys/issuer-pattern';
import type { ClaimCondition, ClaimDemand, Demands, Scalar } from '../../model/demands';
import type { ClaimPath, IdentityField, Policy } from '../../model/policy';
import type { IssuerSettings, Tenancy } from '../../model/settings';
import { pointTo, remark, type Reader } from './reader';

/** The fields of `forward` that name a caller. */
const NAMING: readonly IdentityField[] = ['subject', 'user', 'email', 'preferred_username', 'client'];
/** Claims that do, whatever a policy maps (OpenID Connect Core 1.0 §5.1, RFC 8693 §4.3, RFC 9068 §2.2.3.1, Entra ID). */
const CLAIMS: readonly string[] = [
  'sub',
  'email',
  'preferred_username',
  'upn',
  'unique_name',
  'username',
  'oid',
  'client_id',
  'azp',
  'appid',
  'cid',
];

const WHY = '`sub`, and what else names a caller, is unique within its issuer alone (RFC 7519 section 4.1.2)';

function textOf(path: ClaimPath): string {
  return path.steps.join('.');
}

/** The paths of claims with which an issuer's tokens name a caller, and of those that are its rights. */
function textsOf(issuer: IssuerSettings): { readonly naming: readonly string[]; readonly rights: readonly string[] } {
  const claims = issuer.terms?.claims;
  if (claims === undefined) return { naming: [], rights: [] };
  const naming = claims.user.concat(claims.email, claims.preferredUsername, claims.client);
  const rights: readonly ClaimPath[] = claims.groups.paths.concat(claims.roles.paths);
  return { naming: naming.map((path) => textOf(path)), rights: rights.map((path) => textOf(path)) };
}

/** Whom a token can come from: an issuer, or a tenant of a pattern, which the token names in a claim too. */
interface Origin {
  readonly issuer: string;
  readonly claim?: string;
  readonly tenant?: string;
}

/** Tenants of a pattern that accepts any: two that no operator means, and those that conditions name. */
function someTenants(tenancy: Tenancy, conditions: readonly ClaimCondition[]): readonly string[] {
  const tenants: string[] = ['some-tenant', 'some-other-tenant'];
  for (let index = 0; index < conditions.length; index++) {
    const condition = conditions[index];
    const named: readonly Scalar[] = (condition?.any ?? []).concat(condition?.all ?? []);
    for (let place = 0; place < named.length; place++) {
      const value = named[place];
      const tenant = typeof value === 'string' ? (placeOfTenant(tenancy, value) ?? value) : '';
      if (tenants.indexOf(tenant) < 0) tenants.push(tenant);
    }
  }
  return tenants;
}

function originsOf(issuers: readonly IssuerSettings[], conditions: readonly ClaimCondition[]): readonly Origin[] {
  const origins: Origin[] = [];
  for (let index = 0; index < issuers.length; index++) {
    const issuer = issuers[index];
    const tenancy = issuer?.tenancy;
    if (issuer !== undefined && tenancy === undefined) origins.push({ issuer: issuer.issuer });
    if (tenancy === undefined) continue;
    const tenants = tenancy.tenants ?? someTenants(tenancy, conditions);
    for (let place = 0; place < tenants.length; place++) {
      const tenant = tenants[place] ?? '';
      origins.push({ issuer: issuerOf(tenancy, tenant), claim: tenancy.claim, tenant });
    }
  }
  return origins;
}

/** Every claim that a rule requires. */
function claimsOf(demands: Demands): readonly ClaimDemand[] {
  return demands.further === undefined ? demands.claims : demands.claims.concat(demands.further.claims);
}

/** Whether a rule's conditions on `iss`, or on the claim that names the tenant, leave more than one issuer. */
function leavesSeveral(demands: Demands, policy: Policy, issuers: readonly IssuerSettings[], text: Text): boolean {
  const claims = claimsOf(demands);
  const left = originsOf(
    issuers,
    claims.map((demand) => demand.condition),
  ).filter((origin) =>
    claims.every((demand) => {
      const path = policy.claimPaths[demand.slot];
      const name = path === undefined ? '' : textOf(path);
      if (name === 'iss') return fulfilsWhole(origin.issuer, demand.condition, text);
      return name !== origin.claim || fulfilsWhole(origin.tenant, demand.condition, text);
    }),
  );
  return left.length > 1;
}

/** What a rule requires that each issuer gives to whom it likes. */
function findRequired(demands: Demands, policy: Policy, claims: readonly string[]): readonly string[] {
  const names: string[] = [];
  if (demands.subjects.length > 0 || demands.further?.subject !== undefined) names.push('subject');
  if (demands.clients.length > 0 || demands.further?.client !== undefined) names.push('client');
  if (demands.groups.all.length + demands.groups.any.length > 0) names.push('groups');
  if (demands.roles.all.length + demands.roles.any.length > 0) names.push('roles');
  if (demands.emailDomains.length > 0) names.push('email_domains');
  const required = claimsOf(demands);
  for (let index = 0; index < required.length; index++) {
    const path = policy.claimPaths[required[index]?.slot ?? -1];
    const name = path === undefined ? '' : textOf(path);
    if (claims.indexOf(name) >= 0 && names.indexOf(name) < 0) names.push(name);
  }
  return names;
}

/** @param telling claims that tell the issuers apart */
function remarkForward(reader: Reader, policy: Policy, naming: readonly string[], telling: readonly string[]): void {
  const sent: { readonly header: string; readonly what: string }[] = [];
  for (let index = 0; index < policy.forward.length; index++) {
    const term = policy.forward[index];
    if (term === undefined) continue;
    const path = term.kind === 'claim' ? policy.claimPaths[term.slot] : undefined;
    const what = term.kind === 'field' ? term.field : path === undefined ? '' : textOf(path);
    // A backend that gets the issuer too knows whose user it is.
    if (term.kind === 'field' ? what === 'issuer' : telling.indexOf(what) >= 0) return;
    const names: readonly string[] = term.kind === 'field' ? NAMING : naming;
    if (names.indexOf(what) >= 0) sent.push({ header: term.name, what });
  }
  const mend = 'send a header with `issuer` beside it';
  for (let index = 0; index < sent.length; index++) {
    const one = sent[index];
    if (one === undefined) continue;
    const message = 'sends `' + one.what + '` of several issuers and not whose it is: ' + WHY + '; ' + mend;
    remark(reader, pointTo('/forward', one.header), message);
  }
}

/** Notes the rules and headers of a policy of several issuers by which one issuer's user can pass for another's. */
export function remarkSharedSubjects(reader: Reader, policy: Policy, issuers: readonly IssuerSettings[]): void {
  const only = issuers.length === 1 ? issuers[0]?.tenancy : undefined;
  if (issuers.length < 2 && (only === undefined || only.tenants?.length === 1)) return;
  let naming = CLAIMS;
  let rights: readonly string[] = ['groups', 'roles'];
  for (let index = 0; index < issuers.length; index++) {
    const issuer = issuers[index];
    if (issuer === undefined) continue;
    const texts = textsOf(issuer);
    naming = naming.concat(texts.naming);
    rights = rights.concat(texts.rights);
  }
  const required = naming.concat(rights);
  for (let index = 0; index < policy.rules.length; index++) {
    const rule = policy.rules[index];
    if (rule?.demands === undefined || !leavesSeveral(rule.demands, policy, issuers, reader.text)) continue;
    const names = findRequired(rule.demands, policy, required).map((name) => '`' + name + '`');
    if (names.length === 0) continue;
    const mend = 'require one issuer, `{"claims": {"iss": "..."}}`, as well if not every issuer shall give it';
    const what = '`' + rule.name + '` requires ' + names.join(', ') + ' of any of several issuers: ' + WHY;
    remark(reader, pointTo(pointTo('/rules', index.toString()), 'require'), what + '; ' + mend);
  }
  remarkForward(reader, policy, naming, only === undefined ? ['iss'] : ['iss', only.claim]);
}
