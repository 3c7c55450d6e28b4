// What is wrong with HAProxy's own configuration, and the lane in it.
import type { Settings } from '../../src/model/settings';
import { CHECKED_ELSEWHERE, LANE_SIZE, LANE_SOCKETS } from '../../src/settings/table';
import type { ReadConfiguration } from '../ports/configuration';
import { readConfigurationFile } from '../ports/configuration-file';
import { environmentSource, listVariables, wasAsked } from '../ports/environment';
import type { LanePlan } from '../ports/lane-map';
import { findUnchecked, type Findings } from './configuration-gaps';
import { planLane } from './lane-plan';
import { findUnknownNames } from './unknown-names';

/** Empty where HAProxy's API is gone, as at the end of a check. */
function findVersion(): string {
  const [fine, version] = pcall(() => core.get_info()['Version']);
  return fine && version !== undefined ? tostring(version) : '';
}

/**
 * Finds it. All Lua states have one configuration, and a problem in one of them stops HAProxy: the first one looks.
 * @param settings undefined where they are broken
 */
export function findFaults(
  read: ReadConfiguration,
  settings: Settings | undefined,
): { readonly findings: Findings; readonly plan: LanePlan | undefined } {
  const { environment } = environmentSource;
  const wish = { size: environment(LANE_SIZE.name), sockets: environment(LANE_SOCKETS.name) };
  if (core.thread > 1) {
    const { plan, problems } = planLane(settings, wish, undefined, '');
    return { findings: { problems, notices: [] }, plan };
  }
  // A request that passes in the lane is for all else one that the action let pass.
  const { configuration, plan, problems, notices } = planLane(settings, wish, read(), findVersion());
  const names = findUnknownNames(configuration.lines, settings?.policy !== undefined, {
    names: listVariables(),
    read: environment,
    wasAsked,
  });
  const gaps = findUnchecked(configuration, environment(CHECKED_ELSEWHERE.name), settings, readConfigurationFile);
  const findings = {
    problems: [...problems, ...names.problems, ...gaps.problems],
    notices: [...notices, ...names.notices, ...gaps.notices],
  };
  return { findings, plan };
}
