import { Toast } from '@base-ui/react/toast';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Icon } from './Icon.tsx';
import { toastManager } from './toasts.ts';

export function Toasts(): ReactNode {
  return (
    <Toast.Provider toastManager={toastManager} limit={4}>
      <Toast.Portal>
        <Toast.Viewport className="toasts">
          <List />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function List(): ReactNode {
  const { t } = useTranslation();
  const { toasts } = Toast.useToastManager();
  return toasts.map((toast) => (
    <Toast.Root key={toast.id} toast={toast} className="toast" swipeDirection={[]}>
      <Toast.Title className="toast-text" render={<p />} />
      {toast.actionProps !== undefined && <Toast.Action className="button small" />}
      <Toast.Close className="button plain small square" aria-label={t('part.close')}>
        <Icon name="close" />
      </Toast.Close>
    </Toast.Root>
  ));
}
