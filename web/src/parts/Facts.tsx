import type { ReactNode } from 'react';
import './facts.css';

/** What is known of a thing: names with values. */
export function Facts({ children }: { readonly children: ReactNode }): ReactNode {
  return <dl className="facts">{children}</dl>;
}

export function Fact({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactNode {
  return (
    <div className="fact">
      <dt>{label}</dt>
      <dd>
        {children === null || children === undefined || children === '' ? <span className="soft">–</span> : children}
      </dd>
    </div>
  );
}
