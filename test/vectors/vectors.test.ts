// The vectors themselves: well-formed, of one kind with their schema, each topic there, each reason shown.
import { readdirSync, readFileSync } from 'node:fs';
import Ajv from 'ajv';
import { describe, expect, test } from 'vitest';
import { listRefusals } from '../../src/answer/reason';
import { listTopicFiles, readGroups, readTopics } from './load';
import { readPaths, readPolicyTopics } from './policies';

const REFUSALS = listRefusals();

/** Each generator makes the topic of its own name. */
const TOPICS = readdirSync(new URL('generate/topics/', import.meta.url))
  .sort()
  .map((file) => file.replace(/\.mjs$/, ''));

const read = (name: string): unknown => JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8')) as unknown;
const validate = new Ajv({ allErrors: true }).compile(read('vector.schema.json') as object);
const validateSettings = new Ajv({ allErrors: true }).compile(read('settings.schema.json') as object);

const topics = readTopics();
const vectors = topics.flatMap((topic) => topic.vectors);
const groups = readGroups();

describe('vectors', () => {
  test('each generator has written its topic, in a file of its name', () => {
    expect(listTopicFiles()).toEqual(TOPICS.map((topic) => `${topic}.json`));
    expect(topics.map(({ topic }) => topic)).toEqual(TOPICS);
  });

  test.each(listTopicFiles())('%s is as its schema says', (name) => {
    void validate(read(name));
    expect(validate.errors).toBeNull();
  });

  test('settings.json is as its schema says', () => {
    void validateSettings(read('settings.json'));
    expect(validateSettings.errors).toBeNull();
  });

  test('the schema refuses an answer that contradicts itself', () => {
    const [first] = topics;
    const [vector] = first?.vectors ?? [];
    const changed = { ...vector, expected: { ...vector?.expected, allowed: false } };
    expect(validate({ ...first, vectors: [vector] })).toBe(true);
    expect(validate({ ...first, vectors: [changed] })).toBe(false);
  });

  test('no id occurs twice', () => {
    const ids = vectors.map(({ id }) => id);
    expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
  });

  test('there are 250 at the least, and each kind of answer among them', () => {
    expect(vectors.length).toBeGreaterThanOrEqual(250);
    expect(vectors.filter(({ expected }) => expected.allowed).length).toBeGreaterThanOrEqual(100);
    expect(vectors.filter(({ expected }) => !expected.allowed).length).toBeGreaterThanOrEqual(250);
  });

  test('every reason that a request can bring about is expected of some vector', () => {
    // These take an engine that lacks an algorithm or time, an issuer or operator who is asked or is gone, or code of this product that is wrong.
    const elsewhere = [
      'algorithm_unavailable',
      'budget_exhausted',
      'keys_unavailable',
      'keys_stale',
      'token_revoked',
      'token_inactive',
      'introspection_unavailable',
      'internal_error',
      // Only a browser that signed in has a session.
      'session_invalid',
      'session_expired',
      // Only HAProxy has bodies.
      'form_incomplete',
      // Only a gateway that asks can leave the method out.
      'method_missing',
    ];
    const requests = readPolicyTopics().flatMap((topic) => topic.requests);
    const shown = new Set([
      ...vectors.map(({ expected }) => expected.reason),
      ...requests.map(({ expected }) => expected.reason),
      ...readPaths().map(({ expected }) => ('reason' in expected ? expected.reason : '')),
      ...elsewhere,
    ]);
    expect(Object.keys(REFUSALS).filter((reason) => !shown.has(reason))).toEqual([]);
  });

  test('every group of settings is used, and broken ones expect nothing but `settings_invalid`', () => {
    const used = new Set(vectors.map(({ settings }) => settings));
    expect([...used].sort()).toEqual(Object.keys(groups).sort());
    const broken = vectors.filter(({ settings }) => groups[settings]?.broken === true);
    expect(new Set(broken.map(({ expected }) => expected.reason))).toEqual(new Set(['settings_invalid']));
  });
});
