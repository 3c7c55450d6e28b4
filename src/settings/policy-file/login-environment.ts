// The settings of the environment that give `login` what a policy leaves out: who the proxy is at the issuer, and secrets.
import type { Json, JsonObject } from '../../codec/json';
import { asObject, findMember } from '../../codec/json';
import { splitWords } from '../../codec/words';
import { report, type Compilation } from '../compilation';
import {
  COOKIE_SECRET,
  COOKIE_SECRET_FILE,
  LOGIN_CLIENT_ID,
  LOGIN_CLIENT_SECRET,
  LOGIN_CLIENT_SECRET_FILE,
  LOGIN_SETTINGS,
  memberName,
  type Setting,
} from '../table';
import type { Place } from './reader';

const UNUSED = 'is set, but nobody signs in: it has no effect without `login` in a policy; unset it';

/** Notes each setting of login that is set where nobody signs in. */
export function refuseLoginSettings(compilation: Compilation): void {
  for (let index = 0; index < LOGIN_SETTINGS.length; index++) {
    const name = LOGIN_SETTINGS[index]?.name ?? '';
    if (compilation.source.environment(name) !== undefined) report(compilation, name, UNUSED);
  }
}

/** What a member of the policy would say: the value, the variable's own name, or the paths of files. */
type Meaning = 'value' | 'variable' | 'files';

function mean(setting: Setting, value: string, meaning: Meaning): Json {
  if (meaning !== 'files') return meaning === 'value' ? value : setting.name;
  const paths = splitWords(value);
  return paths.length > 1 ? { kind: 'array', items: paths } : (paths[0] ?? '');
}

/**
 * An object with the member of a setting, where that is set.
 * @param rivals the members that say the same: beside one of them the setting is a problem
 */
function addMember(
  compilation: Compilation,
  object: JsonObject,
  setting: Setting,
  meaning: Meaning,
  rivals: readonly string[],
): JsonObject {
  const value = compilation.source.environment(setting.name);
  if (value === undefined) return object;
  const rival = rivals.find((name) => findMember(object, name) !== undefined);
  if (rival !== undefined) {
    const place = '`' + rival + '` of the policy';
    report(compilation, setting.name, 'is set beside ' + place + ', which says the same; remove one of the two');
    return object;
  }
  return {
    kind: 'object',
    names: object.names.concat([memberName(setting.key)]),
    values: object.values.concat([mean(setting, value, meaning)]),
  };
}

/** Both settings of a secret: they contradict each other as the members do. */
function addSecret(compilation: Compilation, object: JsonObject, variable: Setting, file: Setting): JsonObject {
  const rivals = [memberName(variable.key), memberName(file.key)].filter(
    (name) => findMember(object, name) !== undefined,
  );
  const first = addMember(compilation, object, variable, 'variable', rivals);
  return addMember(compilation, first, file, 'files', rivals);
}

/** An object with another value for a member. */
function replaceMember(object: JsonObject, name: string, value: Json): JsonObject {
  const place = object.names.indexOf(name);
  if (place < 0) {
    return { kind: 'object', names: object.names.concat([name]), values: object.values.concat([value]) };
  }
  const values = object.values.map((present, index) => (index === place ? value : present));
  return { kind: 'object', names: object.names, values };
}

/** `login` with what the environment says of it. */
export function addFromEnvironment(compilation: Compilation, login: Place<JsonObject>): Place<JsonObject> {
  const rivals = [memberName(LOGIN_CLIENT_ID.key)];
  const named = addMember(compilation, login.value, LOGIN_CLIENT_ID, 'value', rivals);
  const whole = addSecret(compilation, named, LOGIN_CLIENT_SECRET, LOGIN_CLIENT_SECRET_FILE);
  const given = findMember(whole, 'cookie');
  const cookie: JsonObject | undefined =
    given === undefined ? { kind: 'object', names: [], values: [] } : asObject(given);
  if (cookie === undefined) return { value: whole, pointer: login.pointer };
  const sealed = addSecret(compilation, cookie, COOKIE_SECRET, COOKIE_SECRET_FILE);
  return { value: replaceMember(whole, 'cookie', sealed), pointer: login.pointer };
}
