// Owns the button: one look for each weight, and no second press while the first is under way.
import { type ButtonHTMLAttributes, type ReactElement, useState } from 'react';
import { Icon, type IconName } from './icon.tsx';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'onClick'> {
  readonly kind?: 'primary' | 'plain' | 'quiet' | 'danger';
  readonly icon?: IconName;
  /** A promise keeps the button busy until it has settled. It must not reject: show the failure where it belongs. */
  readonly onClick?: () => void | Promise<void>;
}

export function Button({ kind = 'plain', icon, onClick, children, disabled, ...rest }: ButtonProps): ReactElement {
  const [isBusy, setBusy] = useState(false);
  const press = (): void => {
    const work = onClick?.();
    if (work === undefined) return;
    setBusy(true);
    void work.finally(() => setBusy(false));
  };
  return (
    <button
      type="button"
      {...rest}
      className={`button button-${kind} ${rest.className ?? ''}`}
      disabled={disabled || isBusy}
      aria-busy={isBusy || undefined}
      onClick={press}
    >
      {icon === undefined ? null : <Icon name={icon} size={18} />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<ButtonProps, 'children' | 'icon'> {
  readonly icon: IconName;
  /** What it does, for screen readers and as a tooltip. */
  readonly label: string;
}

export function IconButton({ icon, label, className, ...rest }: IconButtonProps): ReactElement {
  return (
    <Button
      kind="quiet"
      {...rest}
      className={`icon-button ${className ?? ''}`}
      icon={icon}
      aria-label={label}
      title={label}
    />
  );
}
