import { type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, useId } from 'react';

interface Words {
  readonly label: string;
  readonly help?: ReactNode;
  readonly fault?: string | undefined;
}

type InputProps = Words & InputHTMLAttributes<HTMLInputElement>;

/** A line of text with its label, what to know about it, and what is wrong with it. */
export function TextField({ label, help, fault, ...input }: InputProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <input
        {...input}
        id={id}
        aria-invalid={fault !== undefined}
        aria-describedby={`${id}-help`}
        spellCheck={input.spellCheck ?? false}
      />
      <div id={`${id}-help`}>
        {help !== undefined && <p className="field-help">{help}</p>}
        {fault !== undefined && <p className="field-fault">{fault}</p>}
      </div>
    </div>
  );
}

type SelectProps = Words & SelectHTMLAttributes<HTMLSelectElement> & { readonly children: ReactNode };

export function SelectField({ label, help, fault, children, ...select }: SelectProps): ReactNode {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select {...select} id={id} aria-describedby={`${id}-help`}>
        {children}
      </select>
      <div id={`${id}-help`}>
        {help !== undefined && <p className="field-help">{help}</p>}
        {fault !== undefined && <p className="field-fault">{fault}</p>}
      </div>
    </div>
  );
}
