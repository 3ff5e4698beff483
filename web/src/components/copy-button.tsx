import { type ReactElement, useState } from 'react';
import { Button } from './button.tsx';

const thanksMs = 2000;

/** Copies a text and says so. */
export function CopyButton({ text, label = 'Copy' }: { readonly text: string; readonly label?: string }): ReactElement {
  const [outcome, setOutcome] = useState<'' | 'Copied' | 'Not copied'>('');
  const copy = async (): Promise<void> => {
    const isCopied = await navigator.clipboard.writeText(text).then(
      () => true,
      () => false,
    );
    setOutcome(isCopied ? 'Copied' : 'Not copied');
    setTimeout(() => setOutcome(''), thanksMs);
  };
  return (
    <Button icon={outcome === 'Copied' ? 'check' : 'copy'} onClick={copy}>
      <span aria-live="polite">{outcome === '' ? label : outcome}</span>
    </Button>
  );
}
