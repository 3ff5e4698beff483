// A host on a simulated tenant with its page in a browser, for the tests of one file. Nothing that a page does may reach another place, break the policy or throw.
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import type { SimulatorOptions } from '../../src/simulator/index.ts';
import { startWebHost, type WebHost } from './web-host.ts';

export interface HostPage {
  readonly web: WebHost;
  readonly page: Page;
}

/** Opens the page of a host with the account `tenant` before the tests of a file, and closes both behind them. */
export function openHostPage(simulated: Partial<SimulatorOptions>, take: (opened: HostPage) => void): void {
  let web: WebHost;
  beforeAll(async () => {
    web = await startWebHost(simulated);
    await web.addAccount('tenant');
    take({ web, page: await web.open() });
  });
  afterAll(() => web.close());
  afterEach(() => expect(web.flaws).toEqual([]));
}
