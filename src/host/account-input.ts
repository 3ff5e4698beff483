// Owns checking what a person fills into an account: texts become what the schema says, and secrets are told from settings.
import type { JsonObject, JsonValue } from '../document/json.ts';
import { ConfigurationError, type Fault } from '../errors.ts';
import { accountOrigin, type HostPermissions, type LoadedAccountType } from '../pack/index.ts';
import { secretFieldsOf } from './account-policy.ts';
import { accountNameLengthMax, isName, nameRule } from './names.ts';

/** A form as a person filled it in, or as it stands after a change. */
export interface AccountForm {
  readonly name: string;
  readonly type: string;
  /** Texts become what the schema says; values that are typed already stay. */
  readonly settings: JsonObject;
  readonly secrets: Readonly<Record<string, string>>;
}

/**
 * Checks a filled-in form and gives the settings in their types. Throws SNAP_USAGE for a secret among the settings,
 * SNAP_ACCOUNT_INVALID with all faults, and SNAP_HOST_NOT_ALLOWED. No message repeats a secret.
 */
export function checkAccountInput(
  type: LoadedAccountType,
  input: AccountForm,
  permissions: HostPermissions,
): JsonObject {
  const secretFields = secretFieldsOf(type.settingsSchema);
  refuseMisplaced(input, secretFields);
  refuseOpenPassword(type, input);
  const settings = typedSettings(type.settingsSchema, input.settings);
  const faults = type
    .checkSettings({ ...settings, ...input.secrets })
    .map((fault) => withoutSecrets(fault, Object.values(input.secrets)));
  if (!isName(input.name, accountNameLengthMax)) {
    faults.unshift({ pointer: '', message: `the name ${nameRule(accountNameLengthMax)}` });
  }
  if (faults.length > 0) throw invalid(input, faults);
  if (type.declaration.host !== undefined) accountOrigin(type.declaration, settings, permissions);
  return settings;
}

/** A password in the address would be stored in the open and shown to everybody. */
function refuseOpenPassword({ declaration: { database } }: LoadedAccountType, { settings }: AccountForm): void {
  const address = settings[database?.url ?? ''];
  if (
    database === undefined ||
    typeof address !== 'string' ||
    !/^[a-z]+:\/\/[^@/?#]*:[^@]*@|[?&]password=/iu.test(address)
  )
    return;
  throw new ConfigurationError('SNAP_USAGE', `"${database.url}" holds a password and was not taken.`, {
    reason: 'an address is stored in the open; the password is sealed on its own',
    resolution: `leave it out of the address, and write --secret ${database.password}=env:VARIABLE, file:PATH or -`,
  });
}

function refuseMisplaced(input: AccountForm, secretFields: readonly string[]): void {
  const open = Object.keys(input.settings).find((name) => secretFields.includes(name));
  if (open !== undefined) {
    throw new ConfigurationError('SNAP_USAGE', `"${open}" is a secret and was not taken.`, {
      reason: 'a secret is never taken from the command line, where other processes and the shell history can see it',
      resolution: `write --secret ${open}=env:VARIABLE, --secret ${open}=file:PATH or --secret ${open}=-`,
    });
  }
  const hidden = Object.keys(input.secrets).find((name) => !secretFields.includes(name));
  if (hidden !== undefined) {
    throw new ConfigurationError('SNAP_USAGE', `"${hidden}" is no secret of this account type.`, {
      reason: `its secrets are ${secretFields.join(', ') || 'none'}`,
      resolution: `give it with --set ${hidden}=...`,
    });
  }
}

function typedSettings(schema: JsonObject, values: JsonObject): JsonObject {
  const properties = (schema.properties ?? {}) as Record<string, JsonObject>;
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [
      name,
      typeof value === 'string' && Object.hasOwn(properties, name) ? typed(properties[name], value) : value,
    ]),
  );
}

/** A text that does not read as the type stays a text: the schema check then says what is valid. */
function typed(property: JsonObject | undefined, text: string): JsonValue {
  if (property?.type === 'boolean' && (text === 'true' || text === 'false')) return text === 'true';
  const isNumber = property?.type === 'integer' || property?.type === 'number';
  return isNumber && text.trim() !== '' && Number.isFinite(Number(text)) ? Number(text) : text;
}

function withoutSecrets(fault: Fault, secrets: readonly string[]): Fault {
  const isTelling = secrets.some((secret) => fault.message.includes(secret));
  return isTelling ? { ...fault, message: 'does not have the form that the account type asks for' } : fault;
}

function invalid(input: AccountForm, faults: readonly Fault[]): ConfigurationError {
  return new ConfigurationError('SNAP_ACCOUNT_INVALID', `The settings of account "${input.name}" were not taken.`, {
    reason: `they do not fit the account type ${input.type}`,
    resolution: 'correct the named settings',
    faults,
  });
}
