// Results of cases as TAP 14 and as JUnit's XML.
export interface CaseResult {
  readonly file: string;
  readonly name: string;
  /** What differs, a line each; empty for a case that passes. */
  readonly faults: readonly string[];
}

/** Control characters but line feeds, which XML cannot hold and terminals obey. */
const CONTROL = /[\x00-\x09\x0b-\x1f\x7f]/g;

const plain = (text: string): string => text.replaceAll(CONTROL, '?');

const escapeXml = (text: string): string =>
  plain(text).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');

/** Test Anything Protocol, version 14. */
export function formatTap(results: readonly CaseResult[]): string {
  const lines = results.flatMap(({ file, name, faults }, index) => {
    const title = plain(`${file}: ${name}`).replaceAll(/[\\#]/g, '\\$&').replaceAll('\n', ' ');
    const line = `${faults.length === 0 ? 'ok' : 'not ok'} ${String(index + 1)} - ${title}`;
    const notes = faults.flatMap((fault) => plain(fault).split('\n')).map((fault) => `# ${fault}`);
    return [line, ...notes];
  });
  return ['TAP version 14', `1..${String(results.length)}`, ...lines].join('\n');
}

/** The XML that CI servers read. */
export function formatJunit(results: readonly CaseResult[]): string {
  const files = [...new Set(results.map(({ file }) => file))];
  const suites = files.map((file) => {
    const own = results.filter((result) => result.file === file);
    const failed = own.filter(({ faults }) => faults.length > 0).length;
    const cases = own.map(({ name, faults }) => {
      const head = `    <testcase classname="${escapeXml(file)}" name="${escapeXml(name)}"`;
      return faults.length === 0
        ? `${head}/>`
        : `${head}>\n      <failure message="${escapeXml(faults.join('; '))}"/>\n    </testcase>`;
    });
    return `  <testsuite name="${escapeXml(file)}" tests="${String(own.length)}" failures="${String(failed)}">\n${cases.join('\n')}\n  </testsuite>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites>\n${suites.join('\n')}\n</testsuites>`;
}
