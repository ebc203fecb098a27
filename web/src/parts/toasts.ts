import { Toast } from '@base-ui/react/toast';

export const toastManager = Toast.createToastManager();

/** Says that something was done; `undo` takes it back. */
export function say(title: string, act?: { readonly label: string; readonly run: () => void }): void {
  toastManager.add({
    title,
    timeout: act === undefined ? 5000 : 12_000,
    ...(act === undefined ? {} : { actionProps: { children: act.label, onClick: act.run } }),
  });
}

export function sayFault(title: string): void {
  toastManager.add({ title, type: 'fault', timeout: 10_000, priority: 'high' });
}
