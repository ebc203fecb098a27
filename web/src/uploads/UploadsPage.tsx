import type { ReactNode } from 'react';
import { Loading } from '../parts/States.tsx';

export function UploadsPage(): ReactNode {
  return <Loading />;
}
