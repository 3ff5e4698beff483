import { type ReactElement, type ReactNode, useEffect, useRef } from 'react';

interface PageProps {
  readonly title: string;
  readonly description?: string;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** The designer takes the whole width. */
  readonly isWide?: boolean;
}

/** One page: its heading, what can be done, its content. The heading takes the focus when the page is entered. */
export function Page({ title, description, actions, children, isWide = false }: PageProps): ReactElement {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · snaps`;
  }, [title]);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <div className={isWide ? 'page page-wide' : 'page'}>
      <header className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {description === undefined ? null : <p className="page-description">{description}</p>}
        </div>
        {actions === undefined || actions === null ? null : <div className="page-actions">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
