import { Args, Flags } from '@oclif/core';
import type { JsonObject, JsonValue } from '../../document/json.ts';
import { ConfigurationError } from '../../errors.ts';
import type { Suggestion, Suggestions } from '../../host/host.ts';
import { BaseCommand } from '../base-command.ts';
import { failureText } from '../failure.ts';
import { readPairs } from '../pairs.ts';
import { type Column, table } from '../table.ts';

export class SnapSuggest extends BaseCommand {
  static override summary = 'Suggest what may stand in a setting of a snap.';
  static override description =
    'SETTING is the path to it: resource, filters/0/field, filters/0/value, fields/2/supplier/0. What only the account knows is asked of --account.';
  static override examples = [
    'snaps snap suggest PACK.read filters/0/field --set resource=invoices --text updated',
    'snaps snap suggest PACK.action action --set resource=invoices',
    `snaps snap suggest PACK.read filters/0/value --set resource=invoices --set 'filters=[{"field":"status"}]'`,
  ];
  static override args = {
    id: Args.string({ description: 'id of the snap', required: true }),
    setting: Args.string({ description: 'path to the setting', required: true }),
  };
  static override flags = {
    set: Flags.string({
      description: 'a setting that is filled in already, name=value or name=JSON',
      multiple: true,
      multipleNonGreedy: true,
      default: [],
    }),
    account: Flags.string({ description: 'account to ask for what the pack cannot know' }),
    text: Flags.string({ description: 'only words that hold this text' }),
  };

  async run(): Promise<Suggestions> {
    const { args, flags } = await this.parse(SnapSuggest);
    const { account, text } = flags;
    const found = await this.withHost(flags, (host) =>
      host.suggest({
        snap: args.id,
        setting: args.setting,
        settings: settingsOf(readPairs('set', flags.set)),
        ...(account === undefined ? {} : { account }),
        ...(text === undefined ? {} : { text }),
      }),
    );
    const columns: Column<Suggestion>[] = [
      ['VALUE', ({ value }) => value],
      ['TITLE', ({ title = '' }) => title],
      ['DETAIL', ({ detail = '' }) => detail],
    ];
    const used = columns.filter(([, of], place) => place === 0 || found.values.some((value) => of(value) !== ''));
    if (found.values.length > 0) for (const line of table(found.values, used)) this.say(line);
    else if (found.problem === undefined) this.say('Nothing is suggested; anything may stand there.');
    if (found.more > 0) this.say(`and ${found.more} more; --text finds them`);
    if (found.problem !== undefined && !this.jsonEnabled()) process.stderr.write(failureText(found.problem));
    return found;
  }
}

/** A value that begins as a list or an object is meant as JSON; everything else is a text. */
function settingsOf(pairs: Readonly<Record<string, string>>): JsonObject {
  return Object.fromEntries(Object.entries(pairs).map(([name, text]) => [name, settingOf(name, text)]));
}

function settingOf(name: string, text: string): JsonValue {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as JsonValue;
  } catch {
    throw new ConfigurationError('SNAP_USAGE', `The setting "${name}" is not JSON.`, {
      reason: 'it begins as a list or an object and does not end as one',
      resolution: `write --set '${name}=[{"field":"status"}]', in quotes that keep the shell away`,
    });
  }
}
