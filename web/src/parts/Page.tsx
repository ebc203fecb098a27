import { type ReactNode, useEffect } from 'react';
import './page.css';

/** A view of the console: its title, what can be done in it, and its content. */
export function Page({
  title,
  heading,
  lead,
  actions,
  children,
  fill = false,
}: {
  readonly title: string;
  /** In place of the title where the page shows more than a word. */
  readonly heading?: ReactNode;
  readonly lead?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** As high as the window: its content scrolls, not the page. */
  readonly fill?: boolean;
}): ReactNode {
  useEffect(() => {
    document.title = `${title} · Keyway`;
  }, [title]);
  return (
    <div className={fill ? 'page fill' : 'page'}>
      <header className="page-head">
        <div className="grow">
          <h1 tabIndex={-1}>{heading ?? title}</h1>
          {lead !== undefined && <p className="page-lead">{lead}</p>}
        </div>
        {actions !== undefined && <div className="row">{actions}</div>}
      </header>
      {children}
    </div>
  );
}
