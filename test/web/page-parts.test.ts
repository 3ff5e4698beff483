import type { RJSFSchema } from '@rjsf/utils';
import { describe, expect, it } from 'vitest';
import { parseEvent } from '../../web/src/event-stream.ts';
import { extraErrors } from '../../web/src/form/extra-errors.ts';
import { keptText, pickedText } from '../../web/src/form/moment-picker.tsx';
import { formValidator } from '../../web/src/form/validator.ts';
import { formatBytes, formatDuration } from '../../web/src/format.ts';
import { problemOf } from '../../web/src/problem.ts';

describe('parseEvent', () => {
  it('reads id, type and data, and joins lines of data', () => {
    expect(parseEvent('id: 7\nevent: progress\ndata: {"a":\ndata: 1}')).toEqual({
      id: '7',
      type: 'progress',
      data: '{"a":\n1}',
    });
  });

  it('passes over comments that keep the connection open', () => {
    expect(parseEvent(': still here')).toBeUndefined();
  });

  it('gives an event without data when it has a type', () => {
    expect(parseEvent('event: end')).toEqual({ id: '', type: 'end', data: '' });
  });
});

describe('extraErrors', () => {
  it('puts faults beside the fields that their pointers name', () => {
    expect(
      extraErrors([
        { pointer: '/filters/0/field', message: 'is unknown' },
        { pointer: '', message: 'is incomplete' },
        { pointer: '/a~1b', message: 'is wrong' },
      ]),
    ).toEqual({
      __errors: ['is incomplete'],
      filters: { 0: { field: { __errors: ['is unknown'] } } },
      'a/b': { __errors: ['is wrong'] },
    });
  });
});

describe('problemOf', () => {
  it('says that the host is gone when a part of the page itself cannot be fetched', () => {
    for (const words of [
      'Unable to preload CSS for /assets/a.css',
      'Failed to fetch dynamically imported module: /a.js',
    ])
      expect(problemOf(new TypeError(words))).toMatchObject({
        code: 'SNAP_UNREACHABLE',
        message: 'The host does not answer.',
      });
    expect(problemOf(new TypeError('x is not a function')).code).toBe('SNAP_INTERNAL');
  });
});

describe('a picked moment', () => {
  it('is kept in UTC and shown again as it was picked; a day is kept as it is', () => {
    for (const picked of ['2026-01-31T08:30', '2026-07-01T23:59:07'])
      expect(pickedText('date-time', keptText('date-time', picked))).toBe(picked);
    expect(keptText('date-time', '2026-01-31T08:30')).toMatch(/^2026-01-3[01]T\d\d:30:00Z$/u);
    expect(pickedText('date', keptText('date', '2026-01-31'))).toBe('2026-01-31');
  });

  it('leaves typed text alone that is no whole moment', () => {
    for (const text of ['', '2026', '2026-01-31', '2026-01-31T08:30', 'yesterday'])
      expect(pickedText('date-time', text)).toBe('');
  });
});

describe('the form validator', () => {
  const schema: RJSFSchema = JSON.parse(`{
    "type": "object",
    "required": ["host"],
    "properties": { "host": { "type": "string" }, "grant": { "type": "string" }, "secret": { "type": "string" } },
    "allOf": [
      { "if": { "properties": { "grant": { "const": "a" } }, "required": ["grant"] }, "then": { "required": ["secret"] } }
    ]
  }`);

  it('says which field is needed, also by a condition, without generated code', () => {
    const { errors } = formValidator.validateFormData({ grant: 'a' }, schema);
    expect(errors.map(({ property, message }) => `${property} ${message}`).toSorted()).toEqual([
      '.host is needed',
      '.secret is needed',
    ]);
  });

  it('finds nothing in a whole form', () => {
    expect(formValidator.validateFormData({ host: 'acme' }, schema).errors).toEqual([]);
  });
});

describe('formats', () => {
  it('reads durations and sizes as a person would', () => {
    expect([12, 1500, 75_000, 3_720_000].map(formatDuration)).toEqual(['12 ms', '1.5 s', '1 min 15 s', '1 h 02 min']);
    expect([999, 1500, 2_500_000].map(formatBytes)).toEqual(['999 B', '1.5 KB', '2.5 MB']);
  });
});
