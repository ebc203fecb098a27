import { Dialog } from '@base-ui/react/dialog';
import { type ReactNode, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './Icon.tsx';

/** A window above the page; Escape and a click beside it close it. */
export function Dialogue({
  title,
  open,
  onClose,
  foot,
  wide = false,
  children,
}: {
  readonly title: string;
  readonly open: boolean;
  readonly onClose: () => void;
  /** Buttons at its lower edge. */
  readonly foot?: ReactNode;
  readonly wide?: boolean;
  readonly children: ReactNode;
}): ReactNode {
  const { t } = useTranslation();
  const popup = useRef<HTMLDivElement>(null);
  // What a person came for has the focus, not the way out; where there is no field, the window's own choice holds.
  const firstField = () =>
    popup.current?.querySelector<HTMLElement>('.dialogue-body :is(input, select, textarea):not(:disabled)') ?? true;
  return (
    <Dialog.Root open={open} onOpenChange={(isOpen) => !isOpen && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="backdrop" />
        <Dialog.Popup className={wide ? 'dialogue wide' : 'dialogue'} ref={popup} initialFocus={firstField}>
          <div className="dialogue-head">
            <Dialog.Title>{title}</Dialog.Title>
            <Dialog.Close className="button plain square" aria-label={t('part.close')}>
              <Icon name="close" />
            </Dialog.Close>
          </div>
          <div className="dialogue-body">{children}</div>
          {foot !== undefined && <div className="dialogue-foot">{foot}</div>}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  );
}
