// Owns saying the next step in the words of the page: the host names commands, and nobody here has a terminal.

/** A piece of advice: plain words, or words that lead to the page where the step is done. */
export type Guidance = string | { readonly words: string; readonly to: readonly string[] };

interface Step {
  readonly command: RegExp;
  /** What stands for `run "COMMAND"`, and for the command alone. */
  readonly verb: (groups: Groups) => string;
  readonly noun: (groups: Groups) => string;
  /** Undefined where the command leaves open which run: its page is most often the one that shows the words. */
  readonly to: (groups: Groups) => readonly string[] | undefined;
}

type Groups = Readonly<Record<string, string>>;

const account = ({ name = '' }: Groups): readonly string[] => ['accounts', name];
const run = ({ id = '' }: Groups): readonly string[] | undefined => (id === 'RUN' ? undefined : ['runs', id]);

/** Commands by what they do; the first that fits counts. */
const steps: readonly Step[] = [
  {
    command: /^snaps account authorize (?<name>[^ ]+)/u,
    verb: ({ name }) => `authorize account ${name}`,
    noun: ({ name }) => `authorize account ${name}`,
    to: account,
  },
  {
    command: /^snaps account test (?<name>[^ ]+)/u,
    verb: ({ name }) => `test account ${name}`,
    noun: ({ name }) => `the test of account ${name}`,
    to: account,
  },
  {
    command: /^snaps account update (?<name>[^ ]+)/u,
    verb: ({ name }) => `change account ${name}`,
    noun: ({ name }) => `the settings of account ${name}`,
    to: account,
  },
  {
    command: /^snaps account add\b/u,
    verb: () => 'add it',
    noun: () => 'Add an account',
    to: () => ['add-account'],
  },
  {
    command: /^snaps account list\b/u,
    verb: () => 'look at the accounts',
    noun: () => 'the accounts',
    to: () => ['accounts'],
  },
  {
    command: /^snaps (?:snap|resource) list\b/u,
    verb: () => 'look at the catalog',
    noun: () => 'the catalog',
    to: () => ['catalog'],
  },
  {
    command: /^snaps resource show\b/u,
    verb: () => 'look into the catalog',
    noun: () => 'the catalog',
    to: () => ['catalog'],
  },
  {
    command: /^snaps pipeline check\b/u,
    verb: () => 'press Check',
    noun: () => 'Check',
    to: () => ['designer'],
  },
  {
    command: /^snaps runs decide (?<id>[^ ]+)/u,
    verb: () => 'go to "Undecided writes" of the run',
    noun: () => '"Undecided writes" on the page of the run',
    to: run,
  },
  {
    command: /^snaps runs (?:show|errors|undecided|logs) (?<id>[^ ]+)/u,
    verb: () => 'look at the run',
    noun: () => 'the page of the run',
    to: run,
  },
  {
    command: /^snaps runs replay (?<id>[^ ]+)/u,
    verb: () => 'send it back in from "Errors" of the run',
    noun: () => 'send it back in from "Errors" of the run',
    to: run,
  },
  { command: /^snaps runs list\b/u, verb: () => 'look at the runs', noun: () => 'the runs', to: () => ['runs'] },
  {
    command: /^snaps run FILE --resume\b/u,
    verb: () => 'press Resume on the run',
    noun: () => 'Resume on the page of the run',
    to: () => undefined,
  },
  {
    command: /^snaps schedule (?:list|change|pause|resume|remove)\b/u,
    verb: () => 'look at the schedules',
    noun: () => 'the schedules',
    to: () => ['schedules'],
  },
];

const quoted = /(?<run>\brun )?"(?<command>snaps [^"]+)"(?: on the pipeline)?(?: or "--[^"]+")?/gu;

/** Advice of the host with its commands told as steps of the page; a command that no page has stays as it is. */
export function guidanceOf(advice: string): readonly Guidance[] {
  const parts: Guidance[] = [];
  let end = 0;
  for (const match of advice.matchAll(quoted)) {
    const { run: verb, command = '' } = match.groups ?? {};
    const step = stepOf(command, verb !== undefined);
    if (step === undefined) continue;
    parts.push(advice.slice(end, match.index), step);
    end = match.index + match[0].length;
  }
  return [...parts, advice.slice(end)].filter((part) => part !== '');
}

function stepOf(command: string, isVerb: boolean): Guidance | undefined {
  for (const { command: pattern, verb, noun, to } of steps) {
    const groups = pattern.exec(command);
    if (groups === null) continue;
    const words = (isVerb ? verb : noun)(groups.groups ?? {});
    const place = to(groups.groups ?? {});
    return place === undefined ? words : { words, to: place };
  }
  return undefined;
}
