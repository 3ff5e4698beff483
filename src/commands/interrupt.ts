// Owns what Ctrl-C means: once, stop cleanly; twice, end now.

const interruptedExitCode = 130;

/** Waits for `work`; the first SIGINT or SIGTERM calls `stop`, the second ends the process at once. */
export async function untilInterrupted<Result>(work: Promise<Result>, stop: () => void): Promise<Result> {
  let isStopping = false;
  const onSignal = (): void => {
    if (isStopping) process.exit(interruptedExitCode);
    isStopping = true;
    stop();
  };
  process.on('SIGINT', onSignal);
  process.on('SIGTERM', onSignal);
  try {
    return await work;
  } finally {
    process.off('SIGINT', onSignal);
    process.off('SIGTERM', onSignal);
  }
}

/** Resolves when somebody asks the process to end. */
export function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve());
    process.once('SIGTERM', () => resolve());
  });
}
