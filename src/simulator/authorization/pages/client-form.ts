// Owns the form that registers a client: its fields, their labels and the faults beside them.

import type { Fault } from '../../../errors.ts';
import { grantTitles } from '../clients.ts';
import type { ClientRegistration, GrantType } from '../contract.ts';
import { routes } from '../routes.ts';
import { type Html, html } from './html.ts';
import { alert, csrfField } from './layout.ts';

/** What a form page needs: the scopes on offer, the values to show again and the faults to show beside them. */
export interface ClientFormView {
  readonly csrf: string;
  readonly scopeNames: readonly string[];
  readonly values?: ClientRegistration;
  readonly faults?: readonly Fault[];
}

export function clientForm(view: ClientFormView): Html {
  const { values, faults = [] } = view;
  return html`${alert(faults.length === 0 ? undefined : 'The client was not saved. Mend the marked fields.')}
<form method="post" action="${routes.clients}" class="card">
${csrfField(view.csrf)}
<label for="grantType">Grant type</label>
<select id="grantType" name="grantType">${Object.entries(grantTitles).map(
    ([value, title]) =>
      html`<option value="${value}"${values?.grantType === value && html` selected`}>${title}</option>`,
  )}</select>
${textField(view, { name: 'name', label: 'Name' })}
${textField(view, { name: 'login', label: 'Login', hint: 'The API user the client acts as; unique for client credentials.' })}
${textField(view, { name: 'contactFirstName', label: 'Contact first name' })}
${textField(view, { name: 'contactLastName', label: 'Contact last name' })}
${textField(view, { name: 'contactEmail', label: 'Contact email' })}
<div class="only-code">
<label for="redirectUris">Redirect URIs</label>
<textarea id="redirectUris" name="redirectUris" rows="3" spellcheck="false"${marks('redirectUris', faults)}>${(values?.redirectUris ?? []).join('\n')}</textarea>
${faultTexts('redirectUris', faults)}
<p class="hint">One a line, exactly as the application shows it.</p>
<label class="choice"><input type="checkbox" name="isPublic" value="true"${values?.isPublic && html` checked`}>No secret: the client proves itself by PKCE alone</label>
${faultTexts('isPublic', faults)}
</div>
${scopeChoice(view.scopeNames, values?.scopes ?? [], faults)}
<div class="actions"><button class="primary">Save</button><a class="button" href="${routes.clients}">Cancel</a></div>
</form>`;
}

/** The check boxes of all scopes, with the chosen ones marked. */
export function scopeChoice(names: readonly string[], chosen: readonly string[], faults: readonly Fault[]): Html {
  return html`<fieldset${marks('scopes', faults)}><legend>Scopes</legend>
${faultTexts('scopes', faults)}
<div class="grid">${names.map(
    (name) =>
      html`<label class="choice"><input type="checkbox" name="scopes" value="${name}"${chosen.includes(name) && html` checked`}>${name}</label>`,
  )}</div></fieldset>`;
}

/** The registration that a posted form asks for. */
export function registrationOf(form: URLSearchParams): ClientRegistration {
  const text = (name: string): string => (form.get(name) ?? '').trim();
  const grantType = text('grantType');
  const isCode = grantType === 'authorization_code';
  return {
    grantType: isGrantType(grantType) ? grantType : 'client_credentials',
    name: text('name'),
    login: text('login'),
    contactFirstName: text('contactFirstName'),
    contactLastName: text('contactLastName'),
    contactEmail: text('contactEmail'),
    redirectUris: isCode ? text('redirectUris').split(/\s+/u).filter(Boolean) : [],
    isPublic: isCode && form.get('isPublic') === 'true',
    scopes: form.getAll('scopes'),
  };
}

function isGrantType(text: string): text is GrantType {
  return Object.hasOwn(grantTitles, text);
}

interface TextField {
  readonly name: 'name' | 'login' | 'contactFirstName' | 'contactLastName' | 'contactEmail';
  readonly label: string;
  readonly hint?: string;
}

function textField(view: ClientFormView, field: TextField): Html {
  const faults = view.faults ?? [];
  return html`<label for="${field.name}">${field.label}</label>
<input id="${field.name}" name="${field.name}" value="${view.values?.[field.name] ?? ''}" autocomplete="off"${marks(field.name, faults)}>
${faultTexts(field.name, faults)}${field.hint !== undefined && html`<p class="hint">${field.hint}</p>`}`;
}

function faultsAt(name: string, faults: readonly Fault[]): readonly Fault[] {
  return faults.filter((fault) => fault.pointer === `/${name}`);
}

function marks(name: string, faults: readonly Fault[]): Html | undefined {
  return faultsAt(name, faults).length === 0 ? undefined : html` aria-invalid="true" aria-describedby="${name}-error"`;
}

function faultTexts(name: string, faults: readonly Fault[]): Html | undefined {
  const found = faultsAt(name, faults);
  if (found.length === 0) return undefined;
  return html`<div id="${name}-error">${found.map((fault) => html`<p class="error">${fault.message}</p>`)}</div>`;
}
