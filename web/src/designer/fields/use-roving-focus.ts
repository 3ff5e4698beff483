// Owns walking a long list by arrow keys: Tab enters it at one place and leaves it at the next press, however long it is.
import { type KeyboardEvent, type RefObject, useEffect, useRef } from 'react';

interface RovingFocus<Root extends HTMLElement> {
  readonly ref: RefObject<Root | null>;
  readonly onFocus: (event: { readonly target: EventTarget }) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/** For a list whose stops all have tabIndex -1: the one that had the focus last, or the first, can be reached by Tab. */
export function useRovingFocus<Root extends HTMLElement>(stops: string): RovingFocus<Root> {
  const ref = useRef<Root>(null);
  const last = useRef<HTMLElement>(undefined);
  const seen = (): readonly HTMLElement[] =>
    [...(ref.current?.querySelectorAll<HTMLElement>(stops) ?? [])].filter(({ offsetParent }) => offsetParent !== null);
  const enterAt = (stop: HTMLElement | undefined): void => {
    if (last.current !== undefined && last.current !== stop) last.current.tabIndex = -1;
    if (stop !== undefined) stop.tabIndex = 0;
    last.current = stop;
  };
  useEffect(() => {
    const all = seen();
    enterAt(all.find((stop) => stop === last.current) ?? all[0]);
  });
  return {
    ref,
    onFocus: ({ target }) => {
      if (target instanceof HTMLElement && target.matches(stops)) enterAt(target);
    },
    onKeyDown: (event) => {
      const all = seen();
      const at = all.indexOf(event.target as HTMLElement);
      if (at < 0) return;
      const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: all.length - 1 }[event.key];
      if (to === undefined) return;
      event.preventDefault();
      all[Math.max(0, Math.min(to, all.length - 1))]?.focus();
    },
  };
}
