// A person's browser without a screen: keeps cookies by path, follows redirects one at a time, fills and sends forms.

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly path: string;
}

export interface Seen {
  readonly status: number;
  readonly url: string;
  readonly headers: Headers;
  readonly text: string;
}

const redirectsMax = 15;

export class Browser {
  #cookies: Cookie[] = [];
  /** Every address this browser was sent to, in order. */
  readonly visited: string[] = [];

  /** Opens an address and follows redirects until a page, or until an address that `stopAt` starts with, which is not loaded. */
  async open(address: string, options: { stopAt?: string; form?: URLSearchParams } = {}): Promise<Seen> {
    let url = address;
    let form = options.form;
    for (let redirects = 0; redirects < redirectsMax; redirects += 1) {
      this.visited.push(url);
      if (options.stopAt && url.startsWith(options.stopAt)) return { status: 0, url, headers: new Headers(), text: '' };
      const answer = await fetch(url, {
        method: form ? 'POST' : 'GET',
        headers: { accept: 'text/html', cookie: this.#cookiesFor(url) },
        redirect: 'manual',
        ...(form ? { body: form } : {}),
      });
      this.#keep(answer, url);
      const text = await answer.text();
      const location = answer.headers.get('location');
      if (answer.status < 300 || answer.status > 399 || !location) {
        return { status: answer.status, url, headers: answer.headers, text };
      }
      url = new URL(location, url).href;
      form = undefined;
    }
    throw new Error(`more than ${redirectsMax} redirects from ${address}`);
  }

  /** Sends the form of a page whose action ends in `action` (the only one when not said), with its hidden fields and these. */
  async submit(
    seen: Seen,
    fields: Readonly<Record<string, string | readonly string[]>>,
    options: { stopAt?: string; action?: string } = {},
  ): Promise<Seen> {
    const form = formsOf(seen.text).find(
      (each) => each.action.endsWith(options.action ?? each.action) && !each.isLogout,
    );
    if (!form) throw new Error(`no form ${options.action ?? ''} on ${seen.url}: ${seen.text}`);
    const body = new URLSearchParams(form.hidden);
    for (const [name, value] of Object.entries(fields)) {
      body.delete(name);
      for (const each of typeof value === 'string' ? [value] : value) body.append(name, each);
    }
    return await this.open(new URL(form.action, seen.url).href, { ...options, form: body });
  }

  #cookiesFor(url: string): string {
    const { pathname } = new URL(url);
    return this.#cookies
      .filter(({ path }) => pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`))
      .map(({ name, value }) => `${name}=${value}`)
      .join('; ');
  }

  #keep(answer: Response, url: string): void {
    for (const line of answer.headers.getSetCookie()) {
      const [pair = '', ...attributes] = line.split('; ');
      const [name = '', value = ''] = pair.split(/=(.*)/su);
      const attribute = (wanted: string) =>
        attributes.find((each) => each.toLowerCase().startsWith(`${wanted}=`))?.slice(wanted.length + 1);
      const path = attribute('path') ?? new URL(url).pathname;
      this.#cookies = this.#cookies.filter((each) => each.name !== name || each.path !== path);
      const isOver = attribute('max-age') === '0' || Date.parse(attribute('expires') ?? '9999') < Date.now();
      if (!isOver) this.#cookies.push({ name, value, path });
    }
  }
}

interface Form {
  readonly action: string;
  readonly hidden: [string, string][];
  readonly isLogout: boolean;
}

function formsOf(page: string): Form[] {
  return [...page.matchAll(/<form[^>]*action="([^"]*)"[^>]*>(.*?)<\/form>/gsu)].map(([, action = '', inside = '']) => ({
    action: unescapeHtml(action),
    hidden: [...inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/gu)].map(
      ([, name = '', value = '']): [string, string] => [name, unescapeHtml(value)],
    ),
    isLogout: action === '/logout',
  }));
}

function unescapeHtml(text: string): string {
  return text
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&');
}
