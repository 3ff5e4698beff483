// Owns core.log: tells about documents that pass, and changes nothing.
import type { SnapContext, SnapExecutor } from '../snap/executor.ts';

interface LogSettings {
  readonly message?: string;
  readonly documentsMax?: number;
}

const documentsMaxDefault = 100;
const lineCharactersMax = 2_000;

export function createLog(log: (line: string) => void): SnapExecutor {
  return {
    async run(context: SnapContext): Promise<void> {
      const { message, documentsMax = documentsMaxDefault } = context.settings as LogSettings;
      const expression = message === undefined ? undefined : context.expression(message);
      let told = 0;
      for await (const batch of context.input()) {
        for (const document of batch.slice(0, Math.max(documentsMax - told, 0))) {
          told += 1;
          const text = expression === undefined ? document.json : await expression(document);
          // JSON spelling keeps terminal escape codes of a record from reaching a terminal.
          const line = typeof text === 'string' && expression === undefined ? text : JSON.stringify(text ?? null);
          log(`${context.snapId}: ${line.slice(0, lineCharactersMax)}`);
        }
        await context.emit(batch);
      }
    },
  };
}
