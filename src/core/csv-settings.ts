// Owns what CSV looks like by the settings of the file snaps.
import type { JsonObject } from '../document/json.ts';

export interface CsvSettings {
  readonly delimiter: string;
  /** Empty when no character quotes. */
  readonly quote: string;
  readonly hasHeader: boolean;
  readonly columns: readonly string[] | undefined;
}

/** The CSV part of checked settings; RFC 4180 with a header where they say nothing. */
export function csvSettings(settings: JsonObject): CsvSettings {
  const { delimiter = ',', quote = '"', header = true, columns } = settings;
  return {
    delimiter: delimiter === 'tab' ? '\t' : String(delimiter),
    quote: quote === 'none' ? '' : String(quote),
    hasHeader: header !== false,
    columns: columns as readonly string[] | undefined,
  };
}
