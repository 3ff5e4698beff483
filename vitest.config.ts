import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** Files that take a minute or more, though they are small: begun last, one of them would run on alone at the end. */
const longFiles = [
  'docs/guides',
  'fault/run-kill',
  'fault/one-renewal',
  'scenario/drain',
  'scenario/account',
  'scenario/writes',
];

class LongFilesFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const isLong = ({ moduleId }: TestSpecification) => longFiles.some((name) => moduleId.includes(`/${name}.`));
    const sorted = await super.sort(files);
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))];
  }
}

export default defineConfig({
  test: {
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Many tests wait for processes and sockets: a third worker uses what two leave of two cores.
    maxWorkers: 3,
    sequence: { sequencer: LongFilesFirst },
    reporters: ['default', './scripts/count-reporter.ts'],
    projects: [
      { extends: true, test: { name: 'host', include: ['test/**/*.test.ts'], exclude: ['test/browser/**'] } },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          // The page is built once, and only when a browser test is asked for.
          globalSetup: ['test/support/build-page.ts'],
        },
      },
    ],
  },
});
