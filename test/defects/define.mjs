// What a planted defect is (`npm run test:defects`): one change of one file, and the tests that should see it.

/** @typedef {'core' | 'codec' | 'keys' | 'crypto' | 'policy' | 'haproxy' | 'nginx'} Area */

/**
 * @typedef {object} Defect
 * @property {string} name what somebody broke, in words
 * @property {Area} area
 * @property {string} file
 * @property {string} find text that the file has exactly once
 * @property {string} replace what is there instead
 * @property {{ projects: readonly string[], files: readonly string[], title?: string }} tests projects of vitest, parts of
 *   their files' paths, and a pattern of titles
 * @property {string} [equivalent] why no test can see it
 */

/**
 * @typedef {object} Change
 * @property {string} find
 * @property {string} replace
 * @property {readonly string[]} [tests] files, where they are not the area's
 * @property {string} [title]
 * @property {readonly string[]} [projects]
 * @property {string} [equivalent]
 */

/**
 * Begins the table of an area.
 * @param {Area} area
 * @param {readonly string[]} projects the projects of vitest, unless a defect names others
 * @param {readonly string[]} files the files of tests, unless a defect names others
 */
export function inArea(area, projects, files) {
  /**
   * @param {string} name
   * @param {string} file
   * @param {Change} change
   * @returns {Defect}
   */
  return (name, file, change) => {
    const { find, replace, title, equivalent } = change;
    const tests = { projects: change.projects ?? projects, files: change.tests ?? files };
    return {
      name,
      area,
      file,
      find,
      replace,
      tests: title === undefined ? tests : { ...tests, title },
      ...(equivalent === undefined ? {} : { equivalent }),
    };
  };
}
