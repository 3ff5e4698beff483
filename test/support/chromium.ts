// Starts the machine's own Chromium for tests: no network of its own, and allowed to run as root.
import { type Browser, chromium } from 'playwright-core';

export function startChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });
}
