import { Fragment, type ReactElement } from 'react';
import { type Guidance, guidanceOf } from '../guidance.ts';
import { Link } from '../router.tsx';

/** Words of the host as text, with links to the pages where its advice is followed. */
export function Guided({ text }: { readonly text: string }): ReactElement {
  const places: (readonly [number, Guidance])[] = guidanceOf(text).map((part, at) => [at, part]);
  return (
    <>
      {places.map(([at, part]) =>
        typeof part === 'string' ? (
          <Fragment key={at}>{part}</Fragment>
        ) : (
          <Link key={at} to={part.to}>
            {part.words}
          </Link>
        ),
      )}
    </>
  );
}
