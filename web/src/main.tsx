import { CSPProvider } from '@base-ui/react/csp-provider';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './api/queries.ts';
import { startLanguage } from './language/language.ts';
import { router } from './router.tsx';
import { applyTheme, storedTheme } from './shell/theme.ts';
import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/severity.css';

applyTheme(storedTheme());
const place = document.getElementById('root');
if (place !== null) {
  await startLanguage();
  createRoot(place).render(
    <StrictMode>
      <CSPProvider disableStyleElements>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
        </QueryClientProvider>
      </CSPProvider>
    </StrictMode>,
  );
}
