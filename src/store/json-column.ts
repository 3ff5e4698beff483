// Owns the JSON text columns: structures go in and out whole, with every digit of documents that stand in them.
import { parseExact } from '../document/exact-json.ts';
import type { JsonObject } from '../document/json.ts';
import type { RunPoint } from './run-point-contract.ts';

/** Writes a structure for a text column. */
export const toText = (value: unknown): string => JSON.stringify(value);

/** Reads one object; the store wrote it, so its shape is not checked again. */
export const toObject = (text: string): JsonObject => parseExact(text) as JsonObject;

export const toObjects = (text: string): readonly JsonObject[] => parseExact(text) as unknown as readonly JsonObject[];

export const toPoints = (text: string): readonly RunPoint[] => JSON.parse(text) as readonly RunPoint[];

export const toStrings = (text: string): readonly string[] => JSON.parse(text) as readonly string[];

export const toSealedFields = (text: string): Readonly<Record<string, string>> =>
  JSON.parse(text) as Readonly<Record<string, string>>;
