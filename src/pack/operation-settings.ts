// Owns which settings an operation reads.
import type { Operation } from '../generated/host/manifest.ts';

/** The names of all settings that an operation reads, besides the resource. */
export function settingsOf(operation: Operation): string[] {
  return [
    ...Object.values(operation.query).map((parameter) => parameter.setting),
    ...[operation.idSetting, operation.filters?.setting, operation.order?.setting, operation.limitSetting],
    ...modeSettings(operation),
    ...Object.values(operation.ask?.body ?? {}),
    ...[operation.file?.pathSetting, operation.parentsSetting, operation.actionSetting, ...writeSettings(operation)],
    ...uploadSettings(operation),
  ].filter((name) => name !== undefined);
}

function modeSettings({ modes }: Operation): (string | undefined)[] {
  const { incremental } = modes ?? {};
  return [modes?.setting, incremental?.cursorSetting, incremental?.startSetting, incremental?.lagSetting];
}

function writeSettings({ write, request }: Operation): (string | undefined)[] {
  return [
    ...[write?.bodySetting, write?.check?.setting, write?.key?.setting, write?.quiet?.setting],
    ...[request?.methodSetting, request?.pathSetting, request?.querySetting, request?.repeatableSetting],
  ];
}

function uploadSettings({ upload }: Operation): (string | undefined)[] {
  return [
    ...[upload?.pathSetting, upload?.contentSetting, upload?.nameSetting, upload?.contentTypeSetting],
    ...[upload?.fieldSetting, upload?.existing?.setting],
    ...Object.values(upload?.fields ?? {}).map(({ setting }) => setting),
  ];
}
