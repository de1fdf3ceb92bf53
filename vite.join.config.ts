import { defineConfig, mergeConfig } from 'vite';
import pages from './vite.config.ts';

/**
 * The student's page, built apart from the others: a phone is sent nothing that only a console uses, not even of the
 * libraries that both have. Built after them, into the same folder.
 */
export default mergeConfig(
  pages,
  defineConfig({ build: { emptyOutDir: false, rolldownOptions: { input: 'client/join.html' } } }),
);
