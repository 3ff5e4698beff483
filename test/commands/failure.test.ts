import { describe, expect, it } from 'vitest';
import { failureText, printable } from '../../src/commands/failure.ts';
import { ConfigurationError } from '../../src/errors.ts';

describe('failureText', () => {
  it('prints error, code, faults with places, reason and next step, in this order', () => {
    const error = new ConfigurationError('SNAP_PIPELINE_INVALID', 'The pipeline p is not sound.', {
      reason: 'it has two faults',
      resolution: 'correct them',
      faults: [
        { pointer: '/snaps/0/snap', message: 'must be a known snap' },
        { pointer: '', message: 'must have links' },
      ],
    });
    expect(failureText(error.toJSON())).toBe(
      [
        'Error: The pipeline p is not sound.',
        'Code: SNAP_PIPELINE_INVALID',
        '  /snaps/0/snap: must be a known snap',
        '  (whole file): must have links',
        'Reason: it has two faults',
        'Try this: correct them',
        '',
      ].join('\n'),
    );
  });
});

describe('printable', () => {
  it('takes terminal escape codes out and keeps lines and tabs', () => {
    expect(printable('a\u001b[31mred\u0007\n\tb\u009b0m')).toBe('a [31mred \n\tb 0m');
  });
});
