// Owns the frame around every page: head, navigation, security headers. Loads nothing but its own stylesheet.

import { routes } from '../routes.ts';
import { type Html, html } from './html.ts';

export interface Page {
  readonly title: string;
  readonly body: Html;
  /** Name of the person who is logged in, with the token that lets them log out. */
  readonly person?: { readonly name: string; readonly csrf: string } | undefined;
  /** Origin that a form of this page may end at after redirects; Chromium holds redirects to form-action too. */
  readonly formTarget?: string | undefined;
}

/** The whole document of a page. */
export function renderPage(page: Page): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.title} · Coupa simulator</title>
<link rel="stylesheet" href="${routes.stylesheet}">
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header>
<a class="brand" href="${routes.home}">Coupa simulator</a>
${page.person && navigation(page.person)}
</header>
<main id="content">
<h1>${page.title}</h1>
${page.body}
</main>
<footer>Simulated: nothing here reaches a real Coupa instance.</footer>
</body>
</html>
`.text;
}

function navigation(person: { name: string; csrf: string }): Html {
  return html`<nav aria-label="Setup">
<a href="${routes.clients}">Clients</a>
<a href="${routes.scopes}">Scopes</a>
<a href="${routes.device}">Device</a>
<form method="post" action="${routes.logout}">
${csrfField(person.csrf)}
<button class="link">Log out ${person.name}</button>
</form>
</nav>`;
}

export function csrfField(csrf: string): Html {
  return html`<input type="hidden" name="csrf" value="${csrf}">`;
}

/** A message above a form: what went wrong, read out by screen readers. */
export function alert(message: string | undefined): Html | undefined {
  return message === undefined ? undefined : html`<p class="alert" role="alert">${message}</p>`;
}

/** The headers of every page; secrets and codes are shown here, so nothing is cached, framed, or told to other sites. */
export function pageHeaders(formTarget?: string): Record<string, string> {
  return {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy': `default-src 'none'; style-src 'self'; form-action 'self'${formTarget ? ` ${formTarget}` : ''}; base-uri 'none'; frame-ancestors 'none'`,
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'referrer-policy': 'no-referrer',
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
  };
}
