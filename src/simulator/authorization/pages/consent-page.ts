// Owns the step between the authorize request and its answer: who is logged in, and Allow or Deny pressed by a person.

import type { InteractionResults, default as Provider } from 'oidc-provider';
import type { ClientRegistry } from '../clients.ts';
import type { AuthorizationOptions } from '../contract.ts';
import type { Counters } from '../counters.ts';
import { people } from '../people.ts';
import { routes } from '../routes.ts';
import { type Answer, message, type SiteRoute, type Visit } from '../site.ts';
import { html } from './html.ts';
import { csrfField } from './layout.ts';

export interface ConsentParts {
  readonly options: AuthorizationOptions;
  readonly clients: ClientRegistry;
  readonly counters: Counters;
  readonly provider: () => Promise<Provider>;
}

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>;

export function consentRoutes(parts: ConsentParts): readonly SiteRoute[] {
  const path = `${routes.interactions}/:id`;
  return [
    { method: 'GET', path, isOpen: parts.options.autoConsent === true, answer: (visit) => ask(parts, visit) },
    { method: 'POST', path, answer: (visit) => decide(parts, visit) },
  ];
}

async function ask(parts: ConsentParts, visit: Visit): Promise<Answer> {
  const provider = await parts.provider();
  const interaction = await find(provider, visit);
  if (!interaction) return expired();
  const login = visit.session.person?.login ?? people[0].login;
  if (interaction.prompt.name === 'login' || interaction.session?.accountId !== login) {
    return finish(provider, visit, { login: { accountId: login } });
  }
  if (parts.options.autoConsent) return allow(parts, visit, interaction);
  return consentForm(parts, visit, interaction);
}

async function decide(parts: ConsentParts, visit: Visit): Promise<Answer> {
  const provider = await parts.provider();
  const interaction = await find(provider, visit);
  if (interaction?.prompt.name !== 'consent' || interaction.session?.accountId !== visit.session.person?.login) {
    return expired();
  }
  if (visit.form.get('decision') === 'allow') return allow(parts, visit, interaction);
  return finish(provider, visit, { error: 'access_denied', error_description: 'The person denied access' });
}

/** Writes down what was allowed. Each consent makes a grant of its own, so that an older one lives on untouched. */
async function allow(parts: ConsentParts, visit: Visit, interaction: Interaction): Promise<Answer> {
  const provider = await parts.provider();
  const grant = new provider.Grant({
    accountId: interaction.session?.accountId ?? people[0].login,
    clientId: String(interaction.params.client_id),
  });
  const scope = String(interaction.params.scope ?? '');
  grant.addOIDCScope(scope);
  grant.addResourceScope(`${parts.options.issuer()}/api`, scope);
  const grantId = await grant.save();
  parts.counters.countAuthorization();
  return finish(provider, visit, { consent: { grantId } });
}

function consentForm(parts: ConsentParts, visit: Visit, interaction: Interaction): Answer {
  const client = parts.clients.find(String(interaction.params.client_id));
  const scopes = String(interaction.params.scope ?? '')
    .split(' ')
    .filter(Boolean);
  const redirectUri = interaction.params.redirect_uri;
  const target = typeof redirectUri === 'string' ? URL.parse(redirectUri) : null;
  const body = html`<form method="post" action="${routes.interactions}/${visit.id}" class="card">
${csrfField(visit.session.csrf)}
<p><strong>${client?.name ?? 'An unknown client'}</strong> asks to act for <strong>${visit.session.person?.name ?? ''}</strong> with these scopes:</p>
<ul>${scopes.map((scope) => html`<li><code>${scope}</code>${scope === 'offline_access' && html` (stay connected without you)`}</li>`)}</ul>
<p class="hint">${target ? `Afterwards you are sent back to ${target.host}.` : 'Afterwards your device goes on by itself.'}</p>
<div class="actions">
<button class="primary" name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Deny</button>
</div>
</form>`;
  return { page: { title: 'Authorize access', body, formTarget: target?.origin } };
}

async function find(provider: Provider, visit: Visit): Promise<Interaction | undefined> {
  try {
    const interaction = await provider.interactionDetails(visit.req, visit.res);
    return interaction.uid === visit.id ? interaction : undefined;
  } catch (error) {
    // SessionNotFound is how the server says that the request is over, or that it was begun in another browser.
    if (error instanceof Error && error.name === 'SessionNotFound') return undefined;
    throw error;
  }
}

async function finish(provider: Provider, visit: Visit, result: InteractionResults): Promise<Answer> {
  const location = await provider.interactionResult(visit.req, visit.res, result);
  return { location };
}

function expired(): Answer {
  return message(
    400,
    'Authorization expired',
    'This authorization is over or belongs to another browser. Start again where you came from.',
  );
}
