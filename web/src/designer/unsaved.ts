// Owns what is on a canvas and not saved yet: it outlives leaving the page and loading it again, in this window only.
import type { Draft } from './model/pipeline.ts';

const keyOf = (name: string): string => `snaps-unsaved ${name}`;

export function keepUnsaved(name: string, draft: Draft): void {
  try {
    sessionStorage.setItem(keyOf(name), JSON.stringify(draft));
  } catch {
    // The window's storage is full: the canvas still holds the draft, and saving it to the host still works.
  }
}

export function unsavedDraft(name: string): Draft | undefined {
  const text = sessionStorage.getItem(keyOf(name));
  return text === null ? undefined : (JSON.parse(text) as Draft);
}

export function forgetUnsaved(name: string): void {
  sessionStorage.removeItem(keyOf(name));
}
