// Prometheus' text format.
import { describe, expect, test } from 'vitest';
import { FAMILIES, FETCH_FAILURES, KEYS_FETCHED, READY, REQUESTS, TOKENS } from '../../../src/metrics/families';
import { formatMetrics, mergeValues, sample } from '../../../src/metrics/text-format';

describe('the text format', () => {
  test('families have their order, a sentence and a type', () => {
    const samples = [
      sample(TOKENS, ['remembered'], 2),
      sample(READY, [], 1),
      sample(TOKENS, ['new'], 3),
      sample(REQUESTS, ['allow', '', 'read'], 5),
    ];
    expect(formatMetrics(samples)).toBe(
      [
        `# HELP jwtverify_ready ${READY.help}`,
        '# TYPE jwtverify_ready gauge',
        'jwtverify_ready 1',
        `# HELP jwtverify_requests_total ${REQUESTS.help}`,
        '# TYPE jwtverify_requests_total counter',
        'jwtverify_requests_total{decision="allow",reason="",rule="read"} 5',
        `# HELP jwtverify_tokens_total ${TOKENS.help}`,
        '# TYPE jwtverify_tokens_total counter',
        'jwtverify_tokens_total{source="new"} 3',
        'jwtverify_tokens_total{source="remembered"} 2',
        '',
      ].join('\n'),
    );
  });

  test('quotes, backslashes and line feeds in labels are escaped', () => {
    expect(sample(FETCH_FAILURES, ['a"b\\c\nd'], 1).series).toBe(
      'jwtverify_issuer_key_fetch_failures{issuer="a\\"b\\\\c\\nd"}',
    );
  });

  test('counts of several states are added, the worst state counts for readiness, age and failures', () => {
    expect(mergeValues(REQUESTS, 2, 3)).toBe(5);
    expect([mergeValues(READY, 1, 0), mergeValues(READY, 0, 1)]).toEqual([0, 0]);
    expect([mergeValues(KEYS_FETCHED, 7, 9), mergeValues(KEYS_FETCHED, 9, 7)]).toEqual([7, 7]);
    expect([mergeValues(FETCH_FAILURES, 0, 4), mergeValues(FETCH_FAILURES, 4, 0)]).toEqual([4, 4]);
  });

  test('several samples of one series are one line', () => {
    const twice = [sample(TOKENS, ['new'], 3), sample(READY, [], 1), sample(TOKENS, ['new'], 2), sample(READY, [], 0)];
    const lines = formatMetrics(twice).split('\n');
    expect(lines.filter((line) => line !== '' && !line.startsWith('#'))).toEqual([
      'jwtverify_ready 0',
      'jwtverify_tokens_total{source="new"} 5',
    ]);
  });

  test('names follow the conventions: a counter ends in _total, nothing else does', () => {
    for (const { name, type, help } of FAMILIES) {
      expect(name).toMatch(/^jwtverify_[a-z_]+$/);
      expect(name.endsWith('_total'), name).toBe(type === 'counter');
      expect(help, name).toMatch(/^[A-Z][^\n\\]*\.$/);
    }
  });
});
