// Owns the few line icons of the page. They are decoration: the words beside them carry the meaning.
import type { ReactElement } from 'react';

const paths = {
  home: 'M4 11.5 12 5l8 6.5M6.5 10v9h11v-9M10 19v-5h4v5',
  designer: 'M4 6h6v5H4zM14 13h6v5h-6zM10 8.5h3.5a3 3 0 0 1 3 3V13',
  runs: 'M4 12h3l2.5-6 4 12 2.5-6h4',
  accounts: 'M8 15a4 4 0 1 1 3.9-5H20v4h-3v-2h-2v2h-3.1A4 4 0 0 1 8 15zM8 11h.01',
  catalog: 'M5 5h5v5H5zM14 5h5v5h-5zM5 14h5v5H5zM14 14h5v5h-5z',
  schedules: 'M12 21a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 9v4l2.5 2M9 3h6',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 3v2M12 19v2M4.9 4.9l1.4 1.4M17.7 17.7l1.4 1.4M3 12h2M19 12h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4',
  moon: 'M19 14.5A7.5 7.5 0 0 1 9.5 5 7.5 7.5 0 1 0 19 14.5z',
  system: 'M4 5h16v11H4zM9 20h6M12 16v4',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  alert: 'M12 4 3 19.5h18zM12 10v4.5M12 17h.01',
  close: 'M6 6l12 12M18 6 6 18',
  plus: 'M12 5v14M5 12h14',
  play: 'M8 5.5v13l10-6.5z',
  stop: 'M7 7h10v10H7z',
  copy: 'M9 9h10v10H9zM5 15V5h10',
  download: 'M12 4v11M7 11l5 5 5-5M5 20h14',
  search: 'M11 17a6 6 0 1 0 0-12 6 6 0 0 0 0 12zM15.5 15.5 20 20',
  chevron: 'm9 6 6 6-6 6',
  refresh: 'M19 12a7 7 0 1 1-2.2-5.1M19 4v4h-4',
  trash: 'M5 7h14M9 7V4.5h6V7M7 7l1 12.5h8L17 7',
  up: 'm6 14 6-6 6 6',
  down: 'm6 10 6 6 6-6',
  key: 'M8 15a4 4 0 1 1 3.9-5H20v4h-3v-2h-2v2h-3.1A4 4 0 0 1 8 15z',
  keyboard: 'M4 7h16v11H4zM7.5 10.5h.01M12 10.5h.01M16.5 10.5h.01M8 14.5h8',
  signOut: 'M14 5H6v14h8M11 12h9M17 9l3 3-3 3',
} as const;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 20 }: { readonly name: IconName; readonly size?: number }): ReactElement {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={paths[name]} />
    </svg>
  );
}
