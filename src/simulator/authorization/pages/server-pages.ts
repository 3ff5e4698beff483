// Owns the pages that the authorization server asks for by itself: device code entry, device done, errors.

import type { KoaContextWithOIDC } from 'oidc-provider';
import { routes } from '../routes.ts';
import { html } from './html.ts';
import { alert, type Page, pageHeaders, renderPage } from './layout.ts';

/** Asks for the code that a device shows; entering it leads to login and consent. */
export function devicePage(ctx: KoaContextWithOIDC, _form?: string, error?: unknown, cause?: unknown): void {
  const secret = String(ctx.oidc.session?.state?.secret ?? '');
  const entered = String(ctx.oidc.params?.user_code ?? ctx.query.code ?? '');
  const body = html`${alert(error === undefined ? undefined : deviceProblem(cause))}
<p>Enter the code that your device or command line shows. You are asked to allow its access next.</p>
<form method="post" action="${routes.device}" class="card narrow">
<input type="hidden" name="xsrf" value="${secret}">
<input type="hidden" name="confirm" value="yes">
<label for="user_code">Code</label>
<input id="user_code" name="user_code" value="${entered}" autocomplete="off" autocapitalize="characters" spellcheck="false" required autofocus>
<div class="actions"><button class="primary">Continue</button></div>
</form>`;
  send(ctx, { title: 'Connect a device', body });
}

const deviceProblems: Readonly<Record<string, string>> = {
  NoCodeError: 'Enter the code first.',
  NotFoundError: 'There is no such code.',
  ExpiredError: 'This code has expired; start again on the device.',
  AlreadyUsedError: 'This code has been used already.',
  AbortedError: 'Access was denied. The device is told so.',
};

function deviceProblem(cause: unknown): string {
  const name = cause instanceof Error ? cause.constructor.name : '';
  return deviceProblems[name] ?? 'The code could not be used; enter it again.';
}

/** Tells the person that the device goes on by itself now. */
export function deviceDone(ctx: KoaContextWithOIDC): void {
  send(ctx, {
    title: 'Device connected',
    body: html`<p>Access is granted. You can close this page; the device goes on by itself.</p>`,
  });
}

/** An authorize request that cannot be answered by a redirect, said to the person in words. */
export function errorPage(
  ctx: KoaContextWithOIDC,
  out: { error: string; error_description?: string | undefined },
): void {
  const body = html`<p>The request could not be answered.</p>
<dl><dt>Error</dt><dd><code>${out.error}</code></dd>
${out.error_description !== undefined && html`<dt>Reason</dt><dd>${out.error_description}</dd>`}</dl>`;
  send(ctx, { title: 'Authorization error', body });
}

function send(ctx: KoaContextWithOIDC, page: Page): void {
  ctx.body = renderPage(page);
  ctx.set(pageHeaders());
}
