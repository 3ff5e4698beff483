// Shows how a run goes on one line of a terminal, with rate and time left; off a terminal it writes nothing.
import type { WriteStream } from 'node:tty';
import type { RunProgress } from '../host/host.ts';

const clearLine = '\r\u001b[2K';

export class ProgressLine {
  readonly #stream: WriteStream;
  #isShown = false;

  constructor(stream: WriteStream) {
    this.#stream = stream;
  }

  show(progress: RunProgress): void {
    if (!this.#stream.isTTY) return;
    this.#isShown = true;
    this.#stream.write(`${clearLine}${progressText(progress).slice(0, this.#stream.columns - 1)}`);
  }

  /** Takes the line away, so that what follows stands alone. */
  end(): void {
    if (this.#isShown) this.#stream.write(clearLine);
    this.#isShown = false;
  }
}

/** `12,300 of 40,000 documents, 1,240/s, 22 s left`. Time left is guessed from the average rate so far. */
export function progressText({ read, errors, expected, elapsedMs }: RunProgress): string {
  const perSecond = elapsedMs > 0 ? (read * 1000) / elapsedMs : 0;
  const parts = [
    `${read.toLocaleString('en-US')}${expected === undefined ? '' : ` of ${expected.toLocaleString('en-US')}`} documents`,
    `${Math.round(perSecond).toLocaleString('en-US')}/s`,
  ];
  if (errors > 0) parts.push(`${errors.toLocaleString('en-US')} errors`);
  if (expected !== undefined && perSecond > 0 && expected > read)
    parts.push(`${timeText((expected - read) / perSecond)} left`);
  return parts.join(', ');
}

function timeText(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  return `${Math.floor(whole / 3600)} h ${Math.floor((whole % 3600) / 60)} min`;
}
