// Writes docs/errors.md from the one table of error codes.
import { writeFileSync } from 'node:fs';
import { errorTable } from '../src/errors.ts';

const actors = {
  configuration: 'You set something up that does not fit; change it and try again.',
  data: 'One document is at fault; the error policy of its snap decides whether the others go on.',
  execution: 'The far side or the host failed; the same attempt may succeed later.',
} as const;

const sections = Object.entries(actors).map(([actor, meaning]) => {
  const rows = Object.entries(errorTable)
    .filter(([, row]) => row.actor === actor)
    .map(([code, row]) => `| \`${code}\` | ${row.means} | ${row.exitCode} |`);
  return `## ${actor}\n\n${meaning}\n\n| code | means | exit code |\n|---|---|---|\n${rows.join('\n')}\n`;
});

writeFileSync(
  'docs/errors.md',
  `# Error codes\n\nEvery failure carries a code, what happened, the reason and the next step; \`--json\`, the HTTP API and error documents use the same keys.\nThis page is written by \`node scripts/error-docs.ts\` from \`src/errors.ts\`.\n\n${sections.join('\n')}`,
);
