// Owns the page a person lands on after an authorization. Text only; it shows no query, no code and loads nothing foreign.
import { createHash } from 'node:crypto';

/** Longest text shown, in characters: words of the far side are in it. */
const textLengthMax = 500;

export interface ResultText {
  readonly title: string;
  readonly text: string;
  /** The next step, when there is one. */
  readonly next?: string;
}

const css = `:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { margin: 15vh auto 0; max-width: 32rem; padding: 0 1rem; }
h1 { font-size: 1.4rem; } p { overflow-wrap: anywhere; }`;

/** Allows that style and nothing else. */
export const resultPagePolicy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(css).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;

/** The headers of every answer around a callback: nothing of it is kept, told on or framed. */
export const resultHeaders: Readonly<Record<string, string>> = {
  'cache-control': 'no-store',
  'content-security-policy': resultPagePolicy,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
};

/** The page as HTML; every text is escaped and bounded. */
export function resultPage({ title, text, next }: ResultText): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>${shown(title)}</title><style>${css}</style></head>
<body><main><h1>${shown(title)}</h1><p>${shown(text)}</p>${next === undefined ? '' : `<p>${shown(next)}</p>`}</main></body>
</html>
`;
}

/** The words for an authorization that failed for this reason. */
export function refusedPage(reason: string): ResultText {
  return {
    title: 'Not authorized',
    text: `Nothing was changed: ${reason}.`,
    next: 'You can close this page and begin again where you came from.',
  };
}

function shown(text: string): string {
  const bounded = text.length > textLengthMax ? `${text.slice(0, textLengthMax - 1)}…` : text;
  return bounded
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
