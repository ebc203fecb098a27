import type { ReactNode } from 'react';

export function FormFault({ text }: { readonly text: string | undefined }): ReactNode {
  return <div role="alert">{text !== undefined && <p className="form-fault">{text}</p>}</div>;
}
